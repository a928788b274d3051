/** BLAKE3, plain or keyed, 32 bytes out, by the kernel. */

import { type Kernel, useKernel } from "../kernel/kernel.ts";

/** Up to so many bytes are hashed by one call. */
const ONE_CALL = 65536;

/** The stream whose state is in the kernel; all others keep theirs themselves. */
let resident: Blake3 | undefined;

/** BLAKE3 of bytes that come in pieces, or all at once. */
export class Blake3 {
  readonly #kernel: Kernel = useKernel();
  readonly #key: Uint8Array | undefined;
  readonly #result: number;
  #saved: Uint8Array | undefined;

  /**
   * Starts with no bytes.
   *
   * @param key 32 bytes for the keyed mode, none for the plain one
   */
  constructor(key?: Uint8Array) {
    this.#key = key?.slice();
    this.#result = this.#kernel.at.BLAKE_RESULT;
  }

  /** Puts the key where the kernel takes it from. */
  #bringKey(): number {
    if (this.#key === undefined) return 0;
    this.#kernel.memory.set(this.#key, this.#result);
    return this.#result;
  }

  #state(): Uint8Array {
    const start = this.#kernel.at.BLAKE_STATE;
    return this.#kernel.memory.subarray(start, start + this.#kernel.at.BLAKE_STATE_BYTES);
  }

  /** Makes room for another state. */
  #evict(): void {
    if (resident === undefined) return;
    resident.#saved = this.#state().slice();
    resident = undefined;
  }

  /** Makes this state the one in the kernel. */
  #enter(): void {
    if (resident === this) return;
    this.#evict();
    if (this.#saved !== undefined) this.#state().set(this.#saved);
    else this.#kernel.run.blakeStart(this.#bringKey());
    this.#saved = undefined;
    resident = this;
  }

  #take(): Uint8Array {
    return this.#kernel.memory.slice(this.#result, this.#result + 32);
  }

  /**
   * Takes the next bytes.
   *
   * @param data any number of bytes
   */
  update(data: Uint8Array): void {
    this.#enter();
    this.#kernel.bringAll(data, this.#kernel.run.blakeUpdate);
  }

  /**
   * The hash of all bytes since the start, with which it starts again.
   *
   * @returns 32 new bytes
   */
  digest(): Uint8Array {
    this.#enter();
    this.#kernel.run.blakeFinish();
    this.reset();
    return this.#take();
  }

  /** Starts again with no bytes. */
  reset(): void {
    if (resident === this) resident = undefined;
    this.#saved = undefined;
  }

  /**
   * The hash of bytes that are all at hand; no other bytes are taken or lost.
   *
   * @param data any number of bytes
   * @returns 32 new bytes
   */
  whole(data: Uint8Array): Uint8Array {
    this.#evict();
    const { run, memory } = this.#kernel;
    if (data.length <= ONE_CALL || data.buffer === memory.buffer) {
      run.blakeWhole(this.#bringKey(), this.#kernel.bring(data), data.length);
    } else {
      run.blakeStart(this.#bringKey());
      this.#kernel.bringAll(data, run.blakeUpdate);
      run.blakeFinish();
    }
    return this.#take();
  }
}
