/** A pipeline that lives in a worker, as the main thread sees it. */

import type { PackfileReport } from "../repository/packer.ts";
import type { FileJob, FilePipeline, FileResult } from "./file_pipeline.ts";
import {
  decodeError,
  type ErrorMessage,
  type PipelineReply,
  type PipelineRequest,
  type PipelineSpec,
} from "./pipeline_protocol.ts";
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
}

interface Waiting {
  resolve: () => void;
  reject: (error: unknown) => void;
}

/** A {@linkcode FilePipeline} in a worker. */
export class WorkerFilePipeline implements FilePipeline {
  readonly #worker: Worker;
  readonly #events: WorkerPipelineEvents;
  readonly #batches = new Map<number, Waiting>();
  readonly #sinks = new Map<number, (result: FileResult) => void>();
  readonly #milestones = new Map<string, Waiting>();
  #nextBatch = 0;
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
   * @returns the pipeline, ready
   */
  static async open(spec: PipelineSpec, events: WorkerPipelineEvents): Promise<WorkerFilePipeline> {
    const pipeline = new WorkerFilePipeline(events);
    try {
      await pipeline.#ask("opened", { kind: "open", spec });
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
    return this.#post(this.#batches, batch, { kind: "process", batch, jobs });
  }

  /** Lets the worker make everything durable, and ends it. */
  async finish(): Promise<void> {
    await this.#ask("finished", { kind: "finish" });
    this.#close();
  }

  /** Lets the worker remove what is not whole, and ends it. */
  async abort(): Promise<void> {
    // A worker that is gone has nothing left to remove.
    if (this.#end) return;
    try {
      await this.#ask("aborted", { kind: "abort" });
    } finally {
      this.#close();
    }
  }

  #ask(milestone: string, request: PipelineRequest): Promise<void> {
    return this.#post(this.#milestones, milestone, request);
  }

  #post<K>(waiting: Map<K, Waiting>, key: K, request: PipelineRequest): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#end) return reject(this.#end);
      waiting.set(key, { resolve, reject });
      this.#worker.postMessage(request);
    });
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
        return settle(this.#batches, reply.batch, reply.error);
      default:
        return settle(this.#milestones, reply.kind, reply.error);
    }
  }

  /** Ends the worker and everything that waits for it. */
  #close(error = new PlakarError("interrupted", "The pipeline was closed before the work was done")): void {
    this.#end ??= error;
    this.#worker.terminate();
    for (const waiting of [...this.#batches.values(), ...this.#milestones.values()]) {
      waiting.reject(this.#end);
    }
    this.#batches.clear();
    this.#milestones.clear();
    this.#sinks.clear();
  }
}

function settle<K>(waiting: Map<K, Waiting>, key: K, error: ErrorMessage | undefined): void {
  const entry = waiting.get(key);
  waiting.delete(key);
  if (error) entry?.reject(decodeError(error));
  else entry?.resolve();
}
