/** Small operations on byte arrays. */

import { Buffer } from "node:buffer";

/** Thirty-two zero bytes: the MAC of nothing. */
export const ZERO_MAC: Uint8Array = new Uint8Array(32);

/**
 * The arrays one after another in a new array.
 *
 * @param parts the arrays
 * @returns their concatenation
 */
export function concat(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * Whether two arrays hold the same bytes.
 *
 * @param a one array
 * @param b another array
 * @returns true if they do
 */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/**
 * Lower-case hexadecimal digits of the bytes.
 *
 * @param bytes any bytes
 * @returns two digits a byte
 */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

/**
 * The bytes that hexadecimal digits stand for.
 *
 * @param hex an even number of hexadecimal digits
 * @returns the bytes
 * @throws {TypeError} if it is not hexadecimal
 */
export function fromHex(hex: string): Uint8Array {
  if (hex.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(hex)) throw new TypeError(`Not hexadecimal: "${hex}"`);
  return new Uint8Array(Buffer.from(hex, "hex"));
}

/**
 * A view of the bytes for reading and writing integers.
 *
 * @param bytes any bytes
 * @returns a view of exactly these bytes
 */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
