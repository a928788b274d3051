/** The verb "restore": from a snapshot to an exporter. */

import type { Exporter } from "../connectors/exporter/exporter.ts";
import { isInterruptedFile } from "../connectors/exporter/interrupted_file.ts";
import { isServerLost } from "../connectors/remote/server_loss.ts";
import type { Entry } from "../kloset/entry.ts";
import type { FileInfo } from "../kloset/file_info.ts";
import { isDirectory, isRegular, isSymlink } from "../kloset/file_mode.ts";
import { dirname } from "../lib/byte_path.ts";
import { type ByteString, display, ROOT } from "../lib/byte_string.ts";
import { forEachBounded, Semaphore } from "../lib/concurrency.ts";
import { messageOf, PlakarError } from "../lib/errors.ts";
import { readContent } from "./content_reader.ts";
import type { Snapshot } from "./snapshot.ts";

/** Told what a restore does, as it does it. */
export interface RestoreEvents {
  /** A path is restored. */
  restored(path: ByteString, info: FileInfo): void;
  /** More bytes of a file were written; less than none if it is begun again. */
  written?(bytes: number, path: ByteString): void;
  /** A path could not be restored. */
  failed(path: ByteString, message: string): void;
}

/** What {@linkcode restore} works with. */
export interface RestoreOptions {
  /** The snapshot. */
  snapshot: Snapshot;
  /** The absolute path in it: a directory, whose content lands in the target, or one file. */
  path: ByteString;
  /** Where it goes. */
  exporter: Exporter;
  /** Told what happens. */
  events: RestoreEvents;
  /** Stops the restore; what is not whole is removed. */
  signal?: AbortSignal;
}

/** What a restore did. */
export interface RestoreResult {
  /** Paths restored, directories included. */
  restored: number;
  /** Bytes of file content. */
  bytes: number;
  /** Paths that could not be restored. */
  errors: number;
}

/** A file of more bytes than this holds buffers of several megabytes while it is written. */
const LARGE_FILE = 1024 * 1024;
const LARGE_FILES_IN_FLIGHT = 3;
/** A file during which the connection is lost is begun again, so often at most. */
const MAX_ATTEMPTS = 4;

/**
 * Restores a directory's content, or one file, into a target.
 *
 * @param options the snapshot, the path and the target
 * @returns what was done; paths that failed are counted, not thrown
 * @throws {PlakarError} `not-found` if the snapshot does not hold the path
 */
export async function restore(options: RestoreOptions): Promise<RestoreResult> {
  const { path, entry } = await options.snapshot.lookup(options.path);
  return await new RestoreRun(options, isDirectory(entry.info.mode) ? path : dirname(path)).run(path);
}

class RestoreRun {
  readonly #options: RestoreOptions;
  /** The directory of the snapshot that becomes the target's root. */
  readonly #base: ByteString;
  readonly #directories = new Map<ByteString, Promise<void>>();
  readonly #toFinish: { path: ByteString; info?: FileInfo }[] = [];
  readonly #large = new Semaphore(LARGE_FILES_IN_FLIGHT);
  readonly #result: RestoreResult = { restored: 0, bytes: 0, errors: 0 };

  constructor(options: RestoreOptions, base: ByteString) {
    this.#options = options;
    this.#base = base;
  }

