/** The first connection to a server, which may ask a person. */

import { connect, connectWithPlan, resolveTarget, type SshEnvironment, type SshIo } from "../../ssh/mod.ts";
import type { SftpLocation } from "../location.ts";
import { SshSftpSource } from "./sftp_source.ts";

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
): Promise<SshSftpSource> {
  const connection = await connect(await resolveTarget(location, environment), io);
  const { plan } = connection;
  return new SshSftpSource(plan, {
    connection,
    // The program ssh connects when it is first used.
    wasReached: plan.transport === "builtin",
    warn: io.warn,
    signal: io.signal,
    connect: (signal) => connectWithPlan(plan, { warn: io.warn, signal, environment }),
  });
}
