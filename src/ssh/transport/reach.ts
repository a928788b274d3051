/** Opens a session with a host, over TCP, another host or a command. */

import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Authenticator } from "../auth/attempt.ts";
import { beforeAbort } from "../../lib/before_abort.ts";
import { equal } from "../../lib/bytes.ts";
import { PlakarError } from "../../lib/errors.ts";
import type { PublicKey } from "../keys/public_key.ts";
import type { BuiltinPlan } from "../plan.ts";
import { type OfferedAlgorithms, withoutTerrapin } from "./algorithms.ts";
import type { BuiltinConnection } from "./builtin_connection.ts";
import { joinWrites } from "./joined_writes.ts";
import { openSession, StrictKeyExchangeMissing } from "./open_session.ts";
import { runProxyCommand } from "./proxy_command.ts";
import type { Session } from "./session.ts";
import { connectTcp } from "./socket.ts";

/** A host, and how to get there. */
export interface Destination
  extends Pick<BuiltinPlan, "displayName" | "host" | "port" | "user" | "limits" | "algorithms"> {
  /** The connection to go through. */
  via: BuiltinConnection | undefined;
  /** The command to go through. */
  proxyCommand: string | undefined;
}

/** What decides on the way. */
export interface Decisions {
  /** Decides over the host key; `address` is the one connected to, if it is known. */
  verifyHostKey(key: PublicKey, address: string | undefined): Promise<void>;
  /** Begins to authenticate. */
  authenticator(): Authenticator;
  /** Tells the person something. */
  warn: (message: string) => void;
  /** Gives up. */
  signal?: AbortSignal;
}

/**
 * Opens a session.
 *
 * @param destination where to
 * @param decisions what decides on the way
 * @returns the session, and the algorithms that were offered
 */
export async function reach(
  destination: Destination,
  decisions: Decisions,
): Promise<{ session: Session; algorithms: OfferedAlgorithms }> {
  let accepted: PublicKey | undefined;
  const attempt = async (algorithms: OfferedAlgorithms) => {
    const stream = joinWrites(await openStream(destination, decisions));
    const address = stream instanceof Socket ? stream.remoteAddress : undefined;
    const session = await openSession(stream, {
      ...destination,
      algorithms,
      verifyHostKey: async (key) => {
        // Nobody is asked twice about one key.
        if (accepted && equal(accepted.blob, key.blob)) return;
        await decisions.verifyHostKey(key, address);
        accepted = key;
      },
      authenticator: decisions.authenticator(),
      warn: decisions.warn,
      signal: decisions.signal,
    });
    return { session, algorithms };
  };
  try {
    return await attempt(destination.algorithms);
  } catch (error) {
    if (!(error instanceof StrictKeyExchangeMissing)) throw error;
    const safe = withoutTerrapin(destination.algorithms);
    // An empty list would stand for everything that ssh2 knows.
    if (safe.cipher.length === 0) throw nothingSafe(destination);
    return await attempt(safe);
  }
}

function nothingSafe({ displayName, port }: Destination): PlakarError {
  return new PlakarError(
    "network",
    `Cannot connect to "${displayName}" port ${port}: it has no strict key exchange, and without that everything ` +
      "that Ciphers and MACs allow is open to an attack (CVE-2023-48795)",
    { hint: "Allow aes128-gcm@openssh.com, or aes128-ctr and hmac-sha2-256", data: { stage: "handshake" } },
  );
}

async function openStream(destination: Destination, decisions: Decisions): Promise<Duplex> {
  const { host, port, via, proxyCommand, limits } = destination;
  if (via) return await beforeAbort(via.session.forward(host, port), decisions.signal);
  if (proxyCommand !== undefined) return runProxyCommand(proxyCommand, destination.displayName);
  return await connectTcp(host, port, limits, decisions.signal);
}
