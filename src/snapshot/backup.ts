/** The verb "backup": from an importer to one new snapshot. */

import { createChunker } from "../chunking/chunker.ts";
import type { ChildRecord, DirectoryRecord } from "../connectors/record.ts";
import type { FileInfo } from "../kloset/file_info.ts";
import { isRegular } from "../kloset/file_mode.ts";
import { emptyIdentity, type Header } from "../kloset/header.ts";
import { VERSION_1_0_0 } from "../kloset/version.ts";
import { basename, dirname, join } from "../lib/byte_path.ts";
import { type ByteString, display, fromText, ROOT } from "../lib/byte_string.ts";
import { toHex } from "../lib/bytes.ts";
import { BufferPool } from "../lib/buffer_pool.ts";
import { Semaphore } from "../lib/concurrency.ts";
import { messageOf, PlakarError } from "../lib/errors.ts";
import { KnownBlobs } from "../repository/known_blobs.ts";
import { Packer } from "../repository/packer.ts";
import { RepositoryLock } from "../repository/repository_lock.ts";
import { Transaction } from "../repository/transaction.ts";
import type { BackupOptions, BackupResult, PipelineContext } from "./backup_options.ts";
import { type ParentDirectory, ParentEntries } from "./parent_entries.ts";
import type { StoredContent } from "./object_builder.ts";
import { PipelinePool, type PipelineStart } from "./pipeline_pool.ts";
import { type SealedChild, SnapshotBuilder, syntheticDirectory } from "./snapshot_builder.ts";
import { listSnapshots } from "./snapshot_list.ts";

/** How many directories are compared with the parent at once. */
const DIRECTORIES_IN_FLIGHT = 32;
const LARGE_DIRPACKS = 2;
/** Bytes of buffers that wait for their next dirpack. */
const KEPT_BUFFERS = 8 * 1024 * 1024;

/**
 * Makes a snapshot.
 *
 * @param options the repository, the importer and how they meet
 * @returns what was done
 * @throws {PlakarError} if the repository cannot be written or the source as a whole is lost
 */
