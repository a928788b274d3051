/** AES-256 key wrap, RFC 3394, with the default initial value. */

import { aeskw } from "@noble/ciphers/aes.js";

/** Bytes a wrapped key is longer than the key. */
export const WRAP_OVERHEAD = 8;

/**
 * Wraps a key.
 *
 * @param kek the key to wrap under, 32 bytes
 * @param key the key to wrap, a multiple of 8 bytes
 * @returns the wrapped key, 8 bytes longer
 */
export function wrapKey(kek: Uint8Array, key: Uint8Array): Uint8Array {
  return aeskw(kek).encrypt(key);
}

/**
 * Unwraps what {@linkcode wrapKey} made.
 *
 * @param kek the key it was wrapped under
 * @param wrapped the wrapped key
 * @returns the key, or undefined if it was wrapped under another one or is damaged
 */
export function unwrapKey(kek: Uint8Array, wrapped: Uint8Array): Uint8Array | undefined {
  try {
    return aeskw(kek).decrypt(wrapped);
  } catch {
    return undefined;
  }
}
