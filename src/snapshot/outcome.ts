/** How something ended in another thread, as plain data. */

import { type ErrorCode, messageOf, PlakarError } from "../lib/errors.ts";

/** How an action of the other thread ended. */
export type Outcome<T> = { value: T } | { error: ErrorMessage };

/** A {@linkcode PlakarError} as plain data. */
export interface ErrorMessage {
  /** Its code. */
  code: ErrorCode;
  /** Its message. */
  message: string;
  /** Its hint. */
  hint?: string;
}

/**
 * An error as plain data.
 *
 * @param error what was caught
 * @returns what can be posted
 */
export function encodeError(error: unknown): ErrorMessage {
  if (error instanceof PlakarError) return { code: error.code, message: error.message, hint: error.hint };
  return { code: "io", message: messageOf(error) };
}

/**
 * The error again.
 *
 * @param message what was posted
 * @returns an error to throw
 */
export function decodeError(message: ErrorMessage): PlakarError {
  return new PlakarError(message.code, message.message, { hint: message.hint });
}

/**
 * Waits for an action, whatever becomes of it.
 *
 * @param action what is done
 * @returns what can be posted
 */
export async function outcomeOf<T>(action: Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await action };
  } catch (error) {
    return { error: encodeError(error) };
  }
}
