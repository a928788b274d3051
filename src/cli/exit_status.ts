/** Exit statuses: one for each kind of failure. docs/exit-codes.md is this table in words. */

import { type ErrorCode, isPlakarError } from "../lib/errors.ts";

/** Everything was done. */
export const OK = 0;
/** Something failed that has no status of its own. */
export const FAILURE = 1;
/** The work was finished, but not all of it: some files failed. */
export const PARTIAL = 3;
/** The command line is wrong. */
export const USAGE = 64;
/** Stored data is damaged, or cannot be read. */
export const CORRUPT = 65;
/** The store cannot be opened. */
export const NO_STORE = 66;
/** The passphrase is wrong or missing. */
export const PASSPHRASE = 77;
/** The store or a configuration file was written by a newer version. */
export const VERSION = 78;
/** A person or a signal stopped the work. */
export const INTERRUPTED = 130;
/** The reader of the output went away, as a shell reports it. */
export const OUTPUT_CLOSED = 141;

const BY_CODE: Partial<Record<ErrorCode, number>> = {
  usage: USAGE,
  corrupt: CORRUPT,
  unreadable: CORRUPT,
  "no-store": NO_STORE,
  passphrase: PASSPHRASE,
  version: VERSION,
  partial: PARTIAL,
  interrupted: INTERRUPTED,
};

/**
 * The exit status of a failure.
 *
 * @param error what was thrown
 * @returns the status
 */
export function exitStatusOf(error: unknown): number {
  return isPlakarError(error) ? BY_CODE[error.code] ?? FAILURE : FAILURE;
}
