/** A channel of the built-in transport as a byte pipe. */

import type { BytePipe, ByteReceiver } from "../../lib/byte_pipe.ts";
import { concat } from "../../lib/bytes.ts";
import { PlakarError } from "../../lib/errors.ts";
import { shownLine } from "./shown.ts";
import type { Ssh2Channel } from "./ssh2.ts";

/** How much of what the far side wrote to its standard error is kept for the error message. */
const MAX_STDERR = 4096;

/** The bytes of one channel. */
export class ChannelPipe implements BytePipe {
  readonly #channel: Ssh2Channel;
  readonly #lossOf: () => PlakarError | undefined;
  #stderr: Uint8Array = new Uint8Array();
  #exit: string | undefined;
  #isClosing = false;
  #hasEnded = false;
  #wakers: (() => void)[] = [];

  /**
   * Takes an open channel; nothing is delivered yet.
   *
   * @param channel the channel
   * @param lossOf why the connection was lost, if it was
   */
  constructor(channel: Ssh2Channel, lossOf: () => PlakarError | undefined) {
    this.#channel = channel;
    this.#lossOf = lossOf;
    channel.pause();
    channel.stderr.on("data", (bytes: Uint8Array) => {
      if (this.#stderr.length < MAX_STDERR) this.#stderr = concat(this.#stderr, bytes);
    });
    channel.on("exit", (code: number | null, signal?: string) => {
      this.#exit = code === null ? `signal ${signal}` : `exit status ${code}`;
    });
    channel.on("drain", () => this.#wake());
    // What went wrong is told by the connection; a channel only ends.
    channel.on("error", () => {});
  }

  /**
   * Begins delivery.
   *
   * @param receiver takes what arrives
   */
  start(receiver: ByteReceiver): void {
    const channel = this.#channel;
    channel.on("data", (bytes: Uint8Array) => receiver.data(bytes));
    const ended = () => {
      if (this.#hasEnded) return;
      this.#hasEnded = true;
      this.#wake();
      receiver.end(this.#isClosing ? undefined : this.#endError());
    };
    channel.once("close", () => {
      // What the far side complained about may still be on its way through the stream.
      if (channel.stderr.readableEnded) ended();
      else channel.stderr.once("end", ended);
    });
    channel.resume();
  }

  /**
   * Queues bytes.
   *
   * @param bytes what to send
   * @returns whether more is welcome
   */
  write(bytes: Uint8Array): boolean {
    if (this.#hasEnded || this.#isClosing || !this.#channel.writable) return true;
    return this.#channel.write(bytes);
  }

  /**
   * Waits until more bytes are welcome.
   *
   * @returns when more is welcome
   */
  drained(): Promise<void> {
    if (this.#hasEnded || this.#isClosing || !this.#channel.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => this.#wakers.push(resolve));
  }

  /** Stops delivery. */
  pause(): void {
    this.#channel.pause();
  }

  /** Goes on. */
  resume(): void {
    this.#channel.resume();
  }

  /** Ends the pipe. */
  close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#channel.end();
    this.#channel.close();
    this.#channel.resume();
    this.#wake();
  }

  #wake(): void {
    const wakers = this.#wakers;
    this.#wakers = [];
    for (const wake of wakers) wake();
  }

  #endError(): PlakarError {
    const loss = this.#lossOf();
    if (loss) return loss;
    const state = [this.#exit, shownLine(this.#stderr)].filter(Boolean).join(": ") || "no reason was given";
    return new PlakarError("network", `The server ended the channel: ${state}`, {
      data: { stage: "subsystem" },
    });
  }
}
