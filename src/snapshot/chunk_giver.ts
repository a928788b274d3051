/** Giving chunks of large files to pipelines that have nothing to do. */

import type { StoredChunk } from "./store_chunk.ts";

/** The bytes of a chunk in memory that threads share: V8 collects its garbage for all that it is given otherwise. */
export type SharedBytes = Uint8Array<SharedArrayBuffer>;

/**
 * Has a chunk stored by another pipeline.
 *
 * @param bytes the chunk, which must not change meanwhile
 * @returns what became of it
 */
export type GiveChunk = (bytes: SharedBytes) => Promise<StoredChunk>;

/** Gives chunks away, as many at once as it may. */
export class ChunkGiver {
  readonly #give: GiveChunk;
  readonly #maxSize: number;
  /** Each fits every chunk: of what no chunk has filled yet the system makes no memory. */
  readonly #free: SharedBytes[] = [];
  readonly #underWay = new Set<PromiseWithResolvers<StoredChunk>>();
  #allowed = 0;

  /**
   * Makes a giver that may not give anything yet.
   *
   * @param give takes the chunks
   * @param maxSize how large a chunk can be
   */
  constructor(give: GiveChunk, maxSize: number) {
    this.#give = give;
    this.#maxSize = maxSize;
  }

  /**
   * Changes how many chunks may be under way.
   *
   * @param chunks so many, from now on
   */
  allow(chunks: number): void {
    this.#allowed = chunks;
  }

  /**
   * Gives a chunk away, if it may.
   *
   * @param data the chunk, which is copied
   * @returns what becomes of it, or `undefined` if it is to be stored here
   */
  store(data: Uint8Array): Promise<StoredChunk> | undefined {
    if (this.#underWay.size >= this.#allowed) return undefined;
    const buffer = this.#free.pop() ?? new Uint8Array(new SharedArrayBuffer(this.#maxSize));
    buffer.set(data);
    const chunk = Promise.withResolvers<StoredChunk>();
    this.#underWay.add(chunk);
    this.#give(buffer.subarray(0, data.length)).then(chunk.resolve, chunk.reject).finally(() => {
      this.#underWay.delete(chunk);
      this.#free.push(buffer);
    });
    return chunk.promise;
  }

  /**
   * Gives nothing away any more, and waits for nothing that is.
   *
   * @param reason why chunks that are under way are not waited for
   */
  stop(reason: unknown): void {
    this.#allowed = 0;
    for (const chunk of this.#underWay) chunk.reject(reason);
  }
}
