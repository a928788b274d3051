/** An exporter that keeps what it is given, and the order of it. */

import { setImmediate } from "node:timers";
import type { Degradation, Exporter, FileWriter } from "../../src/connectors/exporter/exporter.ts";
import type { FileInfo } from "../../src/kloset/file_info.ts";
import type { ByteString } from "../../src/lib/byte_string.ts";
import { concat } from "../../src/lib/bytes.ts";
import { PlakarError } from "../../src/lib/errors.ts";

/** Records calls. Each takes a few turns of the event loop, as a real target would. */
export class RecordingExporter implements Exporter {
  readonly displayName = "recorder";
  readonly parallelism: number;
  readonly degradations: Degradation[] = [];
  /** What was asked for and done, in order of completion: `mkdir /a`, `file /a/b`, `finish /a`, … */
  readonly done: string[] = [];
  /** What was begun, in order. */
  readonly begun: string[] = [];
  /** Contents of committed files. */
  readonly files = new Map<string, Uint8Array>();
  /** Targets of links. */
  readonly links = new Map<string, string>();
  /** Metadata by path. */
  readonly infos = new Map<string, FileInfo>();
  /** Files that were begun and neither committed nor aborted. */
  unfinished = 0;
  /** Decides which calls fail, by `operation path`. */
  fault: (call: string) => Error | undefined = () => undefined;

  constructor(options: { parallelism?: number } = {}) {
    this.parallelism = options.parallelism ?? 8;
  }

  /** Lets every call fail whose text is given. */
  failOn(...calls: string[]): this {
    this.fault = (call) => calls.includes(call) ? new PlakarError("io", `Cannot ${call}`) : undefined;
    return this;
  }

  createDirectory(path: ByteString): Promise<void> {
    return this.#do("mkdir", path);
  }

  async createFile(path: ByteString, info: FileInfo): Promise<FileWriter> {
    await this.#do("file", path);
    this.unfinished++;
    const pieces: Uint8Array[] = [];
    return {
      write: async (piece) => {
        await this.#do("write", path);
        pieces.push(piece.slice());
      },
      commit: async () => {
        await this.#do("commit", path);
        this.unfinished--;
        this.files.set(path, concat(...pieces));
        this.infos.set(path, info);
      },
      abort: async () => {
        await this.#do("abort", path);
        this.unfinished--;
      },
    };
  }

  async createSymlink(path: ByteString, target: ByteString, info: FileInfo): Promise<void> {
    await this.#do("link", path);
    this.links.set(path, target);
    this.infos.set(path, info);
  }

  async skipSpecialFile(path: ByteString, info: FileInfo): Promise<void> {
    await this.#do("special", path);
    this.infos.set(path, info);
  }

  async finishDirectory(path: ByteString, info?: FileInfo): Promise<void> {
    await this.#do("finish", path);
    if (info) this.infos.set(path, info);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  async #do(operation: string, path: string): Promise<void> {
    const call = `${operation} ${path}`;
    this.begun.push(call);
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    const error = this.fault(call);
    if (error) throw error;
    this.done.push(call);
  }
}
