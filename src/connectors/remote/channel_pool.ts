/** Several SFTP channels of one server, shared by many operations. */

import { isPlakarError, type PlakarError } from "../../lib/errors.ts";
import type { SftpClient } from "../../sftp/client.ts";
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

/** An operation is tried so often on fresh connections. */
const MAX_ATTEMPTS = 4;
/** A further channel is opened when every open one has so many operations. */
const FULL = 8;

/**
 * Spreads operations over channels: one channel's window limits what is in flight on a long way. Servers may
 * allow fewer channels than are wanted; one is enough.
 */
export class ChannelPool implements AsyncDisposable {
  readonly #source: SftpSource;
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
    this.#limit = limit;
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
   * @param operation what to do with a client
   * @returns what it returned
   */
  async use<T>(operation: (client: SftpClient) => Promise<T>): Promise<T> {
    for (let attempt = 1;; attempt++) {
      using lease = await this.lease();
      try {
        return await operation(lease.client);
      } catch (error) {
        if (attempt >= MAX_ATTEMPTS || this.#disposed || !isConnectionLoss(lease.client.failure, error)) {
          throw error;
        }
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
      this.#channels = this.#channels.filter(({ client }) => !client.failure);
      const [first, ...others] = this.#channels;
      if (!first) {
        await this.#open();
        continue;
      }
      const best = others.reduce((best, channel) => channel.load < best.load ? channel : best, first);
      // Nobody waits for a further channel: until it is open, those that are there do.
      if (best.load >= FULL && this.#channels.length < this.#limit) this.#open().catch(() => {});
      return best;
    }
  }

  #open(): Promise<void> {
    this.#opening ??= this.#source.openClient().then((client) => {
      if (this.#disposed) client.close();
      else this.#channels.push({ client, load: 0 });
    }, (error) => {
      // The server's limit was reached, if other channels could be opened.
      if (this.#channels.length > 0) this.#limit = this.#channels.length;
      throw error;
    }).finally(() => this.#opening = undefined);
    return this.#opening;
  }
}

/** Whether an operation failed because its connection did. */
function isConnectionLoss(failure: PlakarError | undefined, error: unknown): boolean {
  return failure !== undefined && failure === error && isPlakarError(failure, "network", "timeout");
}
