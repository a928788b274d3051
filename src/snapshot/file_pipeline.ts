/**
 * The way of a file's bytes: read, cut, name, compress, encrypt, pack, store.
 *
 * A pipeline owns its reader and its packfiles, so that it can live in a worker: file contents never cross
 * a thread, only jobs and results do. The exception are chunks of large files, which a pipeline that has nothing else
 * to do stores for the one that reads them.
 */

import { entropy } from "../chunking/entropy.ts";
import type { FileReader } from "../connectors/importer/importer.ts";
import type { ChildRecord } from "../connectors/record.ts";
import { isServerLost } from "../connectors/remote/server_loss.ts";
import type { ByteString } from "../lib/byte_string.ts";
import { BufferPool } from "../lib/buffer_pool.ts";
import { Semaphore } from "../lib/concurrency.ts";
import { messageOf, PlakarError } from "../lib/errors.ts";
import { ChunkGiver, type GiveChunk, type SharedBytes } from "./chunk_giver.ts";
import { ObjectBuilder, type ObjectContext, type StoredContent } from "./object_builder.ts";
import { storeChunk, type StoredChunk } from "./store_chunk.ts";

/** A file to be stored. */
export interface FileJob {
  /** Chosen by the sender, to know the result by. */
  id: number;
  /** The file's absolute path. */
  path: ByteString;
  /** What the walk saw of it. */
  child: ChildRecord;
}

/** What became of a {@linkcode FileJob}. */
export interface FileResult {
  /** The job's id. */
  id: number;
  /** The content, if it could be stored. */
  content?: StoredContent;
  /** How many of its bytes nobody had stored before. */
  newBytes?: number;
  /** Whether the file changed while it was read. */
  changed?: boolean;
  /** Why it could not be read. */
  error?: string;
}

/** Stores the contents of files. */
export interface FilePipeline {
  /**
   * Stores files; a file that cannot be read is a result with an error.
   *
   * @param jobs the files
   * @param done called with every result
   * @throws if the repository cannot be written, or the source as a whole is lost
   */
  process(jobs: FileJob[], done: (result: FileResult) => void): Promise<void>;
  /**
   * Stores a chunk of a file that another pipeline reads.
   *
   * @param bytes the chunk, which must not change meanwhile
   * @returns what became of it, when it wants more
   * @throws if the repository cannot be written
   */
  storeChunk(bytes: SharedBytes): Promise<StoredChunk>;
  /**
   * Lets it give chunks of large files away, which other pipelines store.
   *
   * @param chunks how many may be under way, from now on; none before the first call
   */
  allow(chunks: number): void;
  /** Makes everything durable. Nothing may be processed after that. */
  finish(): Promise<void>;
  /**
   * Stops what is being processed, removes what is not durable yet and closes connections. Safe after `finish`,
   * failed or not.
   */
  abort(): Promise<void>;
}

/** How many files with large buffers one pipeline works on at once. */
const LARGE_FILES = 2;
/** Bytes of buffers that wait for their next file. */
const KEPT_BUFFERS = 20 * 1024 * 1024;

/** A pipeline in this thread. */
export class LocalFilePipeline implements FilePipeline {
  readonly #reader: FileReader;
  readonly #context: ObjectContext;
  readonly #progress: (bytes: number, path: ByteString) => void;
  readonly #files: Semaphore;
  readonly #stop = new AbortController();
  readonly #running = new Set<Promise<FileResult>>();

  /**
   * Makes a pipeline that is ready.
   *
   * @param reader where contents come from; closed by the pipeline
   * @param context where they go
   * @param progress told of bytes as they are read, and of which file
   * @param give has chunks stored by another pipeline, if there can be one
   */
  constructor(
    reader: FileReader,
    context: Omit<ObjectContext, "large" | "buffers" | "giver">,
    progress: (bytes: number, path: ByteString) => void = () => {},
    give?: GiveChunk,
  ) {
    this.#reader = reader;
    this.#progress = progress;
    this.#context = {
      ...context,
      large: new Semaphore(LARGE_FILES),
      buffers: new BufferPool(KEPT_BUFFERS),
      giver: give && new ChunkGiver(give, context.chunker.maxSize),
    };
    this.#files = new Semaphore(reader.parallelism);
  }

  /**
   * Stores files, as many at once as the reader likes.
   *
   * @param jobs the files
   * @param done called with every result
   */
  async process(jobs: FileJob[], done: (result: FileResult) => void): Promise<void> {
    await Promise.all(jobs.map(async (job) => {
      using _permit = await this.#files.acquire();
      const storing = this.#store(job);
      this.#running.add(storing);
      try {
        done(await storing);
      } finally {
        this.#running.delete(storing);
      }
    }));
  }

  /**
   * Stores a chunk as if it had been read here.
   *
   * @param bytes the chunk
   * @returns what became of it
   */
  storeChunk(bytes: SharedBytes): Promise<StoredChunk> {
    return storeChunk(this.#context, bytes, entropy(bytes));
  }

  /**
   * Changes how many chunks may be given away at once.
   *
   * @param chunks so many, from now on
   */
  allow(chunks: number): void {
    this.#context.giver?.allow(chunks);
  }

  /** Closes the packfile that is being filled, and the reader. */
  async finish(): Promise<void> {
    await this.#context.packer.flush();
    await this.#reader[Symbol.asyncDispose]();
  }

  /** Stops reading, then removes what is not a whole packfile. */
  async abort(): Promise<void> {
    const reason = new PlakarError("interrupted", "The file was not read to its end: the work was stopped");
    this.#stop.abort(reason);
    this.#context.giver?.stop(reason);
    await this.#reader[Symbol.asyncDispose]();
    await Promise.allSettled(this.#running);
    await this.#context.packer.abort();
  }

  async #store(job: FileJob): Promise<FileResult> {
    const { signal } = this.#stop;
    signal.throwIfAborted();
    using builder = new ObjectBuilder(this.#context, job.child.info.size);
    let storing: unknown;
    const sink = (piece: Uint8Array): void | Promise<void> => {
      this.#progress(piece.length, job.path);
      const wait = builder.add(piece);
      // A failure to store is no failure of the file: it must not be taken for one below.
      return wait?.catch((error) => {
        storing = error;
        throw error;
      });
    };
    let read;
    try {
      read = await this.#reader.read(job.path, job.child, sink, signal);
    } catch (error) {
      if (storing !== undefined || isServerLost(error)) throw error;
      return { id: job.id, error: messageOf(error) };
    }
    const content = await builder.finish();
    return { id: job.id, content, newBytes: builder.newBytes, changed: read.changed };
  }
}
