/** Files that wait for a pipeline. */

import type { FileJob, FileResult } from "./file_pipeline.ts";

/** Files that are sent at once. */
export const BATCH_FILES = 32;
/** Bytes of files that are sent at once. */
const BATCH_BYTES = 4 * 1024 * 1024;

/** A file, and who waits for its result. */
export interface QueuedFile {
  /** The file. */
  readonly job: FileJob;
  /** Takes what became of it. */
  readonly resolve: (result: FileResult) => void;
  /** Takes why the whole work fails. */
  readonly reject: (error: unknown) => void;
}

/** A queue that is taken from in batches. */
export class FileQueue {
  #files: QueuedFile[] = [];
  #head = 0;
  #bytes = 0;

  /** How many files wait. */
  get length(): number {
    return this.#files.length - this.#head;
  }

  /** How many bytes they have. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Adds a file at the end.
   *
   * @param file the file
   */
  add(file: QueuedFile): void {
    this.#files.push(file);
    this.#bytes += file.job.child.info.size;
  }

  /**
   * Takes the first files: as many as are sent at once.
   *
   * @returns the files, none if none wait
   */
  takeBatch(): QueuedFile[] {
    const batch: QueuedFile[] = [];
    let bytes = 0;
    while (this.length > 0 && batch.length < BATCH_FILES && bytes < BATCH_BYTES) {
      const next = this.#files[this.#head++];
      bytes += next.job.child.info.size;
      batch.push(next);
    }
    if (this.#head > 1024 && this.#head * 2 > this.#files.length) {
      this.#files = this.#files.slice(this.#head);
      this.#head = 0;
    }
    this.#bytes -= bytes;
    return batch;
  }

  /**
   * Takes all files.
   *
   * @returns what waited
   */
  takeAll(): QueuedFile[] {
    const files = this.#files.slice(this.#head);
    this.#files = [];
    this.#head = 0;
    this.#bytes = 0;
    return files;
  }
}
