/** Standard output and standard error as one queue, so that their lines keep their order on a terminal. */

import { concat } from "../lib/bytes.ts";
import { reasonOf } from "../connectors/local/os_error.ts";
import { messageOf, PlakarError } from "../lib/errors.ts";

/** Where bytes are written to. */
export interface Sink {
  /** Writes some of the bytes and returns how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** Whether a person sees it. */
  isTerminal(): boolean;
}

/** Nobody reads standard output any more. What made it may stop, quietly. */
export class OutputClosed extends Error {
  /** The name of this class. */
  override readonly name = "OutputClosed";

  /** Makes the error. */
  constructor() {
    super("Nobody reads the output any more");
  }
}

const STANDING = 256 * 1024;

/** A queue of what is to be written to standard output (1) and standard error (2). */
export class OutputStream {
  readonly #sinks: Readonly<Record<1 | 2, Sink>>;
  readonly #encoder = new TextEncoder();
  #queue: { fd: 1 | 2; bytes: Uint8Array[] }[] = [];
  #queued = 0;
  #pump: Promise<void> | undefined;
  #status: readonly string[] = [];
  #statusShown = 0;
  #closed = false;
  #failure: PlakarError | undefined;
  #waiting: (() => void)[] = [];

  /**
   * An empty queue.
   *
   * @param stdout standard output
   * @param stderr standard error
   */
  constructor(stdout: Sink, stderr: Sink) {
    this.#sinks = { 1: stdout, 2: stderr };
  }

  /**
   * Queues text or bytes.
   *
   * @param fd 1 for standard output, 2 for standard error
   * @param content what to write
   */
  write(fd: 1 | 2, content: string | Uint8Array): void {
    this.#eraseStatus();
    this.#push(fd, content);
    this.#start();
  }

  /**
   * Shows lines below everything else, on standard error, until others replace them.
   *
   * @param lines the lines, none to take them away
   */
  status(lines: readonly string[]): void {
    this.#eraseStatus();
    this.#status = lines;
    this.#start();
  }

  /** Waits until little is queued, and throws if standard output is of no use any more. */
  async drain(): Promise<void> {
    this.#throwIfUseless();
    if (this.#queued <= STANDING) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#throwIfUseless();
  }

  /** Waits until nothing is queued. */
  async flush(): Promise<void> {
    while (this.#pump) await this.#pump;
  }

  /** Throws if standard output could not be written to, unless nobody reads it. */
  throwIfFailed(): void {
    if (this.#failure) throw this.#failure;
  }

  #throwIfUseless(): void {
    this.throwIfFailed();
    if (this.#closed) throw new OutputClosed();
  }

  #push(fd: 1 | 2, content: string | Uint8Array): void {
    const bytes = typeof content === "string" ? this.#encoder.encode(content) : content;
    const last = this.#queue.at(-1);
    if (last?.fd === fd) last.bytes.push(bytes);
    else this.#queue.push({ fd, bytes: [bytes] });
    this.#queued += bytes.length;
  }

  #eraseStatus(): void {
    if (this.#statusShown === 0) return;
    this.#push(2, `\r${this.#statusShown > 1 ? `\x1b[${this.#statusShown - 1}A` : ""}\x1b[J`);
    this.#statusShown = 0;
  }

  #drawStatus(): void {
    if (this.#status.length === 0 || this.#statusShown > 0) return;
    // What a person types, such as ^C, is shown at the beginning, and cannot begin another line.
    this.#push(2, `${this.#status.join("\n")}\r`);
    this.#statusShown = this.#status.length;
  }

  #start(): void {
    this.#pump ??= this.#run();
  }

  async #run(): Promise<void> {
    // What is written in one go is drawn with one status block below it.
    await Promise.resolve();
    this.#drawStatus();
    for (let next = this.#queue.shift(); next; next = this.#queue.shift()) {
      await this.#writeAll(next.fd, next.bytes);
      if (this.#queued <= STANDING) { for (const resolve of this.#waiting.splice(0)) resolve(); }
      if (this.#queue.length === 0) this.#drawStatus();
    }
    this.#pump = undefined;
  }

  async #writeAll(fd: 1 | 2, parts: Uint8Array[]): Promise<void> {
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    try {
      for (const part of length < STANDING ? [concat(...parts)] : parts) {
        if (fd === 1 && (this.#closed || this.#failure)) break;
        for (let at = 0; at < part.length;) at += await this.#sinks[fd].write(part.subarray(at));
      }
    } catch (error) {
      // There is nobody left to tell about a failing standard error.
      if (fd === 1) this.#stdoutFailed(error);
    } finally {
      this.#queued -= length;
    }
  }

  #stdoutFailed(error: unknown): void {
    if (error instanceof Deno.errors.BrokenPipe) {
      this.#closed = true;
      return;
    }
    const code = /os error 28/.test(messageOf(error)) ? "no-space" : "io";
    this.#failure = new PlakarError(code, `Cannot write to standard output: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}
