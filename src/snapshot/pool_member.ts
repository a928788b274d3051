/** A pipeline of a pool, and what it has to do. */

import type { FileJob, FilePipeline } from "./file_pipeline.ts";

/** A pipeline takes no more while it has this many files to do. */
export const MAX_FILES = 320;
/** A pipeline takes no more while it has this many bytes to do. */
const MAX_BYTES = 24 * 1024 * 1024;
/** A file of at least this many bytes has chunks that are worth giving away. */
const LARGE_FILE = 8 * 1024 * 1024;

/** Counts what a pipeline has to do. */
export class PoolMember {
  /** The pipeline. */
  readonly pipeline: FilePipeline;
  /** Chunks of others' files that it is storing. */
  chunks = 0;
  #files = 0;
  #bytes = 0;
  #largeBytes = 0;
  #allowed = 0;

  /**
   * Takes a pipeline that has nothing to do.
   *
   * @param pipeline the pipeline
   */
  constructor(pipeline: FilePipeline) {
    this.pipeline = pipeline;
  }

  /** Whether it has no file to do. */
  get isIdle(): boolean {
    return this.#files === 0;
  }

  /** Whether it takes more files. */
  get hasRoom(): boolean {
    return this.isIdle || this.#files < MAX_FILES && this.#bytes < MAX_BYTES;
  }

  /** Bytes of the files that it has to do. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes of those that have chunks to give away. */
  get largeBytes(): number {
    return this.#largeBytes;
  }

  /**
   * Counts a file that it gets.
   *
   * @param job the file
   */
  begins(job: FileJob): void {
    this.#count(1, job.child.info.size);
  }

  /**
   * Counts a file that is done.
   *
   * @param job the file
   */
  ends(job: FileJob): void {
    this.#count(-1, job.child.info.size);
  }

  /**
   * Tells it how many chunks it may give away at once, unless it knows.
   *
   * @param chunks how many
   */
  allow(chunks: number): void {
    if (chunks !== this.#allowed) this.pipeline.allow(this.#allowed = chunks);
  }

  #count(sign: number, size: number): void {
    this.#files += sign;
    this.#bytes += sign * size;
    if (size >= LARGE_FILE) this.#largeBytes += sign * size;
  }
}
