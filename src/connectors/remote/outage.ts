/** The time between the loss of a connection and the next one: what is waited for, and what is said of it. */

import { messageOf, PlakarError } from "../../lib/errors.ts";

/** How long a server that is away is waited for, in milliseconds. */
export interface Patience {
  /** From the loss until it is given up. */
  total: number;
  /** Before the second attempt; the first is made at once. Each further pause is twice as long. */
  firstPause: number;
  /** No pause is longer. */
  longestPause: number;
}

/** A server that restarts is back in seconds, a router or a host in minutes; what takes longer needs a person. */
export const PATIENCE: Patience = { total: 300_000, firstPause: 1000, longestPause: 15_000 };

/** What an outage is told. */
export interface OutageOptions {
  /** The host as the person named it. */
  displayName: string;
  /** How long it is waited. */
  patience: Patience;
  /** Tells the person. */
  warn: (message: string) => void;
  /** Ends the waiting. */
  signal: AbortSignal;
}

/** One outage of one server. */
export class Outage {
  readonly #options: OutageOptions;
  readonly #begin = performance.now();
  #attempts = 0;
  #said: string | undefined;

  /**
   * Begins, and says so if a connection was lost.
   *
   * @param options how long to wait, and whom to tell
   * @param loss why the connection was lost, if there was one
   */
  constructor(options: OutageOptions, loss?: unknown) {
    this.#options = options;
    if (loss !== undefined) options.warn(`${messageOf(loss)}; connecting again`);
  }

  /**
   * Waits before the next attempt to connect.
   *
   * @param error why the last one failed
   * @throws {PlakarError} if it was waited long enough
   */
  async wait(error: PlakarError): Promise<void> {
    const { patience, warn, signal } = this.#options;
    const left = this.#begin + patience.total - performance.now();
    if (left <= 0) throw this.#given(error);
    const message = messageOf(error);
    if (message !== this.#said) warn(`${message}; trying again for up to ${inWords(patience.total)}`);
    this.#said = message;
    const pause = Math.min(patience.longestPause, patience.firstPause * 2 ** this.#attempts++);
    // Several connections that were lost together do not all come back in the same moment.
    await delay(Math.min(left, pause * (0.5 + Math.random() / 2)), signal);
    signal.throwIfAborted();
  }

  /** Says that the server is back. */
  end(): void {
    const { displayName, warn } = this.#options;
    warn(`Connected to "${displayName}" again after ${inWords(performance.now() - this.#begin)}`);
  }

  #given(error: PlakarError): PlakarError {
    const { code, message, hint, data } = error;
    const waited = inWords(this.#options.patience.total);
    return new PlakarError(code, `${message}; given up after ${waited}`, {
      cause: error,
      hint,
      data: { ...data, stage: data?.stage ?? "tcp" },
    });
  }
}

/**
 * Waits, but not longer than until a signal.
 *
 * @param milliseconds how long
 * @param signal ends it at once
 */
export function delay(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", done);
    if (signal.aborted) done();
  });
}

function inWords(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds >= 120 && seconds % 60 === 0 ? `${seconds / 60} minutes` : `${seconds} s`;
}
