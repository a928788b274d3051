/** Hosts as `ProxyJump` names them. */

import { PlakarError } from "../lib/errors.ts";

/** A host to go through. */
export interface Jump {
  /** The user, if one is named. */
  user: string | undefined;
  /** The host. */
  host: string;
  /** The port, if one is named. */
  port: number | undefined;
}

/**
 * Reads one host of `ProxyJump`.
 *
 * @param text `[user@]host[:port]` or `ssh://[user@]host[:port]`, an IPv6 address in brackets
 * @returns the host
 * @throws {PlakarError} `config` if it cannot be understood
 */
export function parseJump(text: string): Jump {
  const match = /^(?:ssh:\/\/)?(?:([^/\s]*)@)?(?:\[([^\]\s]+)\]|([^:@/[\]\s]+))(?::(\d{1,5}))?\/?$/.exec(
    // ssh leaves quotes to the shell.
    text.replace(/^(["'])(.*)\1$/, "$2"),
  );
  const port = match?.[4] === undefined ? undefined : Number(match[4]);
  if (!match || match[1] === "" || (port !== undefined && (port < 1 || port > 65535))) {
    throw new PlakarError("config", `Cannot understand the host "${text}" of ProxyJump`, {
      hint: "It is written [user@]host[:port], several hosts with commas",
    });
  }
  return { user: match[1], host: match[2] ?? match[3], port };
}
