/**
 * The encrypted stream of a repository: a subkey wrapped under the master key, then segments
 * `nonce(12) || AES-256-GCM-SIV ciphertext || tag(16)` under the subkey.
 *
 * Neither the order nor the number of segments is authenticated here: the MAC of the content is.
 */

import { createCipheriv, createDecipheriv } from "node:crypto";
import { PlakarError } from "../lib/errors.ts";
import { unwrapKey, WRAP_OVERHEAD, wrapKey } from "./aes_key_wrap.ts";
import { NONCE_BYTES, openGcmSiv, sealGcmSiv, TAG_BYTES } from "./aes_gcm_siv.ts";

const KEY_BYTES = 32;
const SEGMENT_OVERHEAD = NONCE_BYTES + TAG_BYTES;

/** How subkeys are wrapped and segments are cut. */
export interface EncryptedStreamOptions {
  /** How a subkey is wrapped, "AES256-KW" or "AES256-GCM". */
  readonly subkeyAlgorithm: string;
  /** Plaintext bytes of a full segment. */
  readonly segmentSize: number;
  /**
   * Where subkeys and nonces come from.
   *
   * @param n how many bytes
   * @returns n random bytes of the caller's own
   */
  readonly random: (n: number) => Uint8Array;
}

function sealSubkey(masterKey: Uint8Array, nonce: Uint8Array, subkey: Uint8Array): Uint8Array {
  const cipher = createCipheriv("aes-256-gcm", masterKey, nonce);
  const out = new Uint8Array(SEGMENT_OVERHEAD + KEY_BYTES);
  out.set(nonce);
  out.set(cipher.update(subkey), NONCE_BYTES);
  cipher.final();
  out.set(cipher.getAuthTag(), NONCE_BYTES + KEY_BYTES);
  return out;
}

function openSubkey(masterKey: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  try {
    const decipher = createDecipheriv("aes-256-gcm", masterKey, sealed.subarray(0, NONCE_BYTES));
    decipher.setAuthTag(sealed.subarray(NONCE_BYTES + KEY_BYTES));
    const key = new Uint8Array(decipher.update(sealed.subarray(NONCE_BYTES, NONCE_BYTES + KEY_BYTES)));
    decipher.final();
    return key;
  } catch {
    return undefined;
  }
}

function corrupt(what: string): PlakarError {
  return new PlakarError("corrupt", `Cannot decrypt: ${what}`);
}

/** Encrypts and decrypts under one master key. */
export class EncryptedStream {
  readonly #masterKey: Uint8Array;
  readonly #wrapped: number;
  readonly #segmentSize: number;
  readonly #random: (n: number) => Uint8Array;

  /**
   * Encrypts under a master key.
   *
   * @param masterKey 32 bytes
   * @param options how subkeys are wrapped and segments are cut
   */
  constructor(masterKey: Uint8Array, options: EncryptedStreamOptions) {
    const { subkeyAlgorithm, segmentSize } = options;
    if (masterKey.length !== KEY_BYTES) {
      throw new PlakarError(
        "unsupported",
        `Cannot use a master key of ${masterKey.length} bytes: it takes 32`,
      );
    }
    if (subkeyAlgorithm !== "AES256-KW" && subkeyAlgorithm !== "AES256-GCM") {
      throw new PlakarError("unsupported", `Cannot wrap subkeys with "${subkeyAlgorithm}": it is not known`);
    }
    if (!Number.isSafeInteger(segmentSize) || segmentSize < 1) {
      throw new PlakarError("unsupported", `Cannot encrypt segments of ${segmentSize} bytes`);
    }
    this.#masterKey = masterKey.slice();
    this.#wrapped = KEY_BYTES + (subkeyAlgorithm === "AES256-KW" ? WRAP_OVERHEAD : SEGMENT_OVERHEAD);
    this.#segmentSize = segmentSize;
    this.#random = options.random;
  }

  /**
   * Encrypts under a new random subkey.
   *
   * @param plain any number of bytes
   * @returns the encrypted stream in a new array
   */
  encrypt(plain: Uint8Array): Uint8Array {
    const size = this.#segmentSize;
    const segments = Math.ceil(plain.length / size);
    const out = new Uint8Array(this.#wrapped + plain.length + SEGMENT_OVERHEAD * segments);
    const subkey = this.#random(KEY_BYTES);
    out.set(
      this.#wrapped === KEY_BYTES + WRAP_OVERHEAD
        ? wrapKey(this.#masterKey, subkey)
        : sealSubkey(this.#masterKey, this.#random(NONCE_BYTES), subkey),
    );
    let to = this.#wrapped;
    for (let at = 0; at < plain.length; at += size) {
      const nonce = this.#random(NONCE_BYTES);
      const sealed = sealGcmSiv(subkey, nonce, plain.subarray(at, at + size));
      out.set(nonce, to);
      out.set(sealed, to + NONCE_BYTES);
      to += NONCE_BYTES + sealed.length;
    }
    return out;
  }

  /**
   * Decrypts what was encrypted under the same master key.
   *
   * @param encoded a whole encrypted stream
   * @param maxLength the most bytes the caller expects
   * @returns the plaintext in a new array
   * @throws {PlakarError} "corrupt" if it is damaged, was made under another key, or is longer than expected
   */
  decrypt(encoded: Uint8Array, maxLength: number): Uint8Array {
    const body = encoded.length - this.#wrapped;
    if (body < 0) {
      throw corrupt(`it has ${encoded.length} bytes, the wrapped key alone takes ${this.#wrapped}`);
    }
    const full = this.#segmentSize + SEGMENT_OVERHEAD;
    const segments = Math.ceil(body / full);
    const length = body - segments * SEGMENT_OVERHEAD;
    if (length > maxLength) throw corrupt(`it holds ${length} bytes, at most ${maxLength} are expected`);
    const head = encoded.subarray(0, this.#wrapped);
    const subkey = this.#wrapped === KEY_BYTES + WRAP_OVERHEAD
      ? unwrapKey(this.#masterKey, head)
      : openSubkey(this.#masterKey, head);
    if (subkey === undefined) throw corrupt("its key is damaged or was wrapped under another one");
    if (body > 0 && body - (segments - 1) * full <= SEGMENT_OVERHEAD) throw corrupt("it was cut off");
    const out = new Uint8Array(length);
    for (let i = 0; i < segments; i++) {
      const segment = encoded.subarray(this.#wrapped + i * full, this.#wrapped + (i + 1) * full);
      const plain = openGcmSiv(subkey, segment.subarray(0, NONCE_BYTES), segment.subarray(NONCE_BYTES));
      if (plain === undefined) throw corrupt(`segment ${i} of ${segments} is damaged`);
      out.set(plain, i * this.#segmentSize);
    }
    return out;
  }
}
