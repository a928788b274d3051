/** Several connections to one server as one source of SFTP clients. */

import type { SftpClient } from "../../sftp/client.ts";
import type { SshPlan } from "../../ssh/plan.ts";
import type { SftpSource } from "./sftp_source.ts";

interface Connection {
  readonly source: SftpSource;
  clients: SftpClient[];
  opening: number;
  state: "unopened" | "opened" | "refused";
}

/** Opens each client over the connection that has the fewest. */
export class SpreadSource implements SftpSource {
  /** What another thread opens its source from. */
  readonly plan: SshPlan;
  readonly #first: Connection;
  readonly #connections: readonly Connection[];

  /**
   * Makes one source of several.
   *
   * @param first the source whose connection is open; disposed of with this one
   * @param others sources of the same server, whose connections are opened when they are needed, and done without
   * if they cannot be; disposed of with this one
   */
  constructor(first: SftpSource, others: readonly SftpSource[]) {
    this.plan = first.plan;
    this.#connections = [first, ...others].map((source) => ({
      source,
      clients: [],
      opening: 0,
      state: source === first ? "opened" : "unopened",
    }));
    this.#first = this.#connections[0];
  }

  /**
   * Opens a channel.
   *
   * @param isExtra whether the work goes on without it; only then are further connections opened
   * @returns a client on the channel
   */
  async openClient(isExtra = false): Promise<SftpClient> {
    for (const connection of this.#connections) {
      connection.clients = connection.clients.filter(({ failure }) => !failure);
    }
    const usable = this.#connections.filter(({ state }) => state !== "refused");
    for (const connection of isExtra ? usable.sort((a, b) => loadOf(a) - loadOf(b)) : []) {
      if (connection === this.#first) break;
      try {
        return await open(connection, connection.state === "opened");
      } catch {
        // The server may allow only so many connections.
        if (connection.state === "unopened") connection.state = "refused";
      }
    }
    return await open(this.#first, isExtra);
  }

  /** Closes all connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#connections.map(({ source }) => source[Symbol.asyncDispose]()));
  }
}

function loadOf({ clients, opening }: Connection): number {
  return clients.length + opening;
}

async function open(connection: Connection, isExtra: boolean): Promise<SftpClient> {
  connection.opening++;
  try {
    const client = await connection.source.openClient(isExtra);
    connection.clients.push(client);
    connection.state = "opened";
    return client;
  } finally {
    connection.opening--;
  }
}
