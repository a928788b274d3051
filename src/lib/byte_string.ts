/**
 * Names, paths and symlink targets as bytes.
 *
 * A file name on a server is a string of bytes in no particular encoding. {@linkcode ByteString} keeps those
 * bytes in a JavaScript string, one code unit (0 to 255) a byte: such strings are compact in memory, are keys
 * of maps, and `<` compares them bytewise, which is the order of the Kloset format. Text exists only at the
 * edges: {@linkcode fromText} where a person typed it, {@linkcode toText} where a person reads it.
 */

import { Buffer } from "node:buffer";

/** Bytes, one per code unit. */
export type ByteString = string & {
  /** Only in the type: keeps text from being taken for bytes. */
  readonly __bytes: never;
};

const SHORT_STRING = 256;

/** The path `/`. */
export const ROOT = "/" as ByteString;

/**
 * The bytes as a byte string.
 *
 * @param bytes any bytes
 * @returns the same bytes, one per code unit
 */
export function fromBytes(bytes: Uint8Array): ByteString {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1") as ByteString;
}

/**
 * The bytes of a byte string.
 *
 * @param string the byte string
 * @returns a new array of its bytes
 */
export function toBytes(string: ByteString): Uint8Array {
  return Buffer.from(string, "latin1");
}

/**
 * Writes the bytes of a byte string.
 *
 * @param string the byte string
 * @param to where they go
 * @param at where they begin there
 */
export function writeBytes(string: ByteString, to: Uint8Array, at: number): void {
  const { length } = string;
  // Up to here, a loop is faster than a call into the runtime.
  if (length > SHORT_STRING) Buffer.from(to.buffer, to.byteOffset + at, length).write(string, "latin1");
  else for (let i = 0; i < length; i++) to[at + i] = string.charCodeAt(i);
}

/**
 * The UTF-8 bytes of text that a person or a configuration file gave.
 *
 * @param text ordinary text
 * @returns its UTF-8 bytes
 */
export function fromText(text: string): ByteString {
  // Most names are ASCII, where text and bytes are the same string.
  // deno-lint-ignore no-control-regex
  if (/^[\x00-\x7f]*$/.test(text)) return text as ByteString;
  return Buffer.from(text, "utf8").toString("latin1") as ByteString;
}

/**
 * The text of a byte string, where it is valid UTF-8.
 *
 * @param string the byte string
 * @returns the text, or `undefined` if the bytes are not UTF-8
 */
export function toText(string: ByteString): string | undefined {
  // deno-lint-ignore no-control-regex
  if (/^[\x00-\x7f]*$/.test(string)) return string;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(toBytes(string));
  } catch {
    return undefined;
  }
}

/**
 * The byte string as something safe to show on a terminal or in a message: UTF-8 where it is UTF-8, with
 * control characters and stray bytes as `\xNN`.
 *
 * @param string the byte string
 * @returns printable text
 */
export function display(string: ByteString): string {
  const text = toText(string);
  const escape = (c: string) => "\\x" + c.charCodeAt(0).toString(16).padStart(2, "0");
  // deno-lint-ignore no-control-regex
  if (text !== undefined) return text.replaceAll(/[\x00-\x1f\x7f-\x9f]/g, escape);
  // deno-lint-ignore no-control-regex
  return string.replaceAll(/[\x00-\x1f\x7f-\xff]/g, escape);
}
