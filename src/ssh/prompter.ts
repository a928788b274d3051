/** How SSH asks the person something. */

import type { Bandwidth } from "./throttled_connection.ts";

/**
 * Asks the person who runs the program. Both answer `undefined` if there is nobody to ask, for example because
 * there is no terminal.
 */
export interface Prompter {
  /** Asks for a secret: it is not shown while typed, and never kept or logged. */
  secret(prompt: string): Promise<string | undefined>;
  /** Asks a question that is answered with yes or no. */
  confirm(question: string): Promise<boolean | undefined>;
}

/** What a connection attempt may use of the program around it. */
export interface SshIo {
  /** Asks the person. */
  prompter: Prompter;
  /** Tells the person something, one line. */
  warn: (message: string) => void;
  /** Told what happens inside, for who wants to see it. */
  trace?: (message: string) => void;
  /** Gives up. */
  signal?: AbortSignal;
  /** The rates to keep to. */
  bandwidth?: Bandwidth;
}

/** A prompter where there is nobody to ask. */
export const NOBODY: Prompter = {
  secret: () => Promise.resolve(undefined),
  confirm: () => Promise.resolve(undefined),
};
