/**
 * Names of hosts and users that came with a location. `ProxyCommand` and `Match exec` put them into a command for
 * the shell: what could become another command there is refused, as ssh refuses it.
 */

import { PlakarError } from "../lib/errors.ts";
import { shownLine } from "./transport/shown.ts";

const UNSAFE_IN_HOST = /^-|['"`$\\;&<>|(){},\s\p{Cc}]/u;
/** Names of users on Windows have backslashes, and perhaps blanks. */
const UNSAFE_IN_USER = /^-|['"`;&<>|(){}\p{Cc}]|\s-|\\$/u;

/**
 * Refuses a host that is not safe in a command.
 *
 * @param host the host as a location or `ProxyJump` names it
 * @throws {PlakarError} `usage` if it is not
 */
export function refuseUnsafeHost(host: string): void {
  if (UNSAFE_IN_HOST.test(host)) throw unsafe("host", host);
}

/**
 * Refuses a user that is not safe in a command.
 *
 * @param user the user as a location, an option or `ProxyJump` names it
 * @throws {PlakarError} `usage` if it is not
 */
export function refuseUnsafeUser(user: string): void {
  if (UNSAFE_IN_USER.test(user)) throw unsafe("user", user);
}

function unsafe(what: string, name: string): PlakarError {
  return new PlakarError(
    "usage",
    `Cannot use "${
      shownLine(name)
    }" as the name of a ${what}: it has characters that mean something to a shell`,
    { hint: `If the ${what} really has that name, name it in ssh_config` },
  );
}
