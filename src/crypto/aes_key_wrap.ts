/** AES-256 key wrap of keys of 32 bytes, RFC 3394, with the default initial value, by the kernel. */

import { type Kernel, useKernel } from "../kernel/kernel.ts";

/** Bytes of a key. */
const KEY_BYTES = 32;
/** Bytes of a wrapped key. */
export const WRAPPED_BYTES = 40;

/** Whose schedules are in the kernel. */
let resident: KeyWrap | undefined;

/** Wraps and unwraps under one key. */
export class KeyWrap {
  readonly #kernel: Kernel = useKernel();
  readonly #subkey: number;
  readonly #wrapped: number;
  readonly #schedules: Uint8Array;

  /**
   * Prepares to wrap.
   *
   * @param key the key to wrap under, 32 bytes
   */
  constructor(key: Uint8Array) {
    this.#subkey = this.#kernel.at.SUBKEY;
    this.#wrapped = this.#kernel.at.WRAPPED;
    this.#kernel.memory.set(key.subarray(0, KEY_BYTES), this.#subkey);
    this.#kernel.run.setMaster();
    resident = this;
    this.#schedules = this.#resident().slice();
  }

  /** The schedules in the kernel. */
  #resident(): Uint8Array {
    const start = this.#kernel.at.MASTER;
    return this.#kernel.memory.subarray(start, start + this.#kernel.at.MASTER_BYTES);
  }

  #enter(): void {
    if (resident === this) return;
    this.#resident().set(this.#schedules);
    resident = this;
  }

  /**
   * Wraps a key.
   *
   * @param key 32 bytes
   * @param to where the 40 bytes of the wrapped key go
   */
  wrap(key: Uint8Array, to: Uint8Array): void {
    this.#enter();
    const { memory, run } = this.#kernel;
    memory.set(key, this.#subkey);
    run.wrap();
    to.set(memory.subarray(this.#wrapped, this.#wrapped + WRAPPED_BYTES));
  }

  /**
   * Unwraps a key.
   *
   * @param wrapped 40 bytes
   * @returns the key in a new array, or undefined if it was wrapped under another one or is damaged
   */
  unwrap(wrapped: Uint8Array): Uint8Array | undefined {
    this.#enter();
    const { memory, run } = this.#kernel;
    memory.set(wrapped, this.#wrapped);
    return run.unwrap() === 0 ? undefined : memory.slice(this.#subkey, this.#subkey + KEY_BYTES);
  }
}
