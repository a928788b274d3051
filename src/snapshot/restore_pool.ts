/**
 * Several restorers and one queue. The first works in the thread of whoever restores; others, in threads of their
 * own, are started when there is work for them.
 */

import { messageOf, PlakarError } from "../lib/errors.ts";
import type { ClosableRestorer, FileRestorer, RestoreJob, RestorerReport } from "./file_restorer.ts";

/** Further restorers. */
export interface Helpers {
  /** Starts one more; gives up when the signal is aborted. */
  start: (signal: AbortSignal) => Promise<ClosableRestorer>;
  /** How many there may be. */
  limit: number;
  /** Told why there are fewer. */
  warn: (message: string) => void;
}

/** A file of more bytes than this holds buffers of several megabytes while it is written. */
const LARGE_FILE = 1024 * 1024;
const LARGE_FILES_EACH = 3;
/** Another restorer is only worth its start when so much waits. */
const FILES_WORTH_A_START = 64;
const BYTES_WORTH_A_START = 8 * 1024 * 1024;
/** Files that follow each other were mostly stored together, and are read together. */
const FILES_IN_A_ROW = 32;

interface QueuedJob {
  readonly job: RestoreJob;
  readonly resolve: (failure: string | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/** A restorer, and what it is doing. */
class Member {
  readonly restorer: FileRestorer;
  bytes = 0;
  #files = 0;
  #large = 0;

  constructor(restorer: FileRestorer) {
    this.restorer = restorer;
  }

  hasRoomFor({ info }: RestoreJob): boolean {
    if (this.#files >= this.restorer.parallelism) return false;
    return info.size <= LARGE_FILE || this.#large < LARGE_FILES_EACH;
  }

  async restore(job: RestoreJob): Promise<string | undefined> {
    const { size } = job.info;
    const large = size > LARGE_FILE ? 1 : 0;
    this.#files++;
    this.#large += large;
    this.bytes += size;
    try {
      return await this.restorer.restore(job);
    } finally {
      this.#files--;
      this.#large -= large;
      this.bytes -= size;
    }
  }
}

/** Restores files by several restorers. */
export class RestorePool {
  /** How many files are worth giving to the pool at once. */
  readonly parallelism: number;
  readonly #helpers: Helpers | undefined;
  /** Whether one of them failed: then no other is started. */
  #isRefused = false;
  readonly #first: Member;
  readonly #members: Member[];
  readonly #started: ClosableRestorer[] = [];
  #current: Member;
  #inARow = 0;
  /** Small files do not wait for large ones. */
  readonly #queues: Record<"small" | "large", QueuedJob[]> = { small: [], large: [] };
  #queuedBytes = 0;
  #starting: Promise<void> | undefined;
  /** Aborted when nobody needs what is being started. */
  readonly #closing = new AbortController();
  #end: { error: unknown } | undefined;
  #closed: Promise<RestorerReport[]> | undefined;

  /**
   * Makes a pool of one restorer.
   *
   * @param first it
   * @param helpers those that may be started, if any
   */
  constructor(first: FileRestorer, helpers?: Helpers) {
    const limit = helpers?.limit ?? 0;
    const waiting = limit > 0 ? FILES_WORTH_A_START : 0;
    this.parallelism = first.parallelism * (1 + limit) + waiting;
    this.#helpers = helpers;
    this.#first = this.#current = new Member(first);
    this.#members = [this.#first];
  }

  /**
   * Restores a file.
   *
   * @param job the file
   * @returns why it could not be restored, `undefined` if it was
   * @throws if nothing more can be restored
   */
  restore(job: RestoreJob): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      if (this.#end) return reject(this.#end.error);
      this.#queueFor(job).push({ job, resolve, reject });
      this.#queuedBytes += job.info.size;
      this.#pump();
    });
  }

  /**
   * Restores nothing any more. What others are doing is stopped, and what is not whole is removed.
   *
   * @param reason what is thrown for what was still to be done
   * @returns what the helpers have to tell
   */
  close(
    reason: unknown = new PlakarError("interrupted", "The restore was stopped"),
  ): Promise<RestorerReport[]> {
    return this.#closed ??= this.#close(reason);
  }

  async #close(error: unknown): Promise<RestorerReport[]> {
    this.#end ??= { error };
    const queued = Object.values(this.#queues).flatMap((queue) => queue.splice(0));
    for (const { reject } of queued) reject(error);
    this.#closing.abort(error);
    await this.#starting;
    return await Promise.all(this.#started.map((restorer) => restorer.close()));
  }

  #queueFor({ info }: RestoreJob): QueuedJob[] {
    return this.#queues[info.size > LARGE_FILE ? "large" : "small"];
  }

  #pump(): void {
    for (const queue of Object.values(this.#queues)) {
      for (let next = queue.at(0); next; next = queue.at(0)) {
        const member = this.#memberFor(next.job);
        if (!member) break;
        queue.shift();
        this.#queuedBytes -= next.job.info.size;
        void this.#give(member, next);
      }
    }
    if (this.#helpers && this.#wantsAnother(this.#helpers)) {
      this.#starting = this.#startAnother(this.#helpers);
    }
  }

  #memberFor(job: RestoreJob): Member | undefined {
    if (this.#inARow++ < FILES_IN_A_ROW && this.#current.hasRoomFor(job)) return this.#current;
    const free = this.#members.filter((member) => member.hasRoomFor(job));
    if (free.length === 0) return undefined;
    this.#inARow = 1;
    return this.#current = free.reduce((least, member) => member.bytes < least.bytes ? member : least);
  }

  async #give(member: Member, queued: QueuedJob): Promise<void> {
    try {
      queued.resolve(await member.restore(queued.job));
    } catch (error) {
      if (this.#end || member === this.#first) queued.reject(error);
      else this.#takeBack(member, queued, error);
    }
    this.#pump();
  }

  /** What a helper cannot restore any more is for those that are left. */
  #takeBack(helper: Member, queued: QueuedJob, error: unknown): void {
    this.#queueFor(queued.job).unshift(queued);
    this.#queuedBytes += queued.job.info.size;
    const at = this.#members.indexOf(helper);
    if (at < 0) return;
    this.#members.splice(at, 1);
    if (this.#current === helper) this.#current = this.#first;
    this.#goOn(error);
  }

  /** Goes on with the members there are. */
  #goOn(error: unknown): void {
    this.#isRefused = true;
    if (this.#end || !this.#helpers) return;
    const { limit, warn } = this.#helpers;
    warn(`Going on with ${this.#members.length} of ${1 + limit} threads: ${messageOf(error)}`);
  }

  #wantsAnother({ limit }: Helpers): boolean {
    if (this.#end || this.#isRefused || this.#starting || this.#started.length >= limit) return false;
    const files = this.#queues.small.length + this.#queues.large.length;
    return files >= FILES_WORTH_A_START || this.#queuedBytes >= BYTES_WORTH_A_START;
  }

  async #startAnother({ start }: Helpers): Promise<void> {
    try {
      const restorer = await start(this.#closing.signal);
      this.#started.push(restorer);
      this.#members.push(new Member(restorer));
    } catch (error) {
      // A server may allow only so many connections.
      this.#goOn(error);
    }
    this.#starting = undefined;
    this.#pump();
  }
}
