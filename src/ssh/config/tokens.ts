/** What `%h`, `~` and `${NAME}` stand for in ssh_config. */

import { createHash } from "node:crypto";
import { PlakarError } from "../../lib/errors.ts";
import type { SshEnvironment } from "../environment.ts";

/** The values of the tokens, by letter. */
export type Tokens = Readonly<Record<string, string>>;

/** What the tokens are made from. */
export interface TokenSource {
  /** The host as the person typed it: `%n`. */
  originalHost: string;
  /** The host to connect to: `%h`. */
  host: string;
  /** The port: `%p`. */
  port: number;
  /** The user at the host: `%r`. */
  user: string;
  /** `HostKeyAlias`, or the original host: `%k`. */
  hostKeyAlias: string;
  /** `ProxyJump`, or nothing: `%j`. */
  proxyJump: string;
}

/**
 * The tokens of a connection.
 *
 * @param source the connection's values
 * @param environment the machine
 * @returns all tokens
 */
export function tokensOf(source: TokenSource, environment: SshEnvironment): Tokens {
  const { originalHost, host, port, user, hostKeyAlias, proxyJump } = source;
  const local = environment.hostName;
  const hash = createHash("sha1").update(`${local}${host}${port}${user}${proxyJump}`).digest("hex");
  return {
    n: originalHost,
    h: host,
    p: String(port),
    r: user,
    k: hostKeyAlias,
    j: proxyJump,
    l: local,
    L: local.split(".")[0],
    u: environment.userName,
    d: environment.home,
    i: String(environment.userId ?? 0),
    C: hash,
  };
}

/**
 * Replaces tokens.
 *
 * @param text text with tokens
 * @param tokens their values
 * @param where what the text is, for the error
 * @returns the text with their values
 * @throws {PlakarError} `config` if a token is not known
 */
export function expandTokens(text: string, tokens: Tokens, where: string): string {
  return text.replaceAll(/%(.?)/gs, (_, letter: string) => {
    if (letter === "%") return "%";
    const value = tokens[letter];
    if (letter === "" || value === undefined) {
      throw new PlakarError("config", `Cannot expand ${where} "${text}": "%${letter}" is not known there`);
    }
    return value;
  });
}

/**
 * Replaces `${NAME}` with environment variables.
 *
 * @param text the text
 * @param environment the machine
 * @param where what the text is, for the error
 * @returns the text with their values
 * @throws {PlakarError} `config` if a variable is not set
 */
export function expandVariables(text: string, environment: SshEnvironment, where: string): string {
  return text.replaceAll(/\$\{([^}]*)\}/g, (_, name: string) => {
    const value = environment.variable(name);
    if (value !== undefined) return value;
    throw new PlakarError("config", `Cannot expand ${where} "${text}": the variable "${name}" is not set`, {
      hint:
        "Set the variable, or, in the compiled program, use a variable it may read: HOME, USER, SSH_AUTH_SOCK",
    });
  });
}

/**
 * Replaces a leading `~` or `~USER`.
 *
 * @param path the path
 * @param environment the machine
 * @returns an absolute path where it began so
 * @throws {PlakarError} `config` if there is no such user
 */
export function expandTilde(path: string, environment: SshEnvironment): string {
  const [, user, rest] = /^~([^/]*)(.*)$/s.exec(path) ?? [];
  if (user === undefined) return path;
  const home = user === "" ? environment.home : environment.homeOf(user);
  if (home !== undefined) return home + rest;
  throw new PlakarError("config", `Cannot find "${path}": there is no user "${user}"`);
}

/**
 * All of the above, as paths in ssh_config want it.
 *
 * @param path the path as configured
 * @param tokens the connection's tokens
 * @param environment the machine
 * @param where the directive, for errors
 * @returns the path
 */
export function expandPath(path: string, tokens: Tokens, environment: SshEnvironment, where: string): string {
  return expandTokens(expandVariables(expandTilde(path, environment), environment, where), tokens, where);
}
