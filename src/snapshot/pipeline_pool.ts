/**
 * Several pipelines and one queue: files go in batches to whichever pipeline has the least to do. Those that have
 * nothing to do help with the chunks of large files.
 */

import type { ChildRecord } from "../connectors/record.ts";
import type { ByteString } from "../lib/byte_string.ts";
import { messageOf, PlakarError } from "../lib/errors.ts";
import { ChunkExchange } from "./chunk_exchange.ts";
import type { GiveChunk, SharedBytes } from "./chunk_giver.ts";
import type { FilePipeline, FileResult } from "./file_pipeline.ts";
import { FileQueue, type QueuedFile } from "./file_queue.ts";
import { PoolMember } from "./pool_member.ts";
import type { StoredChunk } from "./store_chunk.ts";

/** The walk waits while this many files wait for a pipeline. Each takes some three kilobytes of the heap. */
const QUEUE_LIMIT = 1024;
/** Another pipeline is only worth its start when at least this much waits for each that runs. */
const FILES_WORTH_A_PIPELINE = 64;
const BYTES_WORTH_A_PIPELINE = 8 * 1024 * 1024;

/** How one more pipeline is started. */
export interface PipelineStart {
  /** Has a chunk stored by another pipeline, for one that {@linkcode FilePipeline.allow} lets do so. */
  give: GiveChunk;
  /** Whether the work goes on without it. */
  isExtra: boolean;
  /** Gives up. */
  signal: AbortSignal;
}

/** What a {@linkcode PipelinePool} works with. */
export interface PipelinePoolOptions {
  /** Opens one more pipeline. */
  start: (how: PipelineStart) => Promise<FilePipeline>;
  /** How many there may be. */
  limit: number;
  /** Told why there are fewer. */
  warn: (message: string) => void;
}

/** Stores files by several pipelines, which are started when there is work for them. */
export class PipelinePool {
  readonly #options: PipelinePoolOptions;
  #limit: number;
  /** Why there are to be fewer pipelines, until that is told. */
  #refusal: { error: unknown } | undefined;
  readonly #members: PoolMember[] = [];
  readonly #exchange = new ChunkExchange(this.#members);
  readonly #starting = new Set<Promise<void>>();
  /** Aborted when nobody needs what is being started. */
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #queue = new FileQueue();
  #nextId = 0;
  #failure: { error: unknown } | undefined;
  #aborted: Promise<void> | undefined;
  #room: { promise: Promise<void>; resolve: () => void } | undefined;

  /**
   * Makes a pool without any pipeline yet.
   *
   * @param options what starts pipelines, and how many there may be
   */
  constructor(options: PipelinePoolOptions) {
    this.#options = options;
    this.#limit = options.limit;
  }

