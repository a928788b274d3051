/** Restoring single files: their contents out of a repository, into directories of a target that are there. */

import type { Degradation, Exporter } from "../connectors/exporter/exporter.ts";
import { isInterruptedFile } from "../connectors/exporter/interrupted_file.ts";
import { isServerLost } from "../connectors/remote/server_loss.ts";
import type { FileInfo } from "../kloset/file_info.ts";
import type { ByteString } from "../lib/byte_string.ts";
import { messageOf } from "../lib/errors.ts";
import type { BlobReader } from "../repository/blob_reader.ts";
import { readContent, readObject } from "./content_reader.ts";

/** A file that is to be restored: plain data. */
export interface RestoreJob {
  /** Where it goes, relative to the target's root. */
  path: ByteString;
  /** The id of the object that describes its content. */
  object: Uint8Array;
  /** Its metadata. */
  info: FileInfo;
}

/** Restores files. */
export interface FileRestorer {
  /** How many files are worth restoring at once. */
  readonly parallelism: number;
  /**
   * Restores a file.
   *
   * @param job the file
   * @returns why it could not be restored, `undefined` if it was
   * @throws if this restorer can restore nothing more
   */
  restore(job: RestoreJob): Promise<string | undefined>;
}

/** What a restorer of another thread tells at its end. */
export interface RestorerReport {
  /** What was lost. */
  degradations: readonly Degradation[];
  /** Bytes of packfiles it read. */
  bytesRead: number;
}

/** A restorer that has to be closed. */
export interface ClosableRestorer extends FileRestorer {
  /**
   * Stops what is under way and removes what is not whole.
   *
   * @returns what it has to tell
   */
  close(): Promise<RestorerReport>;
}

/** How a {@linkcode LocalFileRestorer} works. */
export interface FileRestorerOptions {
  /** How many files are worth restoring at once. */
  parallelism: number;
  /** Told that more bytes of a file were written; less than none if it is begun again. */
  written: (bytes: number, path: ByteString) => void;
  /** Stops what is under way. */
  signal?: AbortSignal;
}

/** A file during which the connection is lost is begun again, so often at most. */
const MAX_ATTEMPTS = 4;

/** Restores files in this thread. */
export class LocalFileRestorer implements FileRestorer {
  /** How many files are worth restoring at once. */
  readonly parallelism: number;
  readonly #blobs: BlobReader;
  readonly #exporter: Pick<Exporter, "createFile">;
  readonly #options: FileRestorerOptions;

  /**
   * Puts the parts together.
   *
   * @param blobs what reads contents
   * @param exporter what writes them
   * @param options how
   */
  constructor(blobs: BlobReader, exporter: Pick<Exporter, "createFile">, options: FileRestorerOptions) {
    this.parallelism = options.parallelism;
    this.#blobs = blobs;
    this.#exporter = exporter;
    this.#options = options;
  }

  /**
   * Restores a file.
   *
   * @param job the file
   * @returns why it could not be restored, `undefined` if it was
   * @throws if nothing more can be restored
   */
  async restore(job: RestoreJob): Promise<string | undefined> {
    for (let attempt = 1;; attempt++) {
      this.#options.signal?.throwIfAborted();
      try {
        return await this.#write(job);
      } catch (error) {
        this.#options.signal?.throwIfAborted();
        if (isInterruptedFile(error)) {
          if (attempt < MAX_ATTEMPTS) continue;
          return `${error.message}, in each of ${attempt} attempts to write it`;
        }
        if (isServerLost(error)) throw error;
        return messageOf(error);
      }
    }
  }

  async #write({ path, object, info }: RestoreJob): Promise<undefined> {
    const { signal, written } = this.#options;
    const content = await readObject(this.#blobs, object);
    const writer = await this.#exporter.createFile(path, info);
    let total = 0;
    const count = (bytes: number) => {
      total += bytes;
      written(bytes, path);
    };
    try {
      for await (const bytes of readContent(this.#blobs, content)) {
        signal?.throwIfAborted();
        await writer.write(bytes);
        count(bytes.length);
      }
      await writer.commit();
    } catch (error) {
      // It is begun again, in this thread or another.
      if (isInterruptedFile(error) || isServerLost(error)) count(-total);
      await writer.abort();
      throw error;
    }
  }
}