  async run(path: ByteString): Promise<RestoreResult> {
    const { snapshot, exporter, signal } = this.#options;
    this.#directories.set(ROOT, exporter.createDirectory(ROOT));
    await this.#directories.get(ROOT);
    await forEachBounded(snapshot.walk(path), exporter.parallelism, async (walked) => {
      signal?.throwIfAborted();
      const target = this.#targetOf(walked.path);
      try {
        if (walked.error) throw walked.error;
        if (walked.entry) await this.#restore(target, walked.entry);
      } catch (error) {
        signal?.throwIfAborted();
        if (isServerLost(error)) throw error;
        this.#fail(target, error);
      }
    });
    // The directory that a single file lands in is none of the snapshot's.
    if (path !== this.#base) this.#toFinish.push({ path: ROOT });
    await this.#finishDirectories();
    return this.#result;
  }

  #targetOf(path: ByteString): ByteString {
    if (this.#base === ROOT) return path;
    return (path.slice(this.#base.length) || "/") as ByteString;
  }

  async #restore(target: ByteString, entry: Entry): Promise<void> {
    const { exporter } = this.#options;
    const info = entry.info;
    if (isDirectory(info.mode)) {
      if (target !== ROOT) {
        // Known at once: what is in it may be met while its own parent is still being created.
        const created = this.#parentOf(target).then(() => exporter.createDirectory(target));
        this.#directories.set(target, created);
        await created;
      }
      this.#toFinish.push({ path: target, info });
      return;
    }
    await this.#parentOf(target);
    if (isSymlink(info.mode)) {
      await exporter.createSymlink(target, entry.symlinkTarget, info);
    } else if (isRegular(info.mode)) await this.#restoreFile(target, entry);
    else return await exporter.skipSpecialFile(target, info);
    this.#succeed(target, info);
  }

  /** The walk meets a directory before what is in it, so its promise is there. */
  async #parentOf(target: ByteString): Promise<void> {
    const parent = dirname(target);
    try {
      await this.#directories.get(parent);
    } catch {
      throw new PlakarError("io", `Its directory "${display(parent)}" could not be created`);
    }
  }

  async #restoreFile(target: ByteString, entry: Entry): Promise<void> {
    using _permit = entry.info.size > LARGE_FILE ? await this.#large.acquire() : undefined;
    for (let attempt = 1;; attempt++) {
      try {
        return await this.#writeFile(target, entry);
      } catch (error) {
        if (!isInterruptedFile(error)) throw error;
        if (attempt < MAX_ATTEMPTS) continue;
        throw new PlakarError("io", `${error.message}, in each of ${attempt} attempts to write it`, {
          cause: error,
        });
      }
    }
  }

  async #writeFile(target: ByteString, entry: Entry): Promise<void> {
    const { snapshot, exporter, events, signal } = this.#options;
    if (!entry.object) throw new PlakarError("corrupt", "Its entry names no content");
    const object = await snapshot.object(entry.object);
    const writer = await exporter.createFile(target, entry.info);
    let written = 0;
    const count = (bytes: number) => {
      written += bytes;
      this.#result.bytes += bytes;
      events.written?.(bytes, target);
    };
    try {
      for await (const bytes of readContent(snapshot, object)) {
        signal?.throwIfAborted();
        await writer.write(bytes);
        count(bytes.length);
      }
      await writer.commit();
    } catch (error) {
      if (isInterruptedFile(error)) count(-written);
      await writer.abort();
      throw error;
    }
  }

  /** Deepest first: a directory may lose the permission to enter it. */
  async #finishDirectories(): Promise<void> {
    const { exporter, signal } = this.#options;
    const depths = Map.groupBy(this.#toFinish, ({ path }) => path === ROOT ? 0 : path.split("/").length);
    for (const depth of [...depths.keys()].sort((a, b) => b - a)) {
      await forEachBounded(depths.get(depth) ?? [], exporter.parallelism, async ({ path, info }) => {
        signal?.throwIfAborted();
        try {
          await exporter.finishDirectory(path, info);
          if (info) this.#succeed(path, info);
        } catch (error) {
          if (isServerLost(error)) throw error;
          this.#fail(path, error);
        }
      });
    }
  }

  #succeed(path: ByteString, info: FileInfo): void {
    this.#result.restored++;
    this.#options.events.restored(path, info);
  }

  #fail(path: ByteString, error: unknown): void {
    this.#result.errors++;
    this.#options.events.failed(path, messageOf(error));
  }
}
