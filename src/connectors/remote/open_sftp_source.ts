/** The first connection to a server, which may ask a person. */

import { display, fromText } from "../../lib/byte_string.ts";
import {
  connect,
  connectWithPlan,
  resolveTarget,
  type SshDescription,
  type SshEnvironment,
  type SshIo,
} from "../../ssh/mod.ts";
import type { SshPlan } from "../../ssh/plan.ts";
import type { SftpLocation } from "../location.ts";
import { type SftpSource, SshSftpSource } from "./sftp_source.ts";

/**
 * Connects to the server of a location. When the connection is lost later, it is opened again without asking.
 *
 * @param location where to connect
 * @param environment the machine
 * @param io how to ask and to warn
 * @returns the source of SFTP clients
 */
export async function openSftpSource(
  location: SftpLocation,
  environment: SshEnvironment,
  io: SshIo,
): Promise<SftpSource> {
  io.trace?.(`connecting to ${location.host}`);
  const connection = await connect(await resolveTarget(location, environment), io);
  io.trace?.(`connected to ${describe(connection.description)}`);
  const { plan } = connection;
  return new SshSftpSource(plan, {
    warn: io.warn,
    signal: io.signal,
    connect: (signal: AbortSignal) => {
      io.trace?.(`connecting to ${plan.host} once more`);
      return connectWithPlan(plan, { warn: io.warn, signal, environment });
    },
    connection,
    // The program ssh connects when it is first used.
    wasReached: plan.transport === "builtin",
  });
}

/** How another thread connects. */
export interface FurtherSourceOptions {
  /** Told what a person should know. */
  warn: (message: string) => void;
  /** Whether the work goes on without it: then a server that refuses it at first is not waited for. */
  isExtra?: boolean;
  /** Once it is aborted, a server that says nothing is not waited for long. */
  signal?: AbortSignal;
}

/**
 * The source of another thread, whose connection is made when it is first used, without asking anybody.
 *
 * @param plan what the first source gave: the server was reached before anybody could ask for another
 * @param options how
 * @returns the source of SFTP clients
 */
export function sftpSourceOf(plan: SshPlan, options: FurtherSourceOptions): SftpSource {
  const { warn, isExtra = false, signal } = options;
  const connect = (signal: AbortSignal) => connectWithPlan(plan, { warn, signal });
  return new SshSftpSource(plan, { connect, wasReached: !isExtra, warn, signal });
}

/** What is known of a connection, in a line. The program ssh tells little before it is used. */
function describe(description: SshDescription): string {
  const { transport, host, port, user, via, serverVersion, hostKeyType, hostKeyFingerprint } = description;
  const { authentication, algorithms } = description;
  const facts = [
    `${host} port ${port} as ${user}`,
    via.length > 0 && `via ${via.join(", ")}`,
    transport === "openssh" && "through the program ssh",
    serverVersion !== undefined && `server ${display(fromText(serverVersion))}`,
    hostKeyFingerprint !== undefined && `host key ${hostKeyType} ${hostKeyFingerprint}`,
    algorithms && `${algorithms.kex}, ${algorithms.cipher}, ${algorithms.mac || "no MAC"}`,
    authentication !== undefined && `authenticated by ${authentication}`,
  ];
  return facts.filter(Boolean).join("; ");
}
