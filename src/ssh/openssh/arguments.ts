/** The arguments of the `ssh` program for a location. */

import { PlakarError } from "../../lib/errors.ts";
import { DEFAULT_ALIVE_INTERVAL, DEFAULT_CONNECT_TIMEOUT, type SshSettings } from "../config/settings.ts";
import { expandTilde } from "../config/tokens.ts";
import type { SshEnvironment } from "../environment.ts";
import type { SshOptions } from "../options.ts";

/**
 * What a person's configuration cannot change: what ssh tells of the connection is read; a shared master connection
 * could have other security options, and could stall; nothing is forwarded; and SFTP is all that is run.
 */
const FIXED = [
  "LogLevel=DEBUG1",
  "ControlMaster=no",
  "ControlPath=none",
  "ForwardAgent=no",
  "ForwardX11=no",
  "Tunnel=no",
  "ClearAllForwardings=yes",
  "RequestTTY=no",
  "PermitLocalCommand=no",
  "RemoteCommand=none",
];

/**
 * The arguments for `ssh`, up to but without `--`, the host and the subsystem. The first value of a directive wins.
 *
 * @param options the location's options
 * @param settings what they and ssh_config come to
 * @param environment the machine
 * @returns the arguments
 * @throws {PlakarError} `usage` if an option needs the built-in transport
 */
export function opensshArguments(
  options: SshOptions,
  settings: SshSettings,
  environment: SshEnvironment,
): string[] {
  refuseSecrets(options);
  const directives = [...FIXED];
  // Versions before 8.7 know nothing of these, and need not be told.
  if (settings.stdinNull) directives.push("StdinNull=no");
  if (settings.forkAfterAuthentication) directives.push("ForkAfterAuthentication=no");
  directives.push(...options.directives.map(({ keyword, rest }) => `${keyword}=${rest}`));
  if (options.ignoresHostKey) directives.push("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null");
  if (options.agentPath !== undefined) directives.push(`IdentityAgent=${options.agentPath}`);
  directives.push(...patience(settings));
  const args = directives.flatMap((directive) => ["-o", directive]);
  if (options.configFile !== undefined) args.push("-F", expandTilde(options.configFile, environment));
  if (options.port !== undefined) args.push("-p", String(options.port));
  if (options.user !== undefined) args.push("-l", options.user);
  for (const identity of options.identities) args.push("-i", expandTilde(identity, environment));
  return args;
}

/** The same defaults as with the built-in transport. */
function patience(settings: SshSettings): string[] {
  const { serverAliveInterval, connectTimeout, proxyJump, proxyCommand } = settings;
  const directives: string[] = [];
  if (serverAliveInterval === undefined) directives.push(`ServerAliveInterval=${DEFAULT_ALIVE_INTERVAL}`);
  // On a way through others, somebody may have to answer a question meanwhile.
  const isDirect = proxyJump === undefined && proxyCommand === undefined;
  if (isDirect && !connectTimeout) directives.push(`ConnectTimeout=${DEFAULT_CONNECT_TIMEOUT}`);
  return directives;
}

/** What ssh takes from nobody but a person or a file. */
function refuseSecrets(options: SshOptions): void {
  const refused = options.passwordCommand !== undefined
    ? { name: "password_cmd", hint: "Use a key, or the built-in transport" }
    : options.privateKeyText !== undefined
    ? {
      name: "ssh_private_key",
      hint: "Name the key's file with identity_file, or use the built-in transport",
    }
    : undefined;
  if (!refused) return;
  throw new PlakarError("usage", `Cannot use ${refused.name} with transport=openssh: ssh does not take it`, {
    hint: refused.hint,
  });
}
