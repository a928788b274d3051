/** Puts a location, its options and ssh_config together. */

import { isPlakarError, PlakarError } from "../lib/errors.ts";
import { type ConfigFiles, evaluateConfig } from "./config/evaluate.ts";
import { type ConfigLine, parseConfigLine } from "./config/lines.ts";
import { settingsOf, type SshSettings } from "./config/settings.ts";
import { expandPath, expandTilde, expandTokens, type Tokens, tokensOf } from "./config/tokens.ts";
import type { SshEnvironment } from "./environment.ts";
import { parseJump } from "./jump.ts";
import { readOptions, type SshLocation, type SshOptions } from "./options.ts";
import { opensshArguments } from "./openssh/arguments.ts";
import { refuseUnsafeHost, refuseUnsafeUser } from "./safe_names.ts";
import type { SshTarget } from "./target.ts";

/** Hosts that are reached through each other: more than this is a circle. */
const MAX_JUMPS = 16;

/**
 * Finds out what a location means: options win over the location, the location over ssh_config, ssh_config
 * over the defaults.
 *
 * @param location the location
 * @param environment the machine
 * @returns the target
 * @throws {PlakarError} `config` or `usage` if something cannot be understood
 */
export async function resolveTarget(
  location: SshLocation,
  environment: SshEnvironment,
): Promise<SshTarget> {
  return await resolve(location.host, readOptions(location), environment, 0);
}

async function resolve(
  name: string,
  options: SshOptions,
  environment: SshEnvironment,
  depth: number,
): Promise<SshTarget> {
  refuseUnsafeHost(name);
  const given: ConfigLine[] = [...options.directives];
  if (options.user !== undefined) given.push(directive("User", options.user));
  if (options.port !== undefined) given.push(directive("Port", String(options.port)));
  for (const { keyword, args: [user] } of given) if (keyword === "user") refuseUnsafeUser(user ?? "");
  const settings = await readSettings(name, given, options, environment);
  if (settings.refuseConnection !== undefined) {
    throw new PlakarError(
      "config",
      `Cannot connect to "${name}": RefuseConnection of ssh_config says: ${settings.refuseConnection}`,
    );
  }
  const host = hostOf(name, settings);
  const user = settings.user ?? environment.userName;
  if (user === "") {
    throw new PlakarError(
      "usage",
      `Cannot tell which user to log in to "${name}" as: the local user has no name`,
      {
        hint: `Name the user in the location, as in sftp://USER@${name}`,
      },
    );
  }
  const { port } = settings;
  const tokens = tokensOf({
    originalHost: name,
    host,
    port,
    user,
    hostKeyAlias: settings.hostKeyAlias ?? name,
    proxyJump: settings.proxyJump ?? "",
  }, environment);
  const path = (where: string) => (file: string) => expandPath(file, tokens, environment, where);
  const { h, k, n, p, r } = tokens;
  const ofProxy = (where: string) => (text: string) => expandTokens(text, { h, k, n, p, r }, where);
  const jumps = settings.proxyJump?.split(",").map(ofProxy("ProxyJump")) ?? [];
  return {
    displayName: name,
    host,
    port,
    user,
    settings,
    tokens,
    transport: options.transport,
    explicitIdentities: options.identities.map(path("identity_file")),
    identityFiles: settings.identityFiles?.map(path("IdentityFile")),
    certificateFiles: settings.certificateFiles.map(path("CertificateFile")),
    privateKeyText: options.privateKeyText,
    agentPath: agentPath(options, settings, tokens, environment),
    passwordCommand: options.passwordCommand,
    userKnownHostsFiles: settings.userKnownHostsFiles.map(path("UserKnownHostsFile")),
    globalKnownHostsFiles: settings.globalKnownHostsFiles?.map((file) => expandTilde(file, environment)) ??
      ["ssh_known_hosts", "ssh_known_hosts2"].map((file) => `${environment.systemDirectory}/${file}`),
    ignoresHostKey: options.ignoresHostKey,
    via: options.transport === "builtin"
      ? await resolveJump(name, jumps, options, environment, depth)
      : undefined,
    jumps,
    proxyCommand: settings.proxyCommand && ofProxy("ProxyCommand")(settings.proxyCommand),
    opensshArgs: options.transport === "openssh" ? opensshArguments(options, settings, environment) : [],
    environment,
  };
}

async function readSettings(
  name: string,
  given: ConfigLine[],
  options: SshOptions,
  environment: SshEnvironment,
): Promise<SshSettings> {
  const files = configFiles(options.configFile, environment);
  try {
    return settingsOf(await evaluateConfig(name, given, files, environment));
  } catch (error) {
    // The ssh program reads its files itself, and may be able to do what this one cannot.
    if (options.transport === "openssh" && isPlakarError(error, "unsupported")) {
      return settingsOf(await evaluateConfig(name, given, { isNamed: false }, environment));
    }
    throw error;
  }
}

function directive(keyword: string, value: string): ConfigLine {
  return { keyword: keyword.toLowerCase(), args: [value], rest: value, file: "the location", line: 1 };
}

function configFiles(named: string | undefined, environment: SshEnvironment): ConfigFiles {
  if (named?.toLowerCase() === "none") return { isNamed: false };
  if (named !== undefined) return { user: expandTilde(named, environment), isNamed: true };
  return {
    user: `${environment.home}/.ssh/config`,
    system: `${environment.systemDirectory}/ssh_config`,
    isNamed: false,
  };
}

function hostOf(name: string, settings: SshSettings): string {
  if (settings.hostName === undefined) return name.toLowerCase();
  return expandTokens(settings.hostName, { h: name }, "HostName").toLowerCase();
}

function agentPath(
  options: SshOptions,
  settings: SshSettings,
  tokens: Tokens,
  environment: SshEnvironment,
): string | undefined {
  const configured = options.agentPath ?? settings.identityAgent ?? "SSH_AUTH_SOCK";
  if (configured.toLowerCase() === "none") return undefined;
  if (configured === "SSH_AUTH_SOCK") return environment.variable("SSH_AUTH_SOCK") || undefined;
  const variable = /^\$([A-Za-z_][A-Za-z0-9_]*)$/.exec(configured);
  if (variable) return environment.variable(variable[1]) || undefined;
  return expandPath(configured, tokens, environment, "IdentityAgent");
}

/** The last host of `ProxyJump` is the one to connect through; the others lead to it. */
async function resolveJump(
  name: string,
  jumps: string[],
  options: SshOptions,
  environment: SshEnvironment,
  depth: number,
): Promise<SshTarget | undefined> {
  const last = jumps.at(-1);
  if (last === undefined) return undefined;
  if (depth >= MAX_JUMPS) {
    throw new PlakarError(
      "config",
      `Cannot reach "${name}": its ProxyJump hosts lead to each other in a circle`,
    );
  }
  const { user, host, port } = parseJump(last);
  const before = jumps.slice(0, -1).join(",");
  const line = before === ""
    ? undefined
    : parseConfigLine(`ProxyJump ${before}`, `ProxyJump of "${name}"`, 1);
  const jump: SshOptions = {
    ...readOptions({ user, port, options: {} }),
    configFile: options.configFile,
    directives: line ? [line] : [],
  };
  return await resolve(host, jump, environment, depth + 1);
}
