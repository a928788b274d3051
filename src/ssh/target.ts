/** What is to be connected to, with which settings: the location, its options and ssh_config put together. */

import type { SshSettings } from "./config/settings.ts";
import type { Tokens } from "./config/tokens.ts";
import type { SshEnvironment } from "./environment.ts";

/** A host to connect to. Paths in it are absolute, with tokens replaced. */
export interface SshTarget {
  /** The host as the person named it. */
  displayName: string;
  /** The host to connect to. */
  host: string;
  /** The port. */
  port: number;
  /** The user. */
  user: string;
  /** Everything ssh_config says. */
  settings: SshSettings;
  /** The values of the tokens. */
  tokens: Tokens;
  /** Which transport. */
  transport: "builtin" | "openssh";
  /** Key files named in the location's options: they must exist. */
  explicitIdentities: string[];
  /** Key files of ssh_config; `undefined` for the default ones. */
  identityFiles: string[] | undefined;
  /** Certificate files. */
  certificateFiles: string[];
  /** A private key given as text. */
  privateKeyText: string | undefined;
  /** The agent's socket; `undefined` for none. */
  agentPath: string | undefined;
  /** A command that prints the password. */
  passwordCommand: string | undefined;
  /** Known hosts files that new keys may be added to, the first of them first. */
  userKnownHostsFiles: string[];
  /** Known hosts files of the system. */
  globalKnownHostsFiles: string[];
  /** Trust any host key, with a warning. */
  ignoresHostKey: boolean;
  /** The hosts of `ProxyJump`, nearest first, with tokens replaced. */
  jumps: string[];
  /** The last of them, for the built-in transport. */
  via: SshTarget | undefined;
  /** The command to go through, with tokens replaced. */
  proxyCommand: string | undefined;
  /** Arguments for the `ssh` program, before `--`, if that is the transport. */
  opensshArgs: string[];
  /** The machine. */
  environment: SshEnvironment;
}
