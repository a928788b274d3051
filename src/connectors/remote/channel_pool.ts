/** Several SFTP channels of one server, shared by many operations. */

import { isPlakarError, PlakarError } from "../../lib/errors.ts";
import type { SftpClient } from "../../sftp/client.ts";
import { statusOf } from "../../sftp/status.ts";
import type { SftpSource } from "./sftp_source.ts";

/** A share of a channel. Dispose of it when the operation is over. */
export interface ChannelLease extends Disposable {
  /** The client of the channel. */
  readonly client: SftpClient;
}

interface Channel {
  readonly client: SftpClient;
  load: number;
}

function isLost({ client }: Channel): boolean {
  return client.failure !== undefined;
}

/** So often in a row may the connection be lost during an operation that does not get any further. */
const MAX_LOSSES = 4;
/** A further channel is opened when every open one has so many operations. */
const FULL = 8;

/**
 * Spreads operations over channels: one channel's window limits what is in flight on a long way. Servers may
 * allow fewer channels than are wanted; one is enough.
 */
export class ChannelPool implements AsyncDisposable {
  readonly #source: SftpSource;
  readonly #wanted: number;
  #limit: number;
  #channels: Channel[] = [];
  #opening: Promise<void> | undefined;
  #disposed = false;

  /**
   * Makes a pool; channels are opened as they are needed.
   *
   * @param source opens the channels; disposed of with the pool
   * @param limit how many channels are opened at most
   */
  constructor(source: SftpSource, limit: number) {
    this.#source = source;
    this.#limit = this.#wanted = limit;
  }

  /** Opens the first channel now; what cannot be opened is disposed of. */
  async open(): Promise<void> {
    try {
      await this.#open(false);
    } catch (error) {
      await this[Symbol.asyncDispose]();
      throw error;
    }
  }

  /**
   * Takes a share of the least busy channel.
   *
   * @returns the share
   */
  async lease(): Promise<ChannelLease> {
    const channel = await this.#pick();
    channel.load++;
    return { client: channel.client, [Symbol.dispose]: () => void channel.load-- };
  }

  /**
   * Runs an operation, and runs it again on a new connection if the connection is lost meanwhile. So it must be
   * one that may be begun again.
   *
   * @typeParam T what the operation returns
   * @param operation what to do with a client; it is told whether it is begun again
   * @param progress how far the operation has come, if it can go on where it stopped
   * @returns what it returned
   */
  async use<T>(
    operation: (client: SftpClient, isRepeated: boolean) => Promise<T>,
    progress: () => number = () => 0,
  ): Promise<T> {
    let reached = progress();
    let losses = 0;
    for (let isRepeated = false;; isRepeated = true) {
      using lease = await this.lease();
      try {
        return await operation(lease.client, isRepeated);
      } catch (error) {
        if (this.#disposed || !isConnectionLoss(lease.client, error)) throw error;
        if (progress() > reached) losses = 0;
        reached = progress();
        if (++losses >= MAX_LOSSES) throw lostTooOften(error);
      }
    }
  }

  /** Closes all channels and the source. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    for (const { client } of this.#channels) client.close();
    await Promise.all([this.#source[Symbol.asyncDispose](), this.#opening?.catch(() => {})]);
  }

  async #pick(): Promise<Channel> {
    while (true) {
      const best = this.#leastBusy();
      if (!best) {
        // A further channel may just be opened, which nobody was to wait for.
        if (this.#opening) await this.#opening.catch(() => {});
        else await this.#open(false);
        this.#limit = this.#wanted;
        continue;
      }
      // Nobody waits for a further channel: until it is open, those that are there do.
      if (best.load >= FULL && this.#channels.length < this.#limit) this.#open(true).catch(() => {});
      return best;
    }
  }

  #leastBusy(): Channel | undefined {
    if (this.#channels.some(isLost)) this.#channels = this.#channels.filter((channel) => !isLost(channel));
    let best = this.#channels.at(0);
    for (const channel of this.#channels) if (best && channel.load < best.load) best = channel;
    return best;
  }

  #open(isExtra: boolean): Promise<void> {
    this.#opening ??= this.#source.openClient(isExtra).then((client) => {
      if (this.#disposed) client.close();
      else this.#channels.push({ client, load: 0 });
    }, (error) => {
      // The server's limit was reached, if other channels could be opened.
      const open = this.#channels.filter((channel) => !isLost(channel)).length;
      if (open > 0) this.#limit = open;
      throw error;
    }).finally(() => this.#opening = undefined);
    return this.#opening;
  }
}

/**
 * Whether an operation failed because its connection did.
 *
 * @param client what it was done with
 * @param error why it failed
 * @returns true if it may be done again with another client
 */
export function isConnectionLoss(client: SftpClient, error: unknown): error is PlakarError {
  const { failure } = client;
  if (!isPlakarError(failure, "network", "timeout")) return false;
  // An answer that came just before the end is no better than none.
  return failure === error || statusOf(error) !== undefined;
}

function lostTooOften(error: PlakarError): PlakarError {
  if (error.code === "timeout") return error;
  return new PlakarError("io", `${error.message}, ${MAX_LOSSES} times in a row`, { cause: error });
}
