/** The golden vectors of hashing, encryption and compression. */

import { readFileSync } from "node:fs";
import { fromHex } from "../../src/lib/bytes.ts";

interface RepositoryVectors {
  plain_mac_key_blake3: string;
  plain_mac_key_sha256: string;
  plain_mac_hello_blake3: string;
  plain_mac_hello_sha256: string;
  plain_mac_empty_blake3: string;
  encrypted_mac_hello_blake3: string;
  lz4_abc100_writerto: string;
  lz4_empty_readfrom: string;
  lz4_empty_writerto: string;
  lz4_hello_writerto: string;
  state_plain_lz4: { file: string; stream: string };
  encryption: {
    passphrase: string;
    salt: string;
    master_key: string;
    subkey: string;
    nonce: string;
    canary_plain: string;
    canary: string;
    wrapped_subkey: string;
    encoded_blob_hello_lz4_encrypted: string;
    empty_plaintext_encrypted: string;
    two_segments: { nonces: string[]; length: number; sha256: string };
  };
}

/** The vectors of `repository.json`. */
export const vectors: RepositoryVectors = JSON.parse(
  readFileSync(new URL("../vectors/repository.json", import.meta.url), "utf8"),
);

/** A source of "random" bytes that gives these values one after another. */
export function scripted(...hex: string[]): (n: number) => Uint8Array {
  const values = hex.map(fromHex);
  return (n) => {
    const value = values.shift();
    if (value?.length !== n) throw new Error(`No scripted value of ${n} bytes is left`);
    return value;
  };
}

/** Bytes that look random and compress badly, the same for the same seed. */
export function noise(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed | 0;
  for (let i = 0; i < length; i++) {
    state = Math.imul(state, 1664525) + 1013904223 | 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** Bytes that compress well: phrases repeated at uneven distances. */
export function prose(length: number, seed = 1): Uint8Array {
  const words = ["snapshot", " of ", "kloset", "\n", "the ", "packfile ", "state", ", ", "0123456789", "a"]
    .map((word) => new TextEncoder().encode(word));
  const picks = noise(length, seed);
  const bytes = new Uint8Array(length);
  for (let at = 0, i = 0; at < length; i++) {
    const word = words[picks[i] % words.length].subarray(0, length - at);
    bytes.set(word, at);
    at += word.length;
  }
  return bytes;
}
