/** Random bytes and numbers that are the same in every run with the same seed. */

import { createCipheriv, createHash } from "node:crypto";

const BUFFER_SIZE = 1 << 20;

/** A stream of random bytes from a seed: the key stream of a cipher, which is fast and has no pattern. */
export class SeededRandom {
  readonly #cipher;
  #buffer: Uint8Array = new Uint8Array();
  #used = 0;

  /** @param seed anything; every seed has a stream of its own */
  constructor(seed: string) {
    const key = createHash("sha256").update(seed).digest();
    this.#cipher = createCipheriv("aes-256-ctr", key, new Uint8Array(16));
  }

  /**
   * The next bytes of the stream.
   *
   * @param length how many
   * @returns a new array
   */
  bytes(length: number): Uint8Array {
    return this.#cipher.update(new Uint8Array(length));
  }

  /**
   * The next number of the stream.
   *
   * @returns at least 0 and below 1
   */
  fraction(): number {
    if (this.#used + 4 > this.#buffer.length) {
      this.#buffer = this.bytes(BUFFER_SIZE);
      this.#used = 0;
    }
    const view = new DataView(this.#buffer.buffer, this.#buffer.byteOffset + this.#used, 4);
    this.#used += 4;
    return view.getUint32(0) / 2 ** 32;
  }

  /**
   * The next whole number of the stream.
   *
   * @param limit the number it stays below
   * @returns at least 0
   */
  below(limit: number): number {
    return Math.floor(this.fraction() * limit);
  }

  /**
   * A number of a log-normal distribution.
   *
   * @param median half of the numbers are below it
   * @param sigma how far they spread, as the standard deviation of the logarithm
   * @returns a positive number
   */
  logNormal(median: number, sigma: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.fraction()));
    return median * Math.exp(sigma * radius * Math.cos(2 * Math.PI * this.fraction()));
  }
}
