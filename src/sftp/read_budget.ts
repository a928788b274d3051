/** What files that are being read at once hold together. */

import { BufferPool } from "../lib/buffer_pool.ts";

/** Bytes that came before their turn. */
export interface HeldPiece {
  /** The bytes. */
  readonly bytes: Uint8Array;
  /** Where they lie. */
  readonly buffer: Uint8Array;
}

/** Bounds the bytes that files have asked for, and keeps those that came too early in buffers that are used again. */
export class ReadBudget {
  #free: number;
  readonly #buffers: BufferPool;

  /**
   * Makes a budget.
   *
   * @param bytes how much may be asked for
   */
  constructor(bytes: number) {
    this.#free = bytes;
    this.#buffers = new BufferPool(bytes);
  }

  /**
   * Takes from the budget, if there is enough or `always`.
   *
   * @param bytes how much
   * @param always take it even so: a file's first piece must not wait for other files
   * @returns whether it was taken
   */
  take(bytes: number, always: boolean): boolean {
    if (this.#free < bytes && !always) return false;
    this.#free -= bytes;
    return true;
  }

  /**
   * Gives back to the budget.
   *
   * @param bytes how much
   */
  release(bytes: number): void {
    this.#free += bytes;
  }

  /**
   * Keeps a copy of bytes.
   *
   * @param bytes what came
   * @returns the copy, for {@linkcode letGo}
   */
  hold(bytes: Uint8Array): HeldPiece {
    const buffer = this.#buffers.take(bytes.length);
    buffer.set(bytes);
    return { bytes: buffer.subarray(0, bytes.length), buffer };
  }

  /**
   * Takes the buffer back.
   *
   * @param piece what {@linkcode hold} gave
   */
  letGo(piece: HeldPiece): void {
    this.#buffers.give(piece.buffer);
  }
}