export async function backup(options: BackupOptions): Promise<BackupResult> {
  const { repository, identifier, now, hostname, events, signal } = options;
  signal?.throwIfAborted();
  const { storage, codec } = repository;
  const lost = (error: PlakarError): void => run.fail(error);
  const context = { storage, codec, now, hostname, warn: events.warn, lost };
  await using lock = await RepositoryLock.take(context, toHex(identifier), false);
  const run = new BackupRun(options, lock);
  const stop = () => run.stop();
  signal?.addEventListener("abort", stop, { once: true });
  try {
    return await run.run();
  } catch (error) {
    await run.abort();
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

class BackupRun {
  readonly #options: BackupOptions;
  readonly #lock: RepositoryLock;
  readonly #transaction: Transaction;
  readonly #pool: PipelinePool;
  readonly #packer: Packer;
  readonly #builder: SnapshotBuilder;
  readonly #directories = new Semaphore(DIRECTORIES_IN_FLIGHT);
  readonly #running = new Set<Promise<void>>();
  #failure: { error: unknown } | undefined;
  #parent: ParentEntries | undefined;
  #filesRead = 0;
  #bytesRead = 0;
  #bytesNew = 0;
  #filesUnchanged = 0;

  constructor(options: BackupOptions, lock: RepositoryLock) {
    const { repository, now } = options;
    const { storage, codec, configuration } = repository;
    this.#options = options;
    this.#lock = lock;
    this.#transaction = new Transaction(repository, now);
    const { events } = options;
    const known = new KnownBlobs(repository.blobs);
    const context: Omit<PipelineContext, keyof PipelineStart> = {
      known,
      transaction: this.#transaction,
      read: (bytes, path) => events.read?.(bytes, path),
      warn: events.warn,
    };
    this.#pool = new PipelinePool({
      start: (start) => options.openPipeline({ ...context, ...start }),
      limit: options.pipelines,
      warn: events.warn,
    });
    this.#packer = new Packer({
      storage,
      codec,
      maxSize: Number(configuration.packfile.maxSize),
      now,
      written: (report) => this.#transaction.add(report),
    });
    this.#builder = new SnapshotBuilder({
      codec,
      chunker: createChunker(configuration.chunking),
      known,
      isStored: (type, mac) => repository.blobs.has(type, mac),
      packer: this.#packer,
      large: new Semaphore(LARGE_DIRPACKS),
      buffers: new BufferPool(KEPT_BUFFERS),
    });
  }

  async run(): Promise<BackupResult> {
    const { repository, importer, events, signal, now } = this.#options;
    const began = now();
    // Whoever had the repository alone until now may have marked packfiles as deleted since it was opened.
    await repository.state.update(repository.storage, repository.codec);
    repository.state.keepOnly(new Set(await repository.storage.list("packfile")));
    if (this.#options.useParent) {
      const source = { type: importer.type, origin: fromText(importer.origin), directory: importer.root };
      this.#parent = ParentEntries.find(await listSnapshots(repository, events.warn), source, events.warn);
    }
    events.phase?.("reading");
    await this.#walk();
    events.phase?.("indexing");
    // Pipelines have nothing more to do, and the trees need memory.
    await this.#pool.finish();
    const trees = await this.#builder.finish(await this.#sealAncestors());
    signal?.throwIfAborted();
    const header: Header = {
      ...this.#header(began),
      duration: now() - began,
      sources: [{
        importer: { type: importer.type, origin: fromText(importer.origin), directory: importer.root },
        context: [],
        root: { root: trees.root, xattrs: trees.xattrs, errors: trees.errors },
        indexes: [
          { name: "content-type", type: "btree", value: trees.contentType },
          { name: "dirpack", type: "btree", value: trees.dirpack },
          { name: "summary", type: "btree", value: trees.summary },
        ],
        summary: trees.rootSummary,
      }],
    };
    events.phase?.("committing");
    await this.#builder.storeHeader(header);
    await this.#packer.flush();
    signal?.throwIfAborted();
    await this.#transaction.commit(this.#options.identifier, () => this.#lock.ensureHeld());
    return {
      header,
      errors: this.#builder.errorCount,
      filesRead: this.#filesRead,
      bytesRead: this.#bytesRead,
      bytesNew: this.#bytesNew,
      filesUnchanged: this.#filesUnchanged,
      bytesWritten: this.#transaction.bytesWritten,
      parent: this.#parent?.shortId,
    };
  }

  /** Lets the run fail when the directories under way are done. */
  fail(error: unknown): void {
    this.#failure ??= { error };
  }

  /** Makes everything that runs end soon. */
  stop(): void {
    this.#pool.abort().catch(() => {});
  }

  /** Removes what is not whole, waits for everything that still runs. */
  async abort(): Promise<void> {
    // The error that led here is what counts.
    const left = (error: unknown) =>
      this.#options.events.warn(`Cannot remove what was begun: ${messageOf(error)}`);
    await this.#pool.abort().catch(left);
    await Promise.allSettled(this.#running);
    await this.#packer.abort().catch(left);
    await this.#transaction.settled();
  }

  async #walk(): Promise<void> {
    const { walk, signal } = this.#options;
    for await (const record of walk) {
      // The walk may have begun long before this: what it found until it was stopped is not to be stored any more.
      signal?.throwIfAborted();
      await this.#pool.room();
      const permit = await this.#directories.acquire();
      if (this.#failure) break;
      const work: Promise<void> = this.#storeDirectory(record, permit).catch((error) => {
        this.fail(error);
      }).finally(() => {
        permit[Symbol.dispose]();
        this.#running.delete(work);
      });
      this.#running.add(work);
    }
    await Promise.all(this.#running);
    if (this.#failure) throw this.#failure.error;
    signal?.throwIfAborted();
  }

  /** The permit bounds reading from the parent; files wait for their pipeline without it. */
  async #storeDirectory(record: DirectoryRecord, permit: Disposable): Promise<void> {
    const { events } = this.#options;
    for (const error of record.errors) this.#fail(error.path, error.message);
    const files = record.children.filter((child) => isRegular(child.info.mode));
    events.discovered(record.children.length, files.reduce((n, file) => n + file.info.size, 0));
    const before = await this.#parent?.directory(record.path);
    permit[Symbol.dispose]();
    if (before && await this.#keepDirectory(record, before)) return;
    const sealed: SealedChild[] = [];
    await Promise.all(record.children.map((child) => {
      const entry = before?.byName.get(child.info.name)?.entry;
      const isUnchanged = entry &&
        ParentEntries.isUnchanged(entry, child.info, this.#options.importer.timePrecision);
      const info = isUnchanged ? entry.info : child.info;
      let content: StoredContent | undefined;
      if (isRegular(info.mode)) {
        content = isUnchanged ? ParentEntries.contentOf(entry, this.#options.repository) : undefined;
        if (!content) return this.#storeFile(record.path, child, sealed);
        this.#filesUnchanged++;
      }
      sealed.push({ info, target: child.target, content });
      events.stored(join(record.path, info.name), info, content === undefined);
    }));
    await this.#builder.sealDirectory(record.path, sealed);
  }

  /** Takes a directory from the parent as it is; false if something in it has changed. */
  async #keepDirectory(record: DirectoryRecord, before: ParentDirectory): Promise<boolean> {
    const { repository, importer, events } = this.#options;
    const { children } = record;
    const dirpack = ParentEntries.unchangedDirpack(before, children, importer.timePrecision, repository);
    if (!dirpack) return false;
    for (const { entry: { info } } of before.children) {
      const isFile = isRegular(info.mode);
      if (isFile) this.#filesUnchanged++;
      events.stored(join(record.path, info.name), info, !isFile);
    }
    await this.#builder.keepDirectory(record.path, before.children, dirpack);
    return true;
  }

  async #storeFile(directory: ByteString, child: ChildRecord, sealed: SealedChild[]): Promise<void> {
    const path = join(directory, child.info.name);
    const { content, newBytes = 0, changed, error } = await this.#pool.store(path, child);
    if (!content) {
      const message = error ?? `Cannot read "${display(path)}"`;
      if (this.#options.importer.only !== undefined) throw nothingToRead(message);
      return this.#fail(path, message);
    }
    if (changed) this.#options.events.warn(`"${display(path)}" changed while it was read`);
    this.#filesRead++;
    this.#bytesRead += content.size;
    this.#bytesNew += newBytes;
    const info = { ...child.info, size: content.size };
    sealed.push({ info, content });
    this.#options.events.stored(path, info, true);
  }

  #fail(path: ByteString, message: string): void {
    this.#builder.addError({ path, message });
    this.#options.events.failed(path, message);
  }

  /** Every directory above the root has one child; those the importer cannot describe get plain metadata. */
  async #sealAncestors(): Promise<FileInfo> {
    const { importer, events } = this.#options;
    const infos = new Map((await importer.ancestors()).map(({ path, info }) => [path, info]));
    const infoOf = (path: ByteString) => infos.get(path) ?? syntheticDirectory(basename(path));
    for (let path = importer.root; path !== ROOT; path = dirname(path)) {
      const info = infoOf(path);
      events.stored(path, info, true);
      await this.#builder.sealDirectory(dirname(path), [{ info }]);
    }
    events.stored(ROOT, infoOf(ROOT), true);
    return infoOf(ROOT);
  }

  #header(began: bigint): Omit<Header, "duration" | "sources"> {
    const { labels, timestamp } = this.#options;
    return {
      version: VERSION_1_0_0,
      identifier: this.#options.identifier,
      timestamp: timestamp ?? began,
      identity: emptyIdentity(),
      name: labels.name,
      category: labels.category,
      environment: labels.environment,
      perimeter: labels.perimeter,
      job: labels.job,
      replicas: 1,
      dataset: "",
      dataClasses: [],
      classifications: [],
      tags: [...labels.tags],
      context: labels.context.map(([key, value]) => ({ key, value })),
    };
  }
}

/** A snapshot of one file without it would be empty. */
function nothingToRead(message: string): PlakarError {
  return new PlakarError("io", message, { hint: "Nothing of the source can be read: see that it may be" });
}
