/** Reads contents of files of this machine. */

import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { ByteString } from "../../lib/byte_string.ts";
import { PlakarError } from "../../lib/errors.ts";
import { toLocalPath } from "../local/local_path.ts";
import { osError } from "../local/os_error.ts";
import type { ChildRecord } from "../record.ts";
import type { FileReader } from "./importer.ts";

const BUFFER_SIZE = 1024 * 1024;
/** A few at once, so that the next file is being opened while one is worked on. */
const PARALLEL_FILES = 4;
/** A link or a pipe that took the file's place must not be followed or waited for. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** The reader of `fs` importers. */
export class FsFileReader implements FileReader {
  /** How many files are worth reading at once. */
  readonly parallelism: number;
  readonly #buffers: Uint8Array[] = [];

  /**
   * Makes a reader.
   *
   * @param parallelism how many files are read at once
   */
  constructor(parallelism: number = PARALLEL_FILES) {
    this.parallelism = parallelism;
  }

  /**
   * Reads one file.
   *
   * @param path the file
   * @param child what the walk saw
   * @param sink takes the pieces
   * @param signal stops reading
   * @returns how many bytes were read, and whether the file changed since the walk
   */
  async read(
    path: ByteString,
    child: ChildRecord,
    sink: (piece: Uint8Array) => void | Promise<void>,
    signal?: AbortSignal,
  ): Promise<{ size: number; changed: boolean }> {
    const text = toLocalPath(path);
    const buffer = this.#buffers.pop() ?? new Uint8Array(BUFFER_SIZE);
    let file: FileHandle | undefined;
    try {
      file = await fromSystem(text, open(text, FLAGS));
      let size = 0;
      let stat;
      while (true) {
        signal?.throwIfAborted();
        const { bytesRead } = await fromSystem(text, file.read(buffer, 0, buffer.length, null));
        if (bytesRead > 0) {
          const paused = sink(buffer.subarray(0, bytesRead));
          if (paused) await paused;
        }
        size += bytesRead;
        if (bytesRead > 0 && size !== child.info.size && stat) continue;
        stat = await fromSystem(text, file.stat({ bigint: true }));
        if (!stat.isFile()) {
          throw new PlakarError("io", `Cannot read "${text}": it is not a regular file any more`);
        }
        if (bytesRead === 0 || size === Number(stat.size)) break;
      }
      const changed = Number(stat.size) !== child.info.size || stat.mtimeNs !== child.info.mtime;
      return { size, changed };
    } finally {
      this.#buffers.push(buffer);
      await file?.close();
    }
  }

  /** Nothing is kept open. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

async function fromSystem<T>(path: string, operation: Promise<T>): Promise<T> {
  try {
    return await operation;
  } catch (error) {
    throw osError("read", path, error);
  }
}
