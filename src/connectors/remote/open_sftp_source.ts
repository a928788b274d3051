/** The first connection to a server, which may ask a person. */

import { connect, connectWithPlan, resolveTarget, type SshEnvironment, type SshIo } from "../../ssh/mod.ts";
import type { SftpLocation } from "../location.ts";
import { type SftpSource, SshSftpSource } from "./sftp_source.ts";
import { SpreadSource } from "./spread_source.ts";

/**
 * Connects to the server of a location. When the connection is lost later, it is opened again without asking.
 *
 * @param location where to connect
 * @param environment the machine
 * @param io how to ask and to warn
 * @param connections how many connections there are once they are needed; the first is opened at once
 * @returns the source of SFTP clients
 */
export async function openSftpSource(
  location: SftpLocation,
  environment: SshEnvironment,
  io: SshIo,
  connections = 1,
): Promise<SftpSource> {
  const connection = await connect(await resolveTarget(location, environment), io);
  const { plan } = connection;
  const options = {
    warn: io.warn,
    signal: io.signal,
    connect: (signal: AbortSignal) => connectWithPlan(plan, { warn: io.warn, signal, environment }),
  };
  // The program ssh connects when it is first used.
  const wasReached = plan.transport === "builtin";
  const first = new SshSftpSource(plan, { ...options, connection, wasReached });
  if (connections === 1) return first;
  const others = Array.from(
    { length: connections - 1 },
    () => new SshSftpSource(plan, { ...options, wasReached: false }),
  );
  return new SpreadSource(first, others);
}
