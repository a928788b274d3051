/**
 * Pipelines that have nothing to do help those that have a large file: chunks are given to them, which they name,
 * encode and pack as their own. To read a file, to cut it and to name it as a whole is for one pipeline; that is a
 * third of the work.
 */

import type { SharedBytes } from "./chunk_giver.ts";
import type { PoolMember } from "./pool_member.ts";
import type { StoredChunk } from "./store_chunk.ts";

/** Chunks that are given to a pipeline: it must not run out of them while the giver stores one itself. */
const CHUNKS_EACH = 4;
/** A pipeline with so many bytes of large files is worth others that are started to help. */
const WORTH_HELP = 64 * 1024 * 1024;
/** How many pipelines can work on one file: when two help, the one that reads has no time left. */
const PIPELINES_A_FILE = 3;

/** Decides who may give chunks, and who gets them. */
export class ChunkExchange {
  readonly #members: readonly PoolMember[];

  /**
   * Makes an exchange.
   *
   * @param members the pipelines, also those that will come
   */
  constructor(members: readonly PoolMember[]) {
    this.#members = members;
  }

  /** How many pipelines there should be for the sake of large files. */
  get wanted(): number {
    return PIPELINES_A_FILE * this.#members.filter(({ largeBytes }) => largeBytes >= WORTH_HELP).length;
  }

  /** Shares the time of those that have nothing to do among those that have large files. */
  share(): void {
    let chunks = 0;
    let givers = 0;
    for (const { isIdle, largeBytes } of this.#members) {
      if (isIdle) chunks += CHUNKS_EACH;
      else if (largeBytes > 0) givers++;
    }
    for (const member of this.#members) {
      const share = member.largeBytes > 0 ? Math.ceil(chunks / givers--) : 0;
      member.allow(share);
      chunks -= share;
    }
  }

  /**
   * Has a chunk stored by the pipeline that has the most time for it.
   *
   * @param bytes the chunk
   * @returns what became of it
   * @throws if the repository cannot be written
   */
  async store(bytes: SharedBytes): Promise<StoredChunk> {
    // Who got files since the chunk was given away comes last.
    const [helper] = this.#members.toSorted((a, b) =>
      Number(b.isIdle) - Number(a.isIdle) || a.chunks - b.chunks
    );
    helper.chunks++;
    try {
      return await helper.pipeline.storeChunk(bytes);
    } finally {
      helper.chunks--;
    }
  }
}
