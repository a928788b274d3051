/**
 * AES-256-GCM-SIV, RFC 8452, without additional data.
 *
 * Small messages are the kernel's alone. For larger ones the kernel derives the keys, makes the tag and the
 * counter blocks, and the processor's AES encrypts these through `node:crypto`.
 */

import { createCipheriv } from "node:crypto";
import { type Kernel, useKernel } from "../kernel/kernel.ts";
import { forgotten } from "../lib/garbage.ts";

/** Bytes of a nonce. */
const NONCE_BYTES = 12;
/** Bytes of a tag. */
const TAG_BYTES = 16;
/** What a sealed message is longer than its plaintext: a nonce before it and a tag behind it. */
export const SEALED_OVERHEAD: number = NONCE_BYTES + TAG_BYTES;

const KEY_BYTES = 32;
const BLOCK_BYTES = 16;
/** From how many bytes on a call of `node:crypto` is worth its while. */
const NATIVE_FROM = 4096;

/** Arrays of few different sizes take each other's places in memory; of any size, they leave holes. */
const ROUNDED_TO = 4096;

/** Whose key is in the kernel. */
let resident: GcmSiv | undefined;

/** Seals and opens messages under one key. */
export class GcmSiv {
  readonly #kernel: Kernel = useKernel();
  readonly #key: Uint8Array;
  readonly #segment: number;
  readonly #pieceBytes: number;

  /**
   * Seals and opens under a key.
   *
   * @param key 32 bytes, which must stay as they are
   */
  constructor(key: Uint8Array) {
    this.#key = key;
    this.#segment = this.#kernel.at.SEGMENT;
    this.#pieceBytes = this.#kernel.at.SEGMENT_BYTES;
  }

  #enter(): void {
    if (resident === this) return;
    this.#kernel.memory.set(this.#key, this.#kernel.at.SUBKEY);
    this.#kernel.run.setSubkey();
    resident = this;
  }

  /**
   * Encrypts and authenticates.
   *
   * @param nonce 12 bytes, never used before with this key
   * @param plain any number of bytes
   * @param to where nonce, ciphertext and tag go: 28 bytes more than the plaintext
   * @param offset where in there
   */
  seal(nonce: Uint8Array, plain: Uint8Array, to: Uint8Array, offset: number): void {
    this.#enter();
    const { memory, run } = this.#kernel;
    memory.set(nonce, this.#kernel.at.NONCE);
    if (plain.length < NATIVE_FROM) {
      run.seal(this.#kernel.bring(plain), plain.length, this.#segment);
      to.set(memory.subarray(this.#segment, this.#segment + plain.length + SEALED_OVERHEAD), offset);
      return;
    }
    run.begin();
    this.#kernel.bringAll(plain, run.absorb);
    run.finishSeal(plain.length);
    const tag = this.#kernel.at.TAG;
    to.set(nonce, offset);
    this.#cipher(plain, to.subarray(offset + NONCE_BYTES));
    to.set(memory.subarray(tag, tag + TAG_BYTES), offset + NONCE_BYTES + plain.length);
  }

  /**
   * Decrypts and verifies.
   *
   * @param sealed nonce, ciphertext and tag
   * @param to where the plaintext goes: 28 bytes fewer; of no meaning if the tag is wrong
   * @returns whether the tag is the right one
   */
  open(sealed: Uint8Array, to: Uint8Array): boolean {
    this.#enter();
    const { memory, run } = this.#kernel;
    const length = sealed.length - SEALED_OVERHEAD;
    if (length < 0) return false;
    if (length < NATIVE_FROM) {
      const right = run.open(this.#kernel.bring(sealed), length, this.#segment) !== 0;
      to.set(memory.subarray(this.#segment, this.#segment + length));
      return right;
    }
    memory.set(sealed.subarray(0, NONCE_BYTES), this.#kernel.at.NONCE);
    memory.set(sealed.subarray(NONCE_BYTES + length), this.#kernel.at.TAG);
    run.begin();
    this.#cipher(sealed.subarray(NONCE_BYTES, NONCE_BYTES + length), to);
    this.#kernel.bringAll(to.subarray(0, length), run.absorb);
    return run.finishOpen(length) !== 0;
  }

  /** Adds the key stream of the message begun, under the tag at TAG. */
  #cipher(from: Uint8Array, to: Uint8Array): void {
    const { memory, run } = this.#kernel;
    const key = this.#kernel.at.MESSAGE_KEY;
    const aes = createCipheriv("aes-256-ecb", memory.slice(key, key + KEY_BYTES), null);
    aes.setAutoPadding(false);
    for (let at = 0; at < from.length; at += this.#pieceBytes) {
      const piece = from.subarray(at, at + this.#pieceBytes);
      const blocks = Math.ceil(piece.length / ROUNDED_TO) * (ROUNDED_TO / BLOCK_BYTES);
      run.counters(at / BLOCK_BYTES, blocks);
      memory.set(
        aes.update(memory.subarray(this.#segment, this.#segment + blocks * BLOCK_BYTES)),
        this.#segment,
      );
      run.mix(this.#segment, this.#kernel.bring(piece), piece.length);
      to.set(memory.subarray(this.#segment, this.#segment + piece.length), at);
    }
    // The runtime keeps a cipher until it is ended, copies what it is given, and gives new arrays.
    aes.final();
    forgotten(2 * from.length);
  }
}