  /**
   * Stores a file.
   *
   * @param path its absolute path
   * @param child what the walk saw of it
   * @returns what became of it
   * @throws if the repository cannot be written or the source as a whole is lost
   */
  store(path: ByteString, child: ChildRecord): Promise<FileResult> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure.error);
      this.#queue.add({ job: { id: this.#nextId++, path, child }, resolve, reject });
      this.#pump();
    });
  }

  /** Resolves when more files are welcome. */
  async room(): Promise<void> {
    while (this.#queue.length >= QUEUE_LIMIT && !this.#failure) {
      this.#room ??= Promise.withResolvers<void>();
      await this.#room.promise;
    }
    if (this.#failure) throw this.#failure.error;
  }

  /** Waits for what was asked for and makes everything durable. */
  async finish(): Promise<void> {
    if (this.#queue.length === 0) this.#closing.abort();
    await Promise.all(this.#starting);
    await Promise.all(this.#running);
    if (this.#failure) throw this.#failure.error;
    await allOf(this.#members, (pipeline) => pipeline.finish());
    this.#members.length = 0;
  }

  /** Drops the queue, removes what is not durable and closes the pipelines. May be called at any time, again too. */
  abort(): Promise<void> {
    return this.#aborted ??= this.#abort();
  }

  async #abort(): Promise<void> {
    this.#fail(new PlakarError("interrupted", "Cannot store any more files: the work was stopped"));
    this.#closing.abort();
    await Promise.all(this.#starting);
    await allOf(this.#members, (pipeline) => pipeline.abort());
  }

  #pump(): void {
    if (this.#failure) return;
    while (this.#queue.length > 0) {
      const member = this.#leastBusy();
      if (!member) break;
      this.#send(member, this.#queue.takeBatch());
    }
    if (this.#wantsAnother()) this.#startAnother();
    this.#exchange.share();
    if (this.#queue.length < QUEUE_LIMIT) {
      this.#room?.resolve();
      this.#room = undefined;
    }
  }

  #leastBusy(): PoolMember | undefined {
    let least: PoolMember | undefined;
    for (const member of this.#members) {
      if (member.hasRoom && (!least || member.bytes < least.bytes)) least = member;
    }
    return least;
  }

  #wantsAnother(): boolean {
    if (this.#closing.signal.aborted) return false;
    const started = this.#members.length + this.#starting.size;
    if (started >= this.#limit) return false;
    if (started < this.#exchange.wanted) return true;
    if (this.#queue.length === 0) return false;
    return started === 0 || this.#queue.length >= FILES_WORTH_A_PIPELINE * started ||
      this.#queue.bytes >= BYTES_WORTH_A_PIPELINE * started;
  }

  #startAnother(): void {
    const { signal } = this.#closing;
    const isExtra = this.#members.length + this.#starting.size > 0;
    const give = (bytes: SharedBytes) => this.#give(bytes);
    const starting: Promise<void> = this.#options.start({ give, isExtra, signal }).then((pipeline) => {
      this.#members.push(new PoolMember(pipeline));
    }).catch((error) => {
      if (signal.aborted) return;
      // The work goes on with those that could be opened; a server may allow only so many connections.
      this.#limit = this.#members.length + this.#starting.size - 1;
      if (this.#limit === 0) this.#fail(error);
      this.#refusal ??= { error };
    }).finally(() => {
      this.#starting.delete(starting);
      this.#tellRefusal();
      this.#pump();
    });
    this.#starting.add(starting);
  }

  /** Several that are refused at the same time are told of together. */
  #tellRefusal(): void {
    if (!this.#refusal || this.#starting.size > 0) return;
    const { error } = this.#refusal;
    this.#refusal = undefined;
    if (this.#failure) return;
    this.#options.warn(`Going on with ${this.#limit} of ${this.#options.limit} threads: ${messageOf(error)}`);
  }

  #send(member: PoolMember, batch: QueuedFile[]): void {
    const byId = new Map(batch.map((queued) => [queued.job.id, queued]));
    const jobs = batch.map((queued) => queued.job);
    for (const job of jobs) member.begins(job);
    const run: Promise<void> = member.pipeline.process(jobs, (result) => {
      const queued = byId.get(result.id);
      if (!queued) return;
      byId.delete(result.id);
      member.ends(queued.job);
      queued.resolve(result);
      this.#pump();
    }).catch((error) => {
      for (const queued of byId.values()) queued.reject(error);
      this.#fail(error);
    }).finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  /** Who reads the file may have given it up since: then nobody else would hear of a failure. */
  async #give(bytes: SharedBytes): Promise<StoredChunk> {
    try {
      return await this.#exchange.store(bytes);
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    for (const queued of this.#queue.takeAll()) queued.reject(this.#failure.error);
    this.#room?.resolve();
    this.#room = undefined;
  }
}

/** One action on every pipeline; what fails is thrown when all are done. */
async function allOf(
  members: readonly PoolMember[],
  action: (pipeline: FilePipeline) => Promise<void>,
): Promise<void> {
  const outcomes = await Promise.allSettled(members.map(({ pipeline }) => action(pipeline)));
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
}
