/** Buffers that are used again: allocating and forgetting megabytes many times a second scatters memory. */

const SMALLEST = 4096;

/** Lends buffers whose sizes are powers of two. */
export class BufferPool {
  readonly #free = new Map<number, Uint8Array[]>();
  readonly #keep: number;
  #kept = 0;

  /**
   * Makes an empty pool.
   *
   * @param keep how many bytes of unused buffers it keeps at most
   */
  constructor(keep: number) {
    this.#keep = keep;
  }

  /**
   * Lends a buffer.
   *
   * @param size how many bytes are needed
   * @returns a buffer of at least that size, with anything in it
   */
  take(size: number): Uint8Array {
    let length = SMALLEST;
    while (length < size) length *= 2;
    const buffer = this.#free.get(length)?.pop();
    if (!buffer) return new Uint8Array(length);
    this.#kept -= length;
    return buffer;
  }

  /**
   * Takes a buffer back, which must not be used any more.
   *
   * @param buffer what {@linkcode BufferPool.take} lent
   */
  give(buffer: Uint8Array): void {
    if (this.#kept + buffer.length > this.#keep) return;
    this.#kept += buffer.length;
    const free = this.#free.get(buffer.length);
    if (free) free.push(buffer);
    else this.#free.set(buffer.length, [buffer]);
  }
}
