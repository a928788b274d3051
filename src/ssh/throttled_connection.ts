/** A connection whose channels keep to rates: SFTP's bytes count, not what SSH adds to them. */

import type { BytePipe } from "../lib/byte_pipe.ts";
import type { PlakarError } from "../lib/errors.ts";
import { RateLimit, type SharedRate } from "../lib/rate_limit.ts";
import { type PipeRates, ThrottledPipe } from "../lib/throttled_pipe.ts";
import type { SshConnection, SshDescription } from "./connection.ts";
import type { SshPlan } from "./plan.ts";

/** The rates that all connections of the program keep together, in bytes a second. Plain data. */
export interface Bandwidth {
  /** Of what is sent to servers; not limited if omitted. */
  upload?: SharedRate;
  /** Of what comes from servers; not limited if omitted. */
  download?: SharedRate;
}

/**
 * Makes a connection keep to rates.
 *
 * @param connection the connection, no channel of which is open yet
 * @param bandwidth the rates
 * @returns a connection whose plan has the same rates
 */
export function throttled(connection: SshConnection, bandwidth: Bandwidth | undefined): SshConnection {
  return bandwidth ? new ThrottledConnection(connection, bandwidth) : connection;
}

class ThrottledConnection implements SshConnection {
  readonly plan: SshPlan;
  readonly #connection: SshConnection;
  readonly #rates: PipeRates;

  constructor(connection: SshConnection, bandwidth: Bandwidth) {
    const { upload, download } = bandwidth;
    this.plan = { ...connection.plan, bandwidth };
    this.#connection = connection;
    this.#rates = {
      upload: upload && new RateLimit(upload),
      download: download && new RateLimit(download),
    };
  }

  get description(): SshDescription {
    return this.#connection.description;
  }

  get closed(): Promise<PlakarError | undefined> {
    return this.#connection.closed;
  }

  async openSubsystem(name: string): Promise<BytePipe> {
    return new ThrottledPipe(await this.#connection.openSubsystem(name), this.#rates);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.#connection[Symbol.asyncDispose]());
  }
}
