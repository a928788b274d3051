/** Where SFTP clients come from: channels of an SSH connection that is opened again when it is lost. */

import { beforeAbort } from "../../lib/before_abort.ts";
import { isPlakarError, PlakarError } from "../../lib/errors.ts";
import { SftpClient } from "../../sftp/client.ts";
import type { SshConnection } from "../../ssh/connection.ts";
import type { SshPlan } from "../../ssh/plan.ts";
import { delay, Outage, PATIENCE, type Patience } from "./outage.ts";
import { mayPass } from "./server_loss.ts";

/** Opens SFTP clients of one server. */
export interface SftpSource extends AsyncDisposable {
  /**
   * Opens another channel and starts SFTP on it.
   *
   * @param isExtra whether the work goes on without it; then a server that is away is not waited for
   */
  openClient(isExtra?: boolean): Promise<SftpClient>;
  /** Plain data from which another thread opens a source of its own. It holds secrets. */
  readonly plan: SshPlan;
}

/** How a lost connection is replaced. */
export interface ReconnectOptions {
  /** Opens a connection without asking anybody; gives up when the signal is aborted. */
  connect: (signal: AbortSignal) => Promise<SshConnection>;
  /** The connection to begin with; one is opened when it is needed if there is none yet. */
  connection?: SshConnection;
  /** Whether this server was connected to before, so that one that is away will come back. */
  wasReached: boolean;
  /** How long a server that is away is waited for. */
  patience?: Patience;
  /** Told when a connection is lost, and when it is back. */
  warn: (message: string) => void;
  /** Once it is aborted, nothing more is opened, and a server that says nothing is not waited for long. */
  signal?: AbortSignal;
  /** How long then, in milliseconds. */
  interruptedTimeout?: number;
}

/** Milliseconds. */
const LOSS_IS_NOTICED = 100;
const GOODBYE = 1000;

/** What became of an attempt to open a channel; `isStale` if the connection had been lost before it. */
type Attempt =
  | { client: SftpClient }
  | { client?: undefined; error: unknown; mayPass: boolean; isStale?: boolean };

/** The source over SSH. */
export class SshSftpSource implements SftpSource {
  /** What another thread opens its source from. */
  readonly plan: SshPlan;
  readonly #options: ReconnectOptions;
  readonly #disposal = new AbortController();
  readonly #signal: AbortSignal;
  #connection: Promise<SshConnection> | undefined;
  #wasReached: boolean;
  /** Why the last connection was lost, until there is another. */
  #loss: unknown;
  #outage: Outage | undefined;
  /** Why the server is not waited for any more. */
  #surrender: { error: unknown } | undefined;

  /**
   * Nothing is opened until a client is asked for.
   *
   * @param plan what another thread opens its source from
   * @param options how to connect
   */
  constructor(plan: SshPlan, options: ReconnectOptions) {
    const { connection, signal, wasReached } = options;
    this.plan = plan;
    this.#options = options;
    this.#wasReached = wasReached;
    this.#signal = signal ? AbortSignal.any([signal, this.#disposal.signal]) : this.#disposal.signal;
    if (connection) this.#use(Promise.resolve(connection));
  }

  /**
   * Opens a channel; a lost connection is replaced first, and a server that is away is waited for.
   *
   * @param isExtra whether the work goes on without it; then nothing is waited for
   * @returns a client on the channel
   */
  async openClient(isExtra = false): Promise<SftpClient> {
    while (true) {
      this.#signal.throwIfAborted();
      if (this.#surrender) throw this.#surrender.error;
      if (isExtra && !this.#connection) throw new PlakarError("network", "The connection is lost");
      if (this.#loss !== undefined && !isExtra) this.#outage ??= this.#begin(this.#loss);
      // A server that does not answer any more would keep it waiting until the connection counts as lost.
      const attempt = await beforeAbort(this.#attempt(), this.#signal);
      if (attempt.client) {
        this.#recover();
        return attempt.client;
      }
      this.#signal.throwIfAborted();
      const { error } = attempt;
      if (isExtra || !this.#wasReached) throw error;
      if (!attempt.mayPass || !(error instanceof PlakarError)) {
        if (isPlakarError(error, "host-key", "authentication")) this.#surrender = { error };
        throw error;
      }
      if (attempt.isStale) continue;
      try {
        await (this.#outage ??= this.#begin()).wait(error);
      } catch (error) {
        if (!this.#signal.aborted) this.#surrender = { error };
        throw error;
      }
    }
  }

  /** Closes the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposal.abort(new PlakarError("interrupted", "SSH connection was closed"));
    const decided = new AbortController();
    const closed = this.#connection?.then((open) => open[Symbol.asyncDispose](), () => {});
    // A connection that is still being opened is closed when it is open.
    await Promise.race([closed, delay(GOODBYE, decided.signal)]);
    decided.abort();
  }

  async #attempt(): Promise<Attempt> {
    const known = this.#connection;
    let connection: SshConnection;
    try {
      connection = await (known ?? this.#use(this.#options.connect(this.#signal)));
    } catch (error) {
      return { error, mayPass: mayPass(error) };
    }
    try {
      const pipe = await connection.openSubsystem("sftp");
      const { interruptedTimeout } = this.#options;
      // What is to be cleared away does not wait for each channel in turn: no other is answered, either.
      const timedOut = () => this.#signal.aborted && void connection[Symbol.asyncDispose]();
      return { client: await SftpClient.open(pipe, { signal: this.#signal, interruptedTimeout, timedOut }) };
    } catch (error) {
      if (await isLost(connection)) {
        const loss = await connection.closed ?? error;
        if (known && this.#connection === known) this.#connection = undefined;
        this.#loss ??= loss;
        return { error: loss, mayPass: mayPass(loss), isStale: known !== undefined };
      }
      if (!isPlakarError(error, "timeout")) return { error, mayPass: false };
      // The line is dead, and nobody has noticed yet.
      await connection[Symbol.asyncDispose]();
      return { error, mayPass: true };
    }
  }

  #use(connection: Promise<SshConnection>): Promise<SshConnection> {
    this.#connection = connection;
    const forget = (loss?: unknown) => {
      if (this.#connection !== connection) return;
      this.#connection = undefined;
      this.#loss ??= loss;
    };
    connection.then(async (open) => {
      if (this.#disposal.signal.aborted) await open[Symbol.asyncDispose]();
      forget(await open.closed);
    }, () => forget());
    return connection;
  }

  #begin(loss?: unknown): Outage {
    const { patience = PATIENCE, warn } = this.#options;
    return new Outage({ displayName: this.plan.displayName, patience, warn, signal: this.#signal }, loss);
  }

  #recover(): void {
    this.#wasReached = true;
    this.#outage?.end();
    this.#outage = this.#loss = undefined;
  }
}

/** Whether a connection is over. That may be noticed a moment after the failure which it causes. */
async function isLost(connection: SshConnection): Promise<boolean> {
  const decided = new AbortController();
  const lost = connection.closed.then(() => true);
  const alive = delay(LOSS_IS_NOTICED, decided.signal).then(() => false);
  try {
    return await Promise.race([lost, alive]);
  } finally {
    decided.abort();
  }
}
