/** The options of a location that concern SSH: plakar's own, and directives of ssh_config. */

import { PlakarError } from "../lib/errors.ts";
import { nearest } from "../lib/nearest.ts";
import { type ConfigLine, parseConfigLine } from "./config/lines.ts";
import { ALL_DIRECTIVES, isDirective } from "./config/other_directives.ts";

/** What SSH needs of a location. */
export interface SshLocation {
  /** The host as the person named it: an alias of ssh_config, a name or an address without brackets. */
  host: string;
  /** The port, where the location named one. */
  port?: number;
  /** The user, where the location named one. */
  user?: string;
  /** Options of the named remote and of `-o`, merged. */
  options: Readonly<Record<string, string>>;
}

/** A location's options, read. */
export interface SshOptions {
  /** The user, from the location or an option. */
  user: string | undefined;
  /** The port, from the location or an option. */
  port: number | undefined;
  /** Key files. */
  identities: string[];
  /** A private key as text. */
  privateKeyText: string | undefined;
  /** The agent's socket. */
  agentPath: string | undefined;
  /** A command that prints the password. */
  passwordCommand: string | undefined;
  /** Trust any host key. */
  ignoresHostKey: boolean;
  /** Which transport. */
  transport: "builtin" | "openssh";
  /** The ssh_config file to read in place of the usual ones; `none` for none. */
  configFile: string | undefined;
  /** Directives of ssh_config, which win over the location. */
  directives: ConfigLine[];
}

/** Other names of options. */
const ALIASES: Readonly<Record<string, string>> = {
  identity: "identity_file",
  ssh_identity: "identity_file",
  user: "username",
  F: "ssh_config",
};

/** Options that are for others to read. */
const FOREIGN = new Set(["location", "root", "dont_traverse_fs", "ssh_private_key_ttl"]);

/**
 * Reads a location's options. Names with a capital letter, and those that are nothing else, are directives of
 * ssh_config.
 *
 * @param location the location
 * @returns its options
 * @throws {PlakarError} `usage` if a value cannot be understood
 */
export function readOptions(location: Omit<SshLocation, "host">): SshOptions {
  const read: SshOptions = {
    user: location.user,
    port: location.port,
    identities: [],
    privateKeyText: undefined,
    agentPath: undefined,
    passwordCommand: undefined,
    ignoresHostKey: false,
    transport: "builtin",
    configFile: undefined,
    directives: [],
  };
  for (const [given, value] of Object.entries(location.options)) {
    apply(read, ALIASES[given] ?? given, value, location);
  }
  // A later version of the program ssh may have more, and refuses what it does not know.
  if (read.transport === "builtin") refuseUnknown(Object.keys(location.options));
  return read;
}

function refuseUnknown(names: string[]): void {
  const unknown = names.find((name) => isLikeDirective(name) && !isDirective(name));
  if (unknown === undefined) return;
  const meant = nearest(unknown, ALL_DIRECTIVES);
  throw new PlakarError("usage", `Cannot use the option "${unknown}": ssh_config has no such directive`, {
    hint: meant === undefined ? "The directives are those of ssh_config(5)" : `Did you mean ${meant}?`,
  });
}

/** Options of other kinds have no capital letters. */
function isLikeDirective(name: string): boolean {
  return /[A-Z]/.test(name) && !(name in ALIASES);
}

function apply(read: SshOptions, name: string, value: string, location: Pick<SshLocation, "user">): void {
  const wrong = (state: string) =>
    new PlakarError("usage", `Cannot use the option "${name}=${value}": ${state}`);
  switch (name) {
    case "username":
      if (location.user !== undefined && location.user !== value) {
        throw wrong(`the location already names the user "${location.user}"`);
      }
      read.user = value;
      return;
    case "port":
      if (!/^\d{1,5}$/.test(value) || Number(value) < 1 || Number(value) > 65535) {
        throw wrong("it is not a port");
      }
      read.port ??= Number(value);
      return;
    case "identity_file":
      read.identities.push(value);
      return;
    case "ssh_private_key":
      read.privateKeyText = value;
      return;
    case "ssh_auth_sock":
      read.agentPath = value;
      return;
    case "password_cmd":
      read.passwordCommand = value;
      return;
    case "ssh_config":
      read.configFile = value;
      return;
    case "insecure_ignore_host_key":
      read.ignoresHostKey = isTrue(value, wrong);
      return;
    case "transport":
      if (value !== "openssh" && value !== "builtin") throw wrong('it is neither "builtin" nor "openssh"');
      read.transport = value;
      return;
  }
  if (FOREIGN.has(name) || !(isDirective(name) || isLikeDirective(name))) return;
  const line = parseConfigLine(`${name} ${value}`, `option "${name}"`, 1);
  if (line) read.directives.push(line);
}

function isTrue(value: string, wrong: (state: string) => PlakarError): boolean {
  if (/^(true|1|yes|on)$/i.test(value)) return true;
  if (/^(false|0|no|off|)$/i.test(value)) return false;
  throw wrong('it is neither "true" nor "false"');
}
