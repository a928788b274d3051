/** The arguments of the `ssh` program for a location. */

import { PlakarError } from "../../lib/errors.ts";
import { expandTilde } from "../config/tokens.ts";
import type { SshEnvironment } from "../environment.ts";
import type { SshOptions } from "../options.ts";

/**
 * The arguments for `ssh`, up to but without `--`, the host and the subsystem.
 *
 * @param options the location's options
 * @param environment the machine
 * @returns the arguments
 * @throws {PlakarError} `usage` if an option needs the built-in transport
 */
export function opensshArguments(options: SshOptions, environment: SshEnvironment): string[] {
  refuseSecrets(options);
  // What ssh tells of the connection is read; of jump hosts it tells no more than usual.
  const args: string[] = ["-o", "LogLevel=DEBUG1"];
  if (options.configFile !== undefined) args.push("-F", expandTilde(options.configFile, environment));
  // The first value of a directive wins, so what the person asked for comes first.
  for (const line of options.directives) args.push("-o", `${line.keyword}=${line.rest}`);
  if (options.ignoresHostKey) {
    args.push("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null");
  }
  if (options.agentPath !== undefined) args.push("-o", `IdentityAgent=${options.agentPath}`);
  if (options.port !== undefined) args.push("-p", String(options.port));
  if (options.user !== undefined) args.push("-l", options.user);
  for (const identity of options.identities) args.push("-i", expandTilde(identity, environment));
  // A shared master connection could have other security options, and could stall (never ControlMaster).
  args.push(
    "-o",
    "ControlMaster=no",
    "-o",
    "ControlPath=none",
    "-o",
    "ForwardAgent=no",
    "-o",
    "ForwardX11=no",
  );
  args.push("-o", "ClearAllForwardings=yes", "-o", "RequestTTY=no", "-o", "PermitLocalCommand=no");
  return args;
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
