/**
 * The encrypted stream of a repository: a subkey wrapped under the master key, then segments
 * `nonce(12) || AES-256-GCM-SIV ciphertext || tag(16)` under the subkey.
 *
 * Neither the order nor the number of segments is authenticated here: the MAC of the content is.
 */

import { createCipheriv, createDecipheriv } from "node:crypto";
import { PlakarError } from "../lib/errors.ts";
import { newRoom, type Room } from "../lib/room.ts";
import { KeyWrap, WRAPPED_BYTES } from "./aes_key_wrap.ts";
import { GcmSiv, SEALED_OVERHEAD } from "./aes_gcm_siv.ts";

const KEY_BYTES = 32;
const NONCE_BYTES = 12;

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

/** How subkeys are kept. */
interface SubkeyWrapping {
  readonly length: number;
  wrap(key: Uint8Array, to: Uint8Array): void;
  unwrap(wrapped: Uint8Array): Uint8Array | undefined;
}

/** Wrapping by AES-256-GCM: nonce, ciphertext, tag. */
function gcmWrapping(masterKey: Uint8Array, random: (n: number) => Uint8Array): SubkeyWrapping {
  const end = NONCE_BYTES + KEY_BYTES;
  return {
    length: KEY_BYTES + SEALED_OVERHEAD,
    wrap(key: Uint8Array, to: Uint8Array): void {
      const nonce = random(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", masterKey, nonce);
      to.set(nonce);
      to.set(cipher.update(key), NONCE_BYTES);
      cipher.final();
      to.set(cipher.getAuthTag(), end);
    },
    unwrap(wrapped: Uint8Array): Uint8Array | undefined {
      try {
        const decipher = createDecipheriv("aes-256-gcm", masterKey, wrapped.subarray(0, NONCE_BYTES));
        decipher.setAuthTag(wrapped.subarray(end));
        const key = new Uint8Array(decipher.update(wrapped.subarray(NONCE_BYTES, end)));
        decipher.final();
        return key;
      } catch {
        return undefined;
      }
    },
  };
}

/** Wrapping by AES key wrap. */
function keyWrapping(masterKey: Uint8Array): SubkeyWrapping {
  const keyWrap = new KeyWrap(masterKey);
  return {
    length: WRAPPED_BYTES,
    wrap: (key: Uint8Array, to: Uint8Array): void => keyWrap.wrap(key, to),
    unwrap: (wrapped: Uint8Array): Uint8Array | undefined => keyWrap.unwrap(wrapped),
  };
}

function corrupt(what: string): PlakarError {
  return new PlakarError("corrupt", `Cannot decrypt: ${what}`);
}

/** Encrypts and decrypts under one master key. */
export class EncryptedStream {
  readonly #wrapping: SubkeyWrapping;
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
    this.#wrapping = subkeyAlgorithm === "AES256-KW"
      ? keyWrapping(masterKey)
      : gcmWrapping(masterKey.slice(), options.random);
    this.#segmentSize = segmentSize;
    this.#random = options.random;
  }

  /**
   * Encrypts under a new random subkey.
   *
   * @param plain any number of bytes
   * @param room where the encrypted stream goes, an array of its own if not given
   * @returns the encrypted stream
   */
  encrypt(plain: Uint8Array, room: Room = newRoom): Uint8Array {
    const size = this.#segmentSize;
    const segments = Math.ceil(plain.length / size);
    const out = room(this.#wrapping.length + plain.length + SEALED_OVERHEAD * segments);
    const subkey = this.#random(KEY_BYTES);
    this.#wrapping.wrap(subkey, out);
    const cipher = new GcmSiv(subkey);
    let to = this.#wrapping.length;
    for (let at = 0; at < plain.length; at += size) {
      const segment = segments === 1 ? plain : plain.subarray(at, at + size);
      cipher.seal(this.#random(NONCE_BYTES), segment, out, to);
      to += size + SEALED_OVERHEAD;
    }
    return out;
  }

  /**
   * Decrypts what was encrypted under the same master key.
   *
   * @param encoded a whole encrypted stream
   * @param maxLength the most bytes the caller expects
   * @param room where the plaintext goes, an array of its own if not given
   * @returns the plaintext
   * @throws {PlakarError} "corrupt" if it is damaged, was made under another key, or is longer than expected
   */
  decrypt(encoded: Uint8Array, maxLength: number, room: Room = newRoom): Uint8Array {
    const start = this.#wrapping.length;
    const body = encoded.length - start;
    if (body < 0) throw corrupt(`it has ${encoded.length} bytes, the wrapped key alone takes ${start}`);
    const full = this.#segmentSize + SEALED_OVERHEAD;
    const segments = Math.ceil(body / full);
    const length = body - segments * SEALED_OVERHEAD;
    if (length > maxLength) throw corrupt(`it holds ${length} bytes, at most ${maxLength} are expected`);
    if (body > 0 && body - (segments - 1) * full <= SEALED_OVERHEAD) throw corrupt("it was cut off");
    const subkey = this.#wrapping.unwrap(encoded.subarray(0, start));
    if (subkey === undefined) throw corrupt("its key is damaged or was wrapped under another one");
    const cipher = new GcmSiv(subkey);
    const out = room(length);
    for (let i = 0; i < segments; i++) {
      const sealed = encoded.subarray(start + i * full, start + (i + 1) * full);
      if (!cipher.open(sealed, out.subarray(i * this.#segmentSize))) {
        throw corrupt(`segment ${i} of ${segments} is damaged`);
      }
    }
    return out;
  }
}
