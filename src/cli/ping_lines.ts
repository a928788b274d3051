/** What `ping` prints: a line for each thing found on the way to a location. */

import { openImporter } from "../connectors/importer/open_importer.ts";
import type { Location, SftpLocation } from "../connectors/location.ts";
import type { PathDescription, PingStage, SftpDescription } from "../connectors/remote/ping.ts";
import { display, fromText } from "../lib/byte_string.ts";
import { PlakarError } from "../lib/errors.ts";
import { isDirectory, modeString, posixToGo } from "../kloset/file_mode.ts";
import type { SshDescription } from "../ssh/mod.ts";
import { formatSize } from "./format/size.ts";
import type { Invocation } from "./invocation.ts";
import { jsonPath } from "./json_line.ts";
import { connectEnvironment } from "./machine.ts";

/** What stands in a message about a failure at a stage. */
const STAGE_NAMES: Readonly<Record<PingStage, string>> = {
  "configuration": "configuration",
  "name": "name of the host",
  "address": "address of the host",
  "tcp": "TCP connection",
  "handshake": "SSH handshake",
  "host-key": "host key",
  "authentication": "authentication",
  "subsystem": "SFTP subsystem",
  "path": "path",
};

/**
 * Goes to a location and prints what is found on the way.
 *
 * @param invocation the command's run
 * @param location where
 * @param displayName the location as the person named it
 * @param mustExist whether something has to be at its path
 */
export async function pingLocation(
  invocation: Invocation,
  location: Location,
  displayName: string,
  mustExist: boolean,
): Promise<void> {
  if (location.protocol === "sftp") return await pingServer(invocation, location, displayName, mustExist);
  const { output } = invocation;
  if (mustExist) await (await openImporter(location, connectEnvironment(invocation)))[Symbol.asyncDispose]();
  const stat = await Deno.stat(location.path).catch(() => undefined);
  const data = { ...jsonPath(fromText(location.path)), exists: stat !== undefined };
  output.product({
    type: "path",
    data,
    text: `Path: ${location.path}${stat ? "" : " (nothing is there yet)"}`,
  });
}

async function pingServer(
  invocation: Invocation,
  location: SftpLocation,
  displayName: string,
  mustExist: boolean,
): Promise<void> {
  const { output } = invocation;
  const { ssh: environment, io } = connectEnvironment(invocation);
  // SSH is loaded only by who connects: starting stays fast.
  const { connect, resolveTarget } = await import("../ssh/mod.ts");
  const { ping, pingStageOf } = await import("../connectors/remote/ping.ts");
  try {
    await ping({
      connect: async () => await connect(await resolveTarget(location, environment), io),
      path: location.path,
      mustExist,
      connected: (description, isVerified) => showConnection(output, description, isVerified),
      started: (description) => showSftp(output, description),
      found: (description) => showPath(output, description),
    });
  } catch (error) {
    const stage = pingStageOf(error);
    if (!(error instanceof PlakarError) || stage === undefined) throw error;
    const { code, message, hint } = error;
    output.failedStep({ type: "unreachable", data: { stage, code, message, hint } });
    throw new PlakarError(
      code,
      `Cannot reach ${displayName}: it fails at the ${STAGE_NAMES[stage]}: ${message}`,
      { cause: error, hint, data: { stage } },
    );
  }
}

function showConnection(
  output: Invocation["output"],
  description: SshDescription,
  isVerified: boolean,
): void {
  const { transport, host, port, user, via, serverVersion, hostKeyType, hostKeyFingerprint } = description;
  const { authentication, algorithms } = description;
  const lines = [`Host: ${host} port ${port}`, `User: ${user}`];
  if (via.length > 0) lines.push(`Via: ${via.join(", ")}`);
  if (transport === "openssh") lines.push("Transport: the program ssh");
  if (serverVersion !== undefined) lines.push(`Server: ${display(fromText(serverVersion))}`);
  if (hostKeyFingerprint !== undefined) {
    lines.push(`Host key: ${hostKeyType} ${hostKeyFingerprint}${isVerified ? "" : " (not verified)"}`);
  }
  if (algorithms) {
    lines.push(`Algorithms: ${algorithms.kex}, ${algorithms.cipher}, ${algorithms.mac || "no MAC"}`);
  }
  if (authentication !== undefined) lines.push(`Authentication: ${authentication}`);
  const data = {
    transport,
    host,
    port,
    user,
    via,
    server: serverVersion,
    host_key_type: hostKeyType,
    host_key_fingerprint: hostKeyFingerprint,
    host_key_verified: isVerified,
    algorithms,
    authentication,
  };
  output.product({ type: "connection", data, text: lines.join("\n") });
}

function showSftp(output: Invocation["output"], { extensions, limits }: SftpDescription): void {
  const named = [...extensions].map(([name, data]) => [display(fromText(name)), display(data)] as const);
  const shown = named.map(([name, data]) => data === "" ? name : `${name} ${data}`);
  const handles = Number.isFinite(limits.handles) ? `${limits.handles} open files` : "open files not said";
  const lines = [
    `SFTP extensions: ${shown.join(", ") || "none"}`,
    `SFTP limits: reads of ${formatSize(limits.read)}, writes of ${formatSize(limits.write)}, ${handles}`,
  ];
  const data = {
    extensions: Object.fromEntries(named),
    read_limit: limits.read,
    write_limit: limits.write,
    handle_limit: Number.isFinite(limits.handles) ? limits.handles : undefined,
  };
  output.product({ type: "sftp", data, text: lines.join("\n") });
}

function showPath(output: Invocation["output"], description: PathDescription): void {
  const { path, attributes, space, roundTrip } = description;
  const mode = attributes && posixToGo(attributes.permissions ?? 0);
  const kind = mode === undefined
    ? "nothing is there yet"
    : `${isDirectory(mode) ? "directory" : "file"}, ${modeString(mode)}`;
  output.product({
    type: "path",
    data: { ...jsonPath(path), exists: attributes !== undefined, mode: mode && modeString(mode) },
    text: `Path: ${display(path)} (${kind})`,
  });
  if (space) {
    const { available, total } = space;
    const text = `Free space: ${formatSize(available)} of ${formatSize(total)}`;
    output.product({ type: "space", data: { available, total }, text });
  }
  output.product({
    type: "round_trip",
    data: { nanoseconds: Math.round(roundTrip * 1e6) },
    text: `Round-trip time: ${roundTrip.toFixed(1)} ms`,
  });
}
