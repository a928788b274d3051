/** A file that could not be written to its end because the connection was lost: it may be begun again. */

import { PlakarError } from "../../lib/errors.ts";

/**
 * What a file's writer throws when its connection is lost. What was sent cannot be relied on any more.
 *
 * @param loss why the connection was lost
 * @returns the error
 */
export function interruptedFile(loss: PlakarError): PlakarError {
  const { code, message, hint, data } = loss;
  return new PlakarError(code, message, { cause: loss, hint, data: { ...data, isInterruptedFile: true } });
}

/**
 * Whether a file may be begun again, under another temporary name.
 *
 * @param error what its writer threw
 * @returns true if only the connection was lost
 */
export function isInterruptedFile(error: unknown): error is PlakarError {
  return error instanceof PlakarError && error.data?.isInterruptedFile === true;
}
