/** The standard input and output of a child process as a byte pipe. */

import type { BytePipe, ByteReceiver } from "../../src/lib/byte_pipe.ts";

const QUEUE_LIMIT = 1024 * 1024;

/** A child process that speaks a protocol over its standard input and output. */
export class ChildPipe implements BytePipe, AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  #queued = 0;
  #drained: (() => void)[] = [];
  #resume: (() => void) | undefined;
  #paused = false;
  #closed = false;
  #reading: Promise<void> | undefined;

  /**
   * @param program what to run
   * @param args its arguments
   */
  constructor(program: string, args: string[] = []) {
    this.#child = new Deno.Command(program, { args, stdin: "piped", stdout: "piped", stderr: "null" })
      .spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#writer.closed.catch(() => {});
  }

  start(receiver: ByteReceiver): void {
    this.#reading = this.#read(receiver);
  }

  write(bytes: Uint8Array): boolean {
    this.#queued += bytes.length;
    this.#writer.write(bytes).catch(() => {}).then(() => {
      this.#queued -= bytes.length;
      if (this.#queued < QUEUE_LIMIT) this.#drained.splice(0).forEach((wake) => wake());
    });
    return this.#queued < QUEUE_LIMIT;
  }

  drained(): Promise<void> {
    return this.#queued < QUEUE_LIMIT
      ? Promise.resolve()
      : new Promise((resolve) => this.#drained.push(resolve));
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#resume?.();
  }

  close(): void {
    this.#closed = true;
    this.#writer.close().catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closed) this.close();
    this.resume();
    try {
      this.#child.kill();
    } catch {
      // It has ended already.
    }
    await this.#child.status;
    if (this.#reading) await this.#reading;
    else await this.#child.stdout.cancel();
  }

  async #read(receiver: ByteReceiver): Promise<void> {
    for await (const piece of this.#child.stdout) {
      receiver.data(piece);
      if (this.#paused) await new Promise<void>((resolve) => this.#resume = resolve);
    }
    receiver.end();
  }
}
