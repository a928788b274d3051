/** Finding out whether a server can be worked with, and which part of the way fails if it cannot. */

import { display } from "../../lib/byte_string.ts";
import type { ByteString } from "../../lib/byte_string.ts";
import { type ErrorCode, messageOf, PlakarError } from "../../lib/errors.ts";
import { type Attributes, FileType, fileType } from "../../sftp/attributes.ts";
import { SftpClient } from "../../sftp/client.ts";
import { Extension, type FileSystemStatus } from "../../sftp/extensions.ts";
import type { Limits } from "../../sftp/limits.ts";
import { OpenFlag } from "../../sftp/packet_type.ts";
import type { SshConnection, SshDescription } from "../../ssh/mod.ts";
import { resolveRemotePath } from "./remote_path.ts";

/** The parts of the way to a path on a server, in order. */
export const PING_STAGES = [
  "configuration",
  "name",
  "address",
  "tcp",
  "handshake",
  "host-key",
  "authentication",
  "subsystem",
  "path",
] as const;

/** A part of the way. */
export type PingStage = typeof PING_STAGES[number];

/**
 * Where on the way a failure happened.
 *
 * @param error what {@linkcode ping} threw
 * @returns the part of the way, `undefined` if it is none of them
 */
export function pingStageOf(error: unknown): PingStage | undefined {
  const stage = error instanceof PlakarError ? error.data?.stage : undefined;
  return PING_STAGES.find((name) => name === stage);
}

/** What SFTP offers. */
export interface SftpDescription {
  /** The names of the extensions, with what the server said of each. */
  extensions: ReadonlyMap<string, ByteString>;
  /** How much is asked for at once. */
  limits: Limits;
}

/** What is at the path. */
export interface PathDescription {
  /** The absolute path. */
  path: ByteString;
  /** What is there, `undefined` if nothing is. */
  attributes: Attributes | undefined;
  /** The space of the file system, `undefined` if the server cannot say. */
  space: FileSystemStatus | undefined;
  /** The median time of a question and its answer, in milliseconds. */
  roundTrip: number;
}

/** What is pinged, and what is told as it is known. */
export interface PingOptions {
  /** Opens the connection. */
  connect: () => Promise<SshConnection>;
  /** The path; `undefined` is the login directory. */
  path: ByteString | undefined;
  /** Whether something has to be there, and be readable. */
  mustExist: boolean;
  /** Told once the connection is open. */
  connected: (description: SshDescription, isVerified: boolean) => void;
  /** Told once SFTP is there. */
  started: (description: SftpDescription) => void;
  /** Told at the end. */
  found: (description: PathDescription) => void;
  /** Milliseconds, for measuring. */
  clock?: () => number;
}

const HINTS: Partial<Record<PingStage, string>> = {
  "configuration": "Check the options of the location and ~/.ssh/config",
  "name": "Check the spelling, and HostName in ~/.ssh/config",
  "address": "Check AddressFamily in ~/.ssh/config, and the address",
  "tcp": "Check the port, that the host is up, and that no firewall is in the way",
  "handshake": "Check that an SSH server listens on this port",
  "host-key": "Compare the fingerprint with the one that the server's administrator knows",
  "authentication": 'Check the user and the key: "ssh -v" shows what it tries',
  "subsystem": "Check that sshd_config of the server has a line such as: Subsystem sftp internal-sftp",
  "path": "Check the path, and that this user may read it",
};

/** Where connecting fails if the failure does not say so itself. */
const STAGES_OF_CODES: Partial<Record<ErrorCode, PingStage>> = {
  "config": "configuration",
  "usage": "configuration",
  "unsupported": "configuration",
  "host-key": "host-key",
  "authentication": "authentication",
};

/** Questions that the round-trip time is measured with. */
const QUESTIONS = 7;

/**
 * Goes the whole way to a path on a server.
 *
 * @param options what, and who is told
 * @throws {PlakarError} whose `data.stage` is the first part of the way that fails
 */
export async function ping(options: PingOptions): Promise<void> {
  await using connection = await atStage("tcp", options.connect);
  const { plan } = connection;
  const isVerified = plan.transport === "openssh" ? plan.verifiesHostKey : plan.hostKey !== undefined;
  if (plan.transport === "builtin") options.connected(connection.description, isVerified);
  const client = await atStage(
    "subsystem",
    async () => await SftpClient.open(await connection.openSubsystem("sftp")),
  );
  try {
    // The program ssh connects when it is first used.
    if (plan.transport === "openssh") options.connected(connection.description, isVerified);
    options.started({ extensions: client.extensions, limits: client.limits });
    options.found(await atStage("path", () => examine(client, options)));
  } finally {
    client.close();
  }
}

async function examine(client: SftpClient, options: PingOptions): Promise<PathDescription> {
  const { mustExist, clock = () => performance.now() } = options;
  const path = await resolveRemotePath(client, options.path);
  let attributes: Attributes | undefined;
  try {
    attributes = await client.stat(path);
    if (mustExist) await tryToRead(client, path, attributes);
  } catch (error) {
    if (mustExist || !(error instanceof PlakarError) || error.code !== "not-found") throw error;
  }
  const times: number[] = [];
  for (let i = 0; i < QUESTIONS; i++) {
    const begun = clock();
    // What the answer is does not matter.
    await client.lstat(path).catch((error) => {
      if (client.failure) throw error;
    });
    times.push(clock() - begun);
  }
  return { path, attributes, space: await spaceOf(client, path), roundTrip: median(times) };
}

async function tryToRead(client: SftpClient, path: ByteString, attributes: Attributes): Promise<void> {
  const type = fileType(attributes);
  if (type === FileType.DIRECTORY) await client.closeHandle(await client.openDirectory(path), path);
  else if (type === FileType.REGULAR) {
    await client.closeHandle(await client.openFile(path, OpenFlag.READ), path);
  } else {
    throw new PlakarError(
      "unsupported",
      `Cannot read "${display(path)}": it is no directory and no regular file`,
    );
  }
}

async function spaceOf(client: SftpClient, path: ByteString): Promise<FileSystemStatus | undefined> {
  if (!client.offers(Extension.STATVFS)) return undefined;
  try {
    return await client.statvfs(path);
  } catch (error) {
    if (client.failure) throw error;
    return undefined;
  }
}

/** Does something; what fails is a failure at the stage that it names itself, or at this one. */
async function atStage<T>(stage: PingStage, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const failure = error instanceof PlakarError ? error : new PlakarError("io", messageOf(error));
    const { code, message, data } = failure;
    if (code === "interrupted") throw failure;
    const implied = stage === "tcp" ? STAGES_OF_CODES[code] : undefined;
    const reached = pingStageOf(failure) ?? implied ?? stage;
    const hint = failure.hint ?? HINTS[reached];
    throw new PlakarError(code, message, { cause: error, hint, data: { ...data, stage: reached } });
  }
}

function median(numbers: number[]): number {
  return numbers.sort((a, b) => a - b)[numbers.length >> 1];
}
