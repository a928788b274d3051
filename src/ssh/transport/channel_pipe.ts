/** A channel of the built-in transport as a byte pipe. */

import type { BytePipe, ByteReceiver } from "../../lib/byte_pipe.ts";
import { concat } from "../../lib/bytes.ts";
import { PlakarError } from "../../lib/errors.ts";
import type { ChannelData } from "./channel_data.ts";
import { shownLine } from "./shown.ts";
import type { Ssh2Channel } from "./ssh2.ts";

/** How much of what the far side wrote to its standard error is kept for the error message. */
const MAX_STDERR = 4096;

/** The bytes of one channel. */
export class ChannelPipe implements BytePipe {
  readonly #channel: Ssh2Channel;
  readonly #data: ChannelData;
  readonly #lossOf: () => PlakarError | undefined;
  #stderr: Uint8Array = new Uint8Array();
  #exit: string | undefined;
  #receiver: ByteReceiver | undefined;
  #isPaused = false;
  /** What came while nothing was to be delivered. */
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #isClosing = false;
  #hasEnded = false;
  #wakers: (() => void)[] = [];

  /**
   * Takes an open channel; nothing is delivered yet.
   *
   * @param channel the channel
   * @param data where its data comes from
   * @param lossOf why the connection was lost, if it was
   */
  constructor(channel: Ssh2Channel, data: ChannelData, lossOf: () => PlakarError | undefined) {
    this.#channel = channel;
    this.#data = data;
    this.#lossOf = lossOf;
    // What came before is in the stream.
    const early: Uint8Array | null = channel.read();
    if (early) this.#hold(early);
    data.divert(channel, (bytes) => this.#receive(bytes));
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
    this.#receiver = receiver;
    channel.once("close", () => {
      // What the far side complained about may still be on its way through the stream.
      if (channel.stderr.readableEnded) this.#end();
      else channel.stderr.once("end", () => this.#end());
    });
    // Nothing comes out of the stream but its end.
    channel.resume();
    this.#deliver();
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
    this.#isPaused = true;
  }

  /** Goes on. */
  resume(): void {
    this.#isPaused = false;
    this.#deliver();
  }

  /** Ends the pipe. */
  close(): void {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#channel.end();
    this.#channel.close();
    this.#wake();
    this.resume();
  }

  #receive(bytes: Uint8Array): void {
    if (this.#receiver && !this.#isPaused && this.#held.length === 0) this.#receiver.data(bytes);
    else this.#hold(bytes.slice());
    this.#data.welcome(this.#channel, this.#heldBytes);
  }

  #hold(bytes: Uint8Array): void {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
  }

  #deliver(): void {
    while (this.#receiver && !this.#isPaused) {
      const bytes = this.#held.shift();
      if (!bytes) break;
      this.#heldBytes -= bytes.length;
      this.#receiver.data(bytes);
    }
    this.#data.welcome(this.#channel, this.#heldBytes);
    if (this.#hasEnded) this.#tellEnd();
  }

  #end(): void {
    this.#hasEnded = true;
    this.#wake();
    this.#tellEnd();
  }

  /** The end comes behind everything that came before it. */
  #tellEnd(): void {
    if (this.#held.length > 0) return;
    this.#receiver?.end(this.#isClosing ? undefined : this.#endError());
    this.#receiver = undefined;
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
