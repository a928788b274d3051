/** A pipeline that lives in a worker, as the main thread sees it. */

import type { PackfileReport } from "../repository/packer.ts";
import type { GiveChunk, SharedBytes } from "./chunk_giver.ts";
import type { FileJob, FilePipeline, FileResult } from "./file_pipeline.ts";
import { outcomeOf } from "./outcome.ts";
import { PendingAnswers } from "./pending_answers.ts";
import {
  type Milestone,
  type PipelineReply,
  type PipelineRequest,
  type PipelineSpec,
} from "./pipeline_protocol.ts";
import type { StoredChunk } from "./store_chunk.ts";
import { beforeAbort } from "../lib/before_abort.ts";
import type { ByteString } from "../lib/byte_string.ts";
import { PlakarError } from "../lib/errors.ts";

/** Who is told what happens in the worker beside results. */
export interface WorkerPipelineEvents {
  /** A packfile was written. */
  packfile: (report: PackfileReport) => void;
  /** So many bytes of files were read since the last time, the last of them of this path. */
  read: (bytes: number, path: ByteString) => void;
  /** Something the person should know. */
  warn: (message: string) => void;
  /** A chunk is to be stored by another pipeline. */
  give: GiveChunk;
}

/** A {@linkcode FilePipeline} in a worker. */
export class WorkerFilePipeline implements FilePipeline {
  readonly #worker: Worker;
  readonly #events: WorkerPipelineEvents;
  readonly #batches = new PendingAnswers<number>();
  readonly #chunks = new PendingAnswers<number, StoredChunk>();
  readonly #milestones = new PendingAnswers<Milestone>();
  readonly #sinks = new Map<number, (result: FileResult) => void>();
  #nextBatch = 0;
  #nextChunk = 0;
  #end: PlakarError | undefined;

  private constructor(events: WorkerPipelineEvents) {
    this.#events = events;
    this.#worker = new Worker(new URL("./pipeline_worker.ts", import.meta.url), { type: "module" });
    this.#worker.onmessage = (event: MessageEvent<PipelineReply>) => this.#receive(event.data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#close(new PlakarError("io", `A pipeline stopped working: ${event.message}`));
    };
  }

  /**
   * Starts a worker and lets it open its connection and its storage.
   *
   * @param spec what the worker needs
   * @param events who is told what happens
   * @param signal gives up
   * @returns the pipeline, ready
   */
  static async open(
    spec: PipelineSpec,
    events: WorkerPipelineEvents,
    signal: AbortSignal,
  ): Promise<WorkerFilePipeline> {
    const pipeline = new WorkerFilePipeline(events);
    try {
      await beforeAbort(pipeline.#reach("opened", { kind: "open", spec }), signal);
      return pipeline;
    } catch (error) {
      pipeline.#close();
      throw error;
    }
  }

  /**
   * Sends files to the worker.
   *
   * @param jobs the files
   * @param done called with every result
   * @returns resolves when all of them are done
   */
  process(jobs: FileJob[], done: (result: FileResult) => void): Promise<void> {
    const batch = this.#nextBatch++;
    for (const job of jobs) this.#sinks.set(job.id, done);
    return this.#ask(this.#batches, batch, { kind: "process", batch, jobs });
  }

  /**
   * Gives a chunk to the worker.
   *
   * @param bytes the chunk, which must not change meanwhile
   * @returns what became of it
   */
  storeChunk(bytes: SharedBytes): Promise<StoredChunk> {
    const chunk = this.#nextChunk++;
    return this.#ask(this.#chunks, chunk, { kind: "store", chunk, bytes });
  }

  /**
   * Tells the worker how many chunks it may give away at once.
   *
   * @param chunks so many, from now on
   */
  allow(chunks: number): void {
    this.#post({ kind: "allow", chunks });
  }

  /** Lets the worker make everything durable, and ends it. */
  async finish(): Promise<void> {
    await this.#reach("finished", { kind: "finish" });
    this.#close();
  }

  /** Lets the worker remove what is not whole, and ends it. */
  async abort(): Promise<void> {
    // A worker that is gone has nothing left to remove.
    if (this.#end) return;
    try {
      await this.#reach("aborted", { kind: "abort" });
    } finally {
      this.#close();
    }
  }

  #reach(milestone: Milestone, request: PipelineRequest): Promise<void> {
    return this.#ask(this.#milestones, milestone, request);
  }

  #ask<K, T>(answers: PendingAnswers<K, T>, key: K, request: PipelineRequest): Promise<T> {
    if (this.#end) return Promise.reject(this.#end);
    this.#post(request);
    return answers.wait(key);
  }

  /** Nothing is said to a worker that has ended. */
  #post(request: PipelineRequest): void {
    if (!this.#end) this.#worker.postMessage(request);
  }

  #receive(reply: PipelineReply): void {
    switch (reply.kind) {
      case "results":
        if (reply.lastRead !== undefined) this.#events.read(reply.bytesRead, reply.lastRead);
        for (const result of reply.results) {
          const sink = this.#sinks.get(result.id);
          this.#sinks.delete(result.id);
          sink?.(result);
        }
        return;
      case "packfile":
        return this.#events.packfile(reply.report);
      case "warning":
        return this.#events.warn(reply.message);
      case "processed":
        return this.#batches.settle(reply.batch, reply.outcome);
      case "stored":
        return this.#chunks.settle(reply.chunk, reply.outcome);
      case "give":
        return void this.#give(reply.chunk, reply.bytes);
      default:
        return this.#milestones.settle(reply.kind, reply.outcome);
    }
  }

  async #give(chunk: number, bytes: SharedBytes): Promise<void> {
    const outcome = await outcomeOf(this.#events.give(bytes));
    this.#post({ kind: "given", chunk, outcome });
  }

  /** Ends the worker and everything that waits for it. */
  #close(error = new PlakarError("interrupted", "The pipeline was closed before the work was done")): void {
    this.#end ??= error;
    this.#worker.terminate();
    for (const answers of [this.#batches, this.#chunks, this.#milestones]) answers.giveUp(this.#end);
    this.#sinks.clear();
  }
}
