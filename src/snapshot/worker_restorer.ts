/** A restorer that lives in a worker, as the main thread sees it. */

import { beforeAbort } from "../lib/before_abort.ts";
import type { ByteString } from "../lib/byte_string.ts";
import { PlakarError } from "../lib/errors.ts";
import type { ClosableRestorer, RestoreJob, RestorerReport } from "./file_restorer.ts";
import { PendingAnswers } from "./pending_answers.ts";
import type { NumberedJob, RestorerReply, RestorerRequest, RestorerSpec } from "./restore_protocol.ts";

/** Who is told what happens in the worker beside results. */
export interface WorkerRestorerEvents {
  /** So many bytes of files were written since the last time, the last of them of this path. */
  written: (bytes: number, path: ByteString) => void;
  /** Something the person should know. */
  warn: (message: string) => void;
}

/** A {@linkcode ClosableRestorer} in a worker. */
export class WorkerFileRestorer implements ClosableRestorer {
  /** How many files are worth restoring at once. */
  readonly parallelism: number;
  readonly #worker: Worker;
  readonly #events: WorkerRestorerEvents;
  readonly #opened = new PendingAnswers<"opened">();
  readonly #closed = new PendingAnswers<"closed", RestorerReport>();
  readonly #jobs = new PendingAnswers<number, string | undefined>();
  #gathered: NumberedJob[] = [];
  #nextId = 0;
  #end: PlakarError | undefined;

  private constructor(parallelism: number, events: WorkerRestorerEvents) {
    this.parallelism = parallelism;
    this.#events = events;
    this.#worker = new Worker(new URL("./restore_worker.ts", import.meta.url), { type: "module" });
    this.#worker.onmessage = (event: MessageEvent<RestorerReply>) => this.#receive(event.data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#finish(new PlakarError("io", `A thread that restores stopped working: ${event.message}`));
    };
  }

  /**
   * Starts a worker and lets it open its storage and its connection.
   *
   * @param spec what the worker needs
   * @param events who is told what happens
   * @param signal gives up
   * @returns the restorer, ready
   */
  static async open(
    spec: RestorerSpec,
    events: WorkerRestorerEvents,
    signal: AbortSignal,
  ): Promise<WorkerFileRestorer> {
    const restorer = new WorkerFileRestorer(spec.parallelism, events);
    try {
      restorer.#post({ kind: "open", spec });
      await beforeAbort(restorer.#opened.wait("opened"), signal);
      return restorer;
    } catch (error) {
      restorer.#finish();
      throw error;
    }
  }

  /**
   * Lets the worker restore a file.
   *
   * @param job the file
   * @returns why it could not be restored, `undefined` if it was
   * @throws if nothing more can be restored
   */
  restore(job: RestoreJob): Promise<string | undefined> {
    if (this.#end) return Promise.reject(this.#end);
    const id = this.#nextId++;
    // Those that come together are sent together.
    if (this.#gathered.push({ ...job, id }) === 1) setTimeout(() => this.#send(), 0);
    return this.#jobs.wait(id);
  }

  /**
   * Lets the worker stop and remove what is not whole, and ends it.
   *
   * @returns what it has to tell; nothing if it is gone
   */
  async close(): Promise<RestorerReport> {
    if (this.#end) return { degradations: [], bytesRead: 0 };
    try {
      this.#post({ kind: "close" });
      return await this.#closed.wait("closed");
    } finally {
      this.#finish();
    }
  }

  #send(): void {
    const jobs = this.#gathered;
    this.#gathered = [];
    this.#post({ kind: "restore", jobs });
  }

  /** Nothing is said to a worker that has ended. */
  #post(request: RestorerRequest): void {
    if (!this.#end) this.#worker.postMessage(request);
  }

  #receive(reply: RestorerReply): void {
    switch (reply.kind) {
      case "results":
        if (reply.lastWritten !== undefined) this.#events.written(reply.bytesWritten, reply.lastWritten);
        for (const { id, outcome } of reply.results) this.#jobs.settle(id, outcome);
        return;
      case "warning":
        return this.#events.warn(reply.message);
      case "opened":
        return this.#opened.settle("opened", reply.outcome);
      case "closed":
        return this.#closed.settle("closed", reply.outcome);
    }
  }

  /** Ends the worker and everything that waits for it. */
  #finish(error = new PlakarError("interrupted", "The restorer was closed before the work was done")): void {
    this.#end ??= error;
    this.#worker.terminate();
    for (const answers of [this.#opened, this.#closed, this.#jobs]) answers.giveUp(this.#end);
  }
}
