/** Two ends of a pipe in memory, for peers that are scripted. */

import type { BytePipe, ByteReceiver } from "../../src/lib/byte_pipe.ts";

/** What a pipe of memory can be told. */
export interface MemoryPipeOptions {
  /** Delivers pieces of at most this many bytes. */
  pieceLength?: number;
}

class End implements BytePipe {
  peer!: End;
  readonly #pieceLength: number;
  #receiver: ByteReceiver | undefined;
  #arrived: Uint8Array[] = [];
  #paused = false;
  #closed = false;
  #ending: { error?: Error } | undefined;
  #ended = false;

  constructor(pieceLength: number) {
    this.#pieceLength = pieceLength;
  }

  start(receiver: ByteReceiver): void {
    this.#receiver = receiver;
    this.#deliver();
  }

  write(bytes: Uint8Array): boolean {
    if (this.#closed) return true;
    for (let at = 0; at < bytes.length; at += this.#pieceLength) {
      this.peer.#arrived.push(bytes.slice(at, at + this.#pieceLength));
    }
    queueMicrotask(() => this.peer.#deliver());
    return true;
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#deliver();
  }

  close(): void {
    this.fail();
    this.#ending = {};
    queueMicrotask(() => this.#deliver());
  }

  /** Ends the pipe so that the other side sees an error, or just the end. */
  fail(error?: Error): void {
    this.#closed = true;
    this.peer.#ending ??= { error };
    queueMicrotask(() => this.peer.#deliver());
  }

  #deliver(): void {
    if (!this.#receiver || this.#paused) return;
    for (let piece = this.#arrived.shift(); piece; piece = this.#arrived.shift()) {
      this.#receiver.data(piece);
      if (this.#paused) return;
    }
    if (this.#ending && !this.#ended) {
      this.#ended = true;
      this.#receiver.end(this.#ending.error);
    }
  }
}

/** One end, which can also break. */
export type MemoryPipeEnd = BytePipe & { fail(error?: Error): void };

/**
 * Makes a pipe.
 *
 * @param options how it delivers
 * @returns its two ends
 */
export function memoryPipe(options: MemoryPipeOptions = {}): [MemoryPipeEnd, MemoryPipeEnd] {
  const length = options.pieceLength ?? Infinity;
  const a = new End(length);
  const b = new End(length);
  a.peer = b;
  b.peer = a;
  return [a, b];
}
