/** One SSH connection of the built-in transport, once it is open: channels, and the loss of all of them. */

import type { Duplex } from "node:stream";
import { messageOf, PlakarError } from "../../lib/errors.ts";
import type { Attempt } from "../auth/attempt.ts";
import type { PublicKey } from "../keys/public_key.ts";
import type { PlannedAuthentication } from "../plan.ts";
import { ChannelData } from "./channel_data.ts";
import { ChannelPipe } from "./channel_pipe.ts";
import { shownLine } from "./shown.ts";
import type { Ssh2Channel, Ssh2Client, Ssh2Negotiated } from "./ssh2.ts";

type ChannelDone = (error: Error | undefined, channel: Ssh2Channel) => void;

/** What is found out while a session opens and lives. */
export interface SessionState {
  /** The host as the person named it. */
  readonly displayName: string;
  /** Resolved when the connection is over. */
  readonly closed: PromiseWithResolvers<PlakarError | undefined>;
  /** Why the connection was lost. */
  loss: PlakarError | undefined;
  /** The host key that was accepted; of a certificate, the key in it. */
  hostKey: PublicKey | undefined;
  /** What was agreed on. */
  negotiated: Ssh2Negotiated | undefined;
  /** The attempts to authenticate that worked. */
  readonly succeeded: Attempt[];
  /** Whether this side ends the connection. */
  isEnding: boolean;
}

/** An open, authenticated connection. */
export class Session implements AsyncDisposable {
  /** Settles when the connection is over; rejects never. The value says why, if it was not asked for. */
  readonly closed: Promise<PlakarError | undefined>;
  readonly #client: Ssh2Client;
  readonly #stream: Duplex;
  readonly #state: SessionState;
  readonly #data: ChannelData;

  /**
   * Takes an authenticated connection.
   *
   * @param client the connection
   * @param stream what the connection runs over
   * @param state what was found out while it was opened
   */
  constructor(client: Ssh2Client, stream: Duplex, state: SessionState) {
    this.#client = client;
    this.#stream = stream;
    this.#state = state;
    this.#data = new ChannelData(client);
    this.closed = state.closed.promise;
  }

  /** Why the connection was lost, if it was. */
  get loss(): PlakarError | undefined {
    return this.#state.loss;
  }

  /** The host key; of a certificate, the key in it. */
  get hostKey(): PublicKey | undefined {
    return this.#state.hostKey;
  }

  /** The server's software version. */
  get serverVersion(): string {
    return shownLine(this.#client._remoteVer ?? "");
  }

  /** What was agreed on. */
  get negotiated(): Ssh2Negotiated | undefined {
    return this.#state.negotiated;
  }

  /** The authentications that worked, in order. */
  get authentications(): PlannedAuthentication[] {
    return this.#state.succeeded.map((attempt) => attempt.planned());
  }

  /**
   * Opens a subsystem in a new channel.
   *
   * @param name the subsystem
   * @returns its bytes
   */
  async subsystem(name: string): Promise<ChannelPipe> {
    const channel = await this.#open(
      `start the subsystem "${name}"`,
      (done) => this.#client.subsys(name, done),
      {
        stage: "subsystem",
        hint:
          `Check that the server's sshd_config has a line "Subsystem ${name}", and MaxSessions if it has one`,
      },
    );
    return new ChannelPipe(channel, this.#data, () => this.loss);
  }

  /**
   * Opens a TCP connection from the server.
   *
   * @param host where to
   * @param port the port
   * @returns the channel
   */
  forward(host: string, port: number): Promise<Ssh2Channel> {
    const start = (done: ChannelDone) => this.#client.forwardOut("127.0.0.1", 0, host, port, done);
    return this.#open(`reach "${host}" port ${port}`, start, {
      stage: "tcp",
      hint:
        `Check that the host is up, and that "${this.#state.displayName}" allows forwarding (AllowTcpForwarding)`,
    });
  }

  async #open(
    action: string,
    start: (done: ChannelDone) => unknown,
    about: { stage: string; hint: string },
  ): Promise<Ssh2Channel> {
    const { promise, resolve, reject } = Promise.withResolvers<Ssh2Channel>();
    const fail = (cause: unknown) => {
      const refusal = shownLine(messageOf(cause).replace(/^\(SSH\) Channel open failure: /, ""));
      reject(
        this.#state.loss ??
          new PlakarError(
            "network",
            `Cannot ${action} on "${this.#state.displayName}": ${refusal || "it refused"}`,
            {
              cause,
              hint: about.hint,
              data: { stage: about.stage },
            },
          ),
      );
    };
    try {
      start((error, channel) => error ? fail(error) : resolve(channel));
    } catch (error) {
      fail(error);
    }
    return await promise;
  }

  /** Disconnects and waits until it is over. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#state.isEnding = true;
    this.#client.end();
    // A server that does not hang up is not waited for. The client itself destroys nothing any more once it has
    // said goodbye.
    const timer = setTimeout(() => this.#stream.destroy(), 1000);
    await this.closed;
    clearTimeout(timer);
  }
}
