/** Which failures mean that a server is away, and whether it may come back. */

import { isPlakarError, PlakarError } from "../../lib/errors.ts";

/**
 * Whether a failed attempt to connect may succeed later: nobody answered, or somebody hung up. A server that
 * shows another host key or refuses the login will do so again.
 *
 * @param error why the attempt failed
 * @returns true if another attempt is worth it
 */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof PlakarError)) return false;
  if (error.data?.isHangUp === true) return true;
  if (!isPlakarError(error, "network", "timeout")) return false;
  // The program ssh says so of a server that has no SFTP.
  if (error.data?.stage === "subsystem") return !/subsystem request failed/i.test(error.message);
  return error.data?.stage !== "address";
}

/**
 * Whether a failure is none of one file: every other would fail the same way.
 *
 * @param error what was caught
 * @returns true if the work as a whole is over
 */
export function isServerLost(error: unknown): boolean {
  if (isPlakarError(error, "interrupted", "network", "authentication", "host-key")) return true;
  // A server that does not answer about one file may still know others; one that cannot be reached does not.
  return isPlakarError(error, "timeout") && error.data?.stage !== undefined;
}
