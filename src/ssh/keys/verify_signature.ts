/** Checks SSH signatures. */

import { createHash, createPublicKey, verify } from "node:crypto";
import { WireReader, WireWriter } from "../wire.ts";
import { CURVES, publicJwkOf } from "./public_jwk.ts";
import type { PublicKey } from "./public_key.ts";

const RSA_HASHES: Readonly<Record<string, string>> = {
  "rsa-sha2-256": "sha256",
  "rsa-sha2-512": "sha512",
  "ssh-rsa": "sha1",
};

/**
 * Whether a signature is one of a key over data. Whether its algorithm is good enough is for the caller to say.
 *
 * @param key the key
 * @param signature the signature blob: algorithm and signature
 * @param data what is signed
 * @returns true if it is
 */
export function isSignedBy(key: PublicKey, signature: Uint8Array, data: Uint8Array): boolean {
  try {
    const reader = new WireReader(signature);
    const algorithm = reader.text();
    const value = reader.string();
    // A token signs its application, a byte of flags, a counter and the hash of the data (PROTOCOL.u2f).
    const message = key.type.startsWith("sk-")
      ? new WireWriter().raw(sha256(applicationOf(key))).raw(reader.take(5)).raw(sha256(data)).bytes()
      : data;
    if (reader.remaining > 0) return false;
    const hash = hashOf(key.type, algorithm);
    if (hash === undefined) return false;
    const publicKey = createPublicKey({ key: publicJwkOf(key), format: "jwk" });
    const curve = CURVES[key.type];
    if (!curve) return verify(hash, message, publicKey, value);
    const numbers = fixedLength(value, curve.bytes);
    return verify(hash, message, { key: publicKey, dsaEncoding: "ieee-p1363" }, numbers);
  } catch {
    return false;
  }
}

/**
 * The algorithm a signature says it was made with.
 *
 * @param signature the signature blob
 * @returns the name
 */
export function signatureAlgorithmIn(signature: Uint8Array): string {
  return new WireReader(signature).text();
}

/** The hash a signature is made over; `null` where the algorithm has its own, `undefined` if they do not go together. */
function hashOf(type: string, algorithm: string): string | null | undefined {
  if (type === "ssh-rsa") return RSA_HASHES[algorithm];
  if (type !== algorithm) return undefined;
  return type === "ssh-ed25519" || type === "sk-ssh-ed25519@openssh.com" ? null : CURVES[type]?.hash;
}

/** The last field of a token's key. */
function applicationOf({ type, blob }: PublicKey): Uint8Array {
  const reader = new WireReader(blob);
  for (let i = type.includes("ecdsa") ? 3 : 2; i > 0; i--) reader.string();
  return reader.string();
}

/** The two numbers of an elliptic-curve signature, each with as many bytes as the curve has. */
function fixedLength(value: Uint8Array, bytes: number): Uint8Array {
  const reader = new WireReader(value);
  const result = new Uint8Array(2 * bytes);
  for (const end of [bytes, 2 * bytes]) {
    const number = reader.string();
    const digits = number[0] === 0 ? number.subarray(1) : number;
    result.set(digits, end - digits.length);
  }
  return result;
}

function sha256(data: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(data).digest());
}
