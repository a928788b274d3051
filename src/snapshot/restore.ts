/** The verb "restore": from a snapshot to an exporter. */

import { Degradations } from "../connectors/exporter/degradations.ts";
import type { Degradation, Exporter } from "../connectors/exporter/exporter.ts";
import { isServerLost } from "../connectors/remote/server_loss.ts";
import type { Entry } from "../kloset/entry.ts";
import type { FileInfo } from "../kloset/file_info.ts";
import { isDirectory, isRegular, isSymlink } from "../kloset/file_mode.ts";
import { dirname } from "../lib/byte_path.ts";
import { type ByteString, display, ROOT } from "../lib/byte_string.ts";
import { forEachBounded } from "../lib/concurrency.ts";
import { messageOf, PlakarError } from "../lib/errors.ts";
import { LocalFileRestorer } from "./file_restorer.ts";
import type { StartRestorer } from "./open_restorer.ts";
import { type Helpers, RestorePool } from "./restore_pool.ts";
import type { Snapshot } from "./snapshot.ts";

/** Told what a restore does, as it does it. */
export interface RestoreEvents {
  /** A path is restored. */
  restored(path: ByteString, info: FileInfo): void;
  /** More bytes of a file were written; less than none if it is begun again. */
  written?(bytes: number, path: ByteString): void;
  /** A path could not be restored. */
  failed(path: ByteString, message: string): void;
  /** Something the person should know. */
  warn?(message: string): void;
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
  /** What starts restorers in other threads, and how many there may be; none if omitted. */
  helpers?: { start: StartRestorer; limit: number };
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
  /** What was lost of metadata: an entry for each kind. */
  degradations: readonly Degradation[];
  /** Bytes of packfiles read since the repository was opened. */
  bytesRead: number;
}

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
  readonly #files: RestorePool;
  readonly #result = { restored: 0, bytes: 0, errors: 0 };

  constructor(options: RestoreOptions, base: ByteString) {
    const { snapshot: { repository }, exporter, signal } = options;
    const { parallelism } = exporter;
    const written = (bytes: number, path: ByteString) => this.#countWritten(bytes, path);
    this.#options = options;
    this.#base = base;
    this.#files = new RestorePool(
      new LocalFileRestorer(repository.blobReader, exporter, { parallelism, written, signal }),
      helpersOf(options, written),
    );
  }

  async run(path: ByteString): Promise<RestoreResult> {
    const { snapshot, exporter, signal } = this.#options;
    const { blobReader } = snapshot.repository;
    // What closing finds is met below, when everything has ended.
    const abort = () => void this.#files.close(signal?.reason).catch(() => {});
    signal?.addEventListener("abort", abort);
    try {
      await this.#restoreAll(path);
      const degradations = new Degradations();
      degradations.addAll(exporter.degradations);
      let bytesRead = 0;
      for (const report of await this.#files.close()) {
        degradations.addAll(report.degradations);
        bytesRead += report.bytesRead;
      }
      return {
        ...this.#result,
        degradations: degradations.list,
        bytesRead: bytesRead + blobReader.bytesRead,
      };
    } finally {
      signal?.removeEventListener("abort", abort);
      await this.#files.close();
    }
  }

  async #restoreAll(path: ByteString): Promise<void> {
    const { snapshot, exporter, signal } = this.#options;
    this.#directories.set(ROOT, exporter.createDirectory(ROOT));
    await this.#directories.get(ROOT);
    await forEachBounded(snapshot.walk(path), this.#files.parallelism, async (walked) => {
      signal?.throwIfAborted();
      const target = this.#targetOf(walked.path);
      try {
        if (walked.error) throw walked.error;
        if (walked.entry) await this.#restore(target, walked.entry);
      } catch (error) {
        signal?.throwIfAborted();
        if (isServerLost(error)) throw error;
        this.#fail(target, messageOf(error));
      }
    });
    // The directory that a single file lands in is none of the snapshot's.
    if (path !== this.#base) this.#toFinish.push({ path: ROOT });
    await this.#finishDirectories();
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
    } else if (isRegular(info.mode)) return await this.#restoreFile(target, entry);
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

  async #restoreFile(path: ByteString, { object, info }: Entry): Promise<void> {
    const failure = object ? await this.#files.restore({ path, object, info }) : "Its entry names no content";
    if (failure === undefined) this.#succeed(path, info);
    else this.#fail(path, failure);
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
          this.#fail(path, messageOf(error));
        }
      });
    }
  }

  #succeed(path: ByteString, info: FileInfo): void {
    this.#result.restored++;
    this.#options.events.restored(path, info);
  }

  #fail(path: ByteString, message: string): void {
    this.#result.errors++;
    this.#options.events.failed(path, message);
  }

  #countWritten(bytes: number, path: ByteString): void {
    this.#result.bytes += bytes;
    this.#options.events.written?.(bytes, path);
  }
}

/** A target that other threads cannot write to has no helpers. */
function helpersOf(
  { exporter, helpers, events }: RestoreOptions,
  written: (bytes: number, path: ByteString) => void,
): Helpers | undefined {
  const { fileExporterSpec: spec, parallelism } = exporter;
  if (!spec || !helpers) return undefined;
  const warn = (message: string) => events.warn?.(message);
  return {
    start: (signal) => helpers.start(spec, parallelism, { written, warn }, signal),
    limit: helpers.limit,
    warn,
  };
}
