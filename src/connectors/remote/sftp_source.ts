/** Where SFTP clients come from: channels of an SSH connection that is opened again when it is lost. */

import { PlakarError } from "../../lib/errors.ts";
import { SftpClient } from "../../sftp/client.ts";
import type { SshConnection } from "../../ssh/connection.ts";
import type { SshPlan } from "../../ssh/plan.ts";

/** Opens SFTP clients of one server. */
export interface SftpSource extends AsyncDisposable {
  /** Opens another channel and starts SFTP on it. */
  openClient(): Promise<SftpClient>;
  /** Plain data from which another thread opens a source of its own. It holds secrets. */
  readonly plan: SshPlan;
}

/** How a lost connection is replaced. */
export interface ReconnectOptions {
  /** Opens a connection without asking anybody. */
  connect: () => Promise<SshConnection>;
  /** The connection to begin with; one is opened when it is needed if there is none yet. */
  connection?: SshConnection;
  /** Milliseconds to wait before each further attempt; as many attempts are made. */
  delays?: readonly number[];
  /** Once it is aborted, nothing more is opened, and a server that says nothing is not waited for long. */
  signal?: AbortSignal;
}

/** Milliseconds. */
const LOSS_IS_NOTICED = 100;
const DELAYS = [0, 1000, 3000, 10_000];

/** The source over SSH. */
export class SshSftpSource implements SftpSource {
  /** What another thread opens its source from. */
  readonly plan: SshPlan;
  readonly #connect: () => Promise<SshConnection>;
  readonly #delays: readonly number[];
  readonly #signal: AbortSignal | undefined;
  #connection: Promise<SshConnection> | undefined;
  readonly #disposal = new AbortController();

  /**
   * Nothing is opened until a client is asked for.
   *
   * @param plan what another thread opens its source from
   * @param options how to connect
   */
  constructor(plan: SshPlan, options: ReconnectOptions) {
    this.plan = plan;
    this.#connect = options.connect;
    this.#delays = options.delays ?? DELAYS;
    this.#signal = options.signal;
    if (options.connection) this.#use(Promise.resolve(options.connection));
  }

  /**
   * Opens a channel; a lost connection is replaced first.
   *
   * @returns a client on the channel
   */
  async openClient(): Promise<SftpClient> {
    this.#signal?.throwIfAborted();
    const known = this.#connection;
    const connection = await (known ?? this.#use(this.#reconnect()));
    try {
      return await SftpClient.open(await connection.openSubsystem("sftp"), { signal: this.#signal });
    } catch (error) {
      if (!known || !(await isLost(connection))) throw error;
    }
    if (this.#connection === known) this.#connection = undefined;
    return await this.openClient();
  }

  /** Closes the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposal.abort();
    const connection = await this.#connection?.catch(() => undefined);
    await connection?.[Symbol.asyncDispose]();
  }

  #use(connection: Promise<SshConnection>): Promise<SshConnection> {
    this.#connection = connection;
    const forget = () => {
      if (this.#connection === connection) this.#connection = undefined;
    };
    connection.then(async (open) => {
      if (this.#disposal.signal.aborted) await open[Symbol.asyncDispose]();
      await open.closed;
    }).then(forget, forget);
    return connection;
  }

  async #reconnect(): Promise<SshConnection> {
    let failure: unknown;
    for (const delay of this.#delays) {
      if (delay > 0) await pause(delay, this.#disposal.signal);
      if (this.#disposal.signal.aborted) break;
      try {
        return await this.#connect();
      } catch (error) {
        failure = error;
        // A server that refuses will refuse again; one that cannot be reached may come back.
        if (!(error instanceof PlakarError) || !["network", "timeout"].includes(error.code)) break;
      }
    }
    throw failure ?? new PlakarError("interrupted", "SSH connection was closed");
  }
}

/** Whether a connection is over. That may be noticed a moment after the failure which it causes. */
async function isLost(connection: SshConnection): Promise<boolean> {
  const decided = new AbortController();
  const lost = connection.closed.then(() => true);
  const alive = pause(LOSS_IS_NOTICED, decided.signal).then(() => false);
  try {
    return await Promise.race([lost, alive]);
  } finally {
    decided.abort();
  }
}

/** Waits, but not longer than until it is aborted. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
}
