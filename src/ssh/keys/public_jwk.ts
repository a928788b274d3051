/** Public keys as JSON Web Keys, the form in which numbers of any length are not misread. */

import { Buffer } from "node:buffer";
import type { JsonWebKey } from "node:crypto";
import { PlakarError } from "../../lib/errors.ts";
import { WireReader } from "../wire.ts";
import type { PublicKey } from "./public_key.ts";

/** A curve of SSH. */
export interface Curve {
  /** Its name in SSH. */
  name: string;
  /** Its name in a JSON Web Key. */
  curve: string;
  /** How long its numbers are. */
  bytes: number;
  /** The hash that is signed. */
  hash: string;
}

const P256: Curve = { name: "nistp256", curve: "P-256", bytes: 32, hash: "sha256" };

/** The curves by key type. */
export const CURVES: Readonly<Record<string, Curve>> = {
  "ecdsa-sha2-nistp256": P256,
  "ecdsa-sha2-nistp384": { name: "nistp384", curve: "P-384", bytes: 48, hash: "sha384" },
  "ecdsa-sha2-nistp521": { name: "nistp521", curve: "P-521", bytes: 66, hash: "sha512" },
  "sk-ecdsa-sha2-nistp256@openssh.com": P256,
};

/**
 * A public key as a JSON Web Key.
 *
 * @param key the key; not a certificate
 * @returns the same key
 * @throws {PlakarError} `unsupported` if its type is not known, `protocol` if it is cut short
 */
export function publicJwkOf({ type, blob }: PublicKey): JsonWebKey {
  const reader = new WireReader(blob);
  reader.string();
  if (type === "ssh-rsa") {
    const e = numberText(reader.string());
    return { kty: "RSA", e, n: numberText(reader.string()) };
  }
  if (type === "ssh-ed25519" || type === "sk-ssh-ed25519@openssh.com") {
    return { kty: "OKP", crv: "Ed25519", x: bytesText(reader.string()) };
  }
  const curve = CURVES[type];
  if (!curve) throw new PlakarError("unsupported", `Cannot use a key of the type "${type}": it is not known`);
  reader.string();
  const point = new WireReader(reader.string());
  point.byte();
  const [x, y] = [point.take(curve.bytes), point.take(curve.bytes)];
  return { kty: "EC", crv: curve.curve, x: bytesText(x), y: bytesText(y) };
}

/**
 * Bytes as a JSON Web Key writes them.
 *
 * @param bytes the bytes
 * @returns Base64 for URLs
 */
export function bytesText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

/**
 * A number as a JSON Web Key writes it.
 *
 * @param number its bytes, most significant first
 * @param length how many bytes are wanted; as few as there can be if omitted
 * @returns Base64 for URLs
 */
export function numberText(number: Uint8Array, length?: number): string {
  let start = 0;
  while (start < number.length && number[start] === 0) start++;
  const digits = number.subarray(start);
  const padded = new Uint8Array(Math.max(length ?? 0, digits.length));
  padded.set(digits, padded.length - digits.length);
  return bytesText(padded);
}
