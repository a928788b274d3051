/**
 * Several pipelines and one queue: files go in batches to whichever pipeline has the least to do.
 */

import type { FileJob, FilePipeline, FileResult } from "./file_pipeline.ts";
import type { ChildRecord } from "../connectors/record.ts";
import type { ByteString } from "../lib/byte_string.ts";
import { PlakarError } from "../lib/errors.ts";

/** A pipeline takes no more while it has this many files to do. */
export const MAX_FILES = 320;
/** A pipeline takes no more while it has this many bytes to do. */
const MAX_BYTES = 24 * 1024 * 1024;
/** Files that are sent at once. */
export const BATCH_FILES = 32;
/** Bytes of files that are sent at once. */
const BATCH_BYTES = 4 * 1024 * 1024;
/** The walk waits while this many files wait for a pipeline. */
const QUEUE_LIMIT = 4096;
/** Another pipeline is only worth its start when at least this much waits for each that runs. */
const FILES_WORTH_A_PIPELINE = 64;
const BYTES_WORTH_A_PIPELINE = 8 * 1024 * 1024;

interface Member {
  pipeline: FilePipeline;
  files: number;
  bytes: number;
}

interface Queued {
  job: FileJob;
  resolve: (result: FileResult) => void;
  reject: (error: unknown) => void;
}

/** Stores files by several pipelines, which are started when there is work for them. */
export class PipelinePool {
  readonly #start: () => Promise<FilePipeline>;
  #limit: number;
  readonly #members: Member[] = [];
  readonly #starting = new Set<Promise<void>>();
  readonly #running = new Set<Promise<void>>();
  #queue: Queued[] = [];
  #head = 0;
  #queuedBytes = 0;
  #nextId = 0;
  #failure: { error: unknown } | undefined;
  #aborted: Promise<void> | undefined;
  #room: { promise: Promise<void>; resolve: () => void } | undefined;

  /**
   * Makes a pool without any pipeline yet.
   *
   * @param start opens one more pipeline
   * @param limit how many there may be
   */
  constructor(start: () => Promise<FilePipeline>, limit: number) {
    this.#start = start;
    this.#limit = limit;
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
      this.#queue.push({ job: { id: this.#nextId++, path, child }, resolve, reject });
      this.#queuedBytes += child.info.size;
      this.#pump();
    });
  }

  /** Resolves when more files are welcome. */
  async room(): Promise<void> {
    while (this.#waiting() >= QUEUE_LIMIT && !this.#failure) {
      this.#room ??= Promise.withResolvers<void>();
      await this.#room.promise;
    }
    if (this.#failure) throw this.#failure.error;
  }

  /** Waits for what was asked for and makes everything durable. */
  async finish(): Promise<void> {
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
    await Promise.all(this.#starting);
    await allOf(this.#members, (pipeline) => pipeline.abort());
  }

  #waiting(): number {
    return this.#queue.length - this.#head;
  }

  #pump(): void {
    if (this.#failure) return;
    while (this.#waiting() > 0) {
      const member = this.#leastBusy();
      if (!member) break;
      this.#send(member, this.#takeBatch());
    }
    if (this.#wantsAnother()) this.#startAnother();
    if (this.#waiting() < QUEUE_LIMIT) {
      this.#room?.resolve();
      this.#room = undefined;
    }
  }

  #leastBusy(): Member | undefined {
    let least: Member | undefined;
    for (const member of this.#members) {
      const hasRoom = member.files === 0 || member.files < MAX_FILES && member.bytes < MAX_BYTES;
      if (hasRoom && (!least || member.bytes < least.bytes)) least = member;
    }
    return least;
  }

  #wantsAnother(): boolean {
    if (this.#waiting() === 0) return false;
    const started = this.#members.length + this.#starting.size;
    if (started >= this.#limit) return false;
    return started === 0 || this.#waiting() >= FILES_WORTH_A_PIPELINE * started ||
      this.#queuedBytes >= BYTES_WORTH_A_PIPELINE * started;
  }

  #startAnother(): void {
    const starting: Promise<void> = this.#start().then((pipeline) => {
      this.#members.push({ pipeline, files: 0, bytes: 0 });
    }).catch((error) => {
      // The work goes on with those that could be opened; a server may allow only so many connections.
      this.#limit = this.#members.length + this.#starting.size - 1;
      if (this.#limit === 0) this.#fail(error);
    }).finally(() => {
      this.#starting.delete(starting);
      this.#pump();
    });
    this.#starting.add(starting);
  }

  #takeBatch(): Queued[] {
    const batch: Queued[] = [];
    let bytes = 0;
    while (this.#waiting() > 0 && batch.length < BATCH_FILES && bytes < BATCH_BYTES) {
      const next = this.#queue[this.#head++];
      bytes += next.job.child.info.size;
      batch.push(next);
    }
    if (this.#head > 1024 && this.#head * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    this.#queuedBytes -= bytes;
    return batch;
  }

  #send(member: Member, batch: Queued[]): void {
    const byId = new Map(batch.map((queued) => [queued.job.id, queued]));
    const jobs = batch.map((queued) => queued.job);
    for (const job of jobs) {
      member.files++;
      member.bytes += job.child.info.size;
    }
    const run: Promise<void> = member.pipeline.process(jobs, (result) => {
      const queued = byId.get(result.id);
      if (!queued) return;
      byId.delete(result.id);
      member.files--;
      member.bytes -= queued.job.child.info.size;
      queued.resolve(result);
      this.#pump();
    }).catch((error) => {
      for (const queued of byId.values()) queued.reject(error);
      this.#fail(error);
    }).finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    for (const queued of this.#queue.slice(this.#head)) queued.reject(this.#failure.error);
    this.#queue = [];
    this.#head = 0;
    this.#room?.resolve();
    this.#room = undefined;
  }
}

/** One action on every pipeline; what fails is thrown when all are done. */
async function allOf(
  members: readonly Member[],
  action: (pipeline: FilePipeline) => Promise<void>,
): Promise<void> {
  const outcomes = await Promise.allSettled(members.map(({ pipeline }) => action(pipeline)));
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
}
