/** AES-256-GCM-SIV, RFC 8452, without additional data. */

import { gcmsiv } from "@noble/ciphers/aes.js";

/** Bytes of a nonce. */
export const NONCE_BYTES = 12;
/** Bytes of the tag behind the ciphertext. */
export const TAG_BYTES = 16;

/**
 * Encrypts and authenticates.
 *
 * @param key 32 bytes
 * @param nonce 12 bytes
 * @param plain any number of bytes
 * @returns the ciphertext, as long as the plaintext, and its tag of 16 bytes
 */
export function sealGcmSiv(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array): Uint8Array {
  return gcmsiv(key, nonce).encrypt(plain);
}

/**
 * Decrypts what {@linkcode sealGcmSiv} made.
 *
 * @param key 32 bytes
 * @param nonce 12 bytes
 * @param sealed ciphertext and tag
 * @returns the plaintext, or undefined if the tag is not the right one
 */
export function openGcmSiv(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  try {
    return gcmsiv(key, nonce).decrypt(sealed);
  } catch {
    return undefined;
  }
}
