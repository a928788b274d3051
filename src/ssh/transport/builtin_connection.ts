/** A connection of the built-in transport, with the connections it goes through. */

import type { BytePipe } from "../../lib/byte_pipe.ts";
import type { PlakarError } from "../../lib/errors.ts";
import type { SshConnection, SshDescription } from "../connection.ts";
import { fingerprintOf } from "../keys/public_key.ts";
import type { BuiltinPlan, PlannedAuthentication } from "../plan.ts";
import type { Session } from "./session.ts";

/** A connection of the built-in transport. */
export class BuiltinConnection implements SshConnection {
  /** Opens further connections. */
  readonly plan: BuiltinPlan;
  /** The session. */
  readonly session: Session;
  readonly #via: BuiltinConnection | undefined;

  /**
   * Takes an open session.
   *
   * @param session the session with the host
   * @param plan how it was opened
   * @param via the connection it goes through; ended with this one
   */
  constructor(session: Session, plan: BuiltinPlan, via: BuiltinConnection | undefined) {
    this.session = session;
    this.plan = plan;
    this.#via = via;
  }

  /** Resolves when the connection is over. */
  get closed(): Promise<PlakarError | undefined> {
    return this.session.closed;
  }

  /** What is known of the other side. */
  get description(): SshDescription {
    const { host, port, user } = this.plan;
    const { hostKey, negotiated, serverVersion } = this.session;
    return {
      transport: "builtin",
      host,
      port,
      user,
      serverVersion,
      hostKeyType: hostKey?.type,
      hostKeyFingerprint: hostKey && fingerprintOf(hostKey.blob),
      authentication: this.plan.authentications.map(describe).join(", "),
      algorithms: negotiated && { kex: negotiated.kex, cipher: negotiated.cs.cipher, mac: negotiated.cs.mac },
      via: this.#via ? [...this.#via.description.via, this.#via.plan.displayName] : [],
    };
  }

  /**
   * Opens a subsystem.
   *
   * @param name the subsystem
   * @returns its bytes
   */
  openSubsystem(name: string): Promise<BytePipe> {
    return this.session.subsystem(name);
  }

  /** Disconnects. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.session[Symbol.asyncDispose]();
    await this.#via?.[Symbol.asyncDispose]();
  }
}

function describe(authentication: PlannedAuthentication): string {
  if (authentication.method !== "publickey") return authentication.method;
  const { algorithm, key, signer } = authentication;
  const holder = signer.type === "agent" ? ", held by the agent" : "";
  return `publickey (${algorithm} ${fingerprintOf(key.blob)}${holder})`;
}
