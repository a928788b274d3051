/** Asking the person at the terminal. */

import { Semaphore } from "../lib/concurrency.ts";
import { PlakarError } from "../lib/errors.ts";
import type { Prompter } from "../ssh/prompter.ts";
import type { OpenedTerminal, Surroundings, TerminalInput } from "./surroundings.ts";

/** What a terminal prints with: the output's own, so that questions and status lines keep apart. */
export interface PromptOutput {
  /** Whether the person sees what is printed: it could go to files alone, where no question belongs. */
  readonly isSeen: boolean;
  /** Shows text where the person sees it. */
  prompt(text: string): Promise<void>;
}

/** Shows text to the person. */
type Show = (text: string) => Promise<unknown>;

const [CTRL_C, CTRL_D, BACKSPACE, CTRL_U, DELETE, ESCAPE] = [0x03, 0x04, 0x08, 0x15, 0x7f, 0x1b];

/** The terminal of this process. One question is asked at a time. */
export class Terminal implements Prompter {
  readonly #surroundings: Surroundings;
  readonly #output: PromptOutput;
  readonly #turn = new Semaphore(1);

  /**
   * Nothing is asked yet.
   *
   * @param surroundings where input comes from
   * @param output where questions go
   */
  constructor(surroundings: Surroundings, output: PromptOutput) {
    this.#surroundings = surroundings;
    this.#output = output;
  }

  /**
   * Asks for a secret, which is not shown while it is typed.
   *
   * @param question what is asked for, with a colon and a blank at its end
   * @returns what was typed, or `undefined` if there is nobody to ask
   */
  async secret(question: string): Promise<string | undefined> {
    return await this.#ask(async (input, show) => {
      // Before the question is seen: who answers at once, as scripts do, must not see the secret either.
      input.setRaw(true);
      const restore = () => input.setRaw(false);
      // The process may be told to end while the person types: the echo has to come back all the same.
      this.#surroundings.signal.addEventListener("abort", restore, { once: true });
      try {
        await show(question);
        return await readHidden(input);
      } finally {
        this.#surroundings.signal.removeEventListener("abort", restore);
        restore();
        await show("\n");
      }
    });
  }

  /**
   * Asks a question that is answered with yes or no, again until it is.
   *
   * @param question the question
   * @returns the answer, or `undefined` if there is nobody to ask
   */
  async confirm(question: string): Promise<boolean | undefined> {
    return await this.#ask(async (input, show) => {
      await show(`${question} (yes/no) `);
      for (;;) {
        const line = await readLine(input);
        if (line === undefined) return undefined;
        const answer = line.trim().toLowerCase();
        if (answer === "yes" || answer === "y") return true;
        if (answer === "no" || answer === "n") return false;
        await show("Please type 'yes' or 'no': ");
      }
    });
  }

  async #ask<T>(ask: (input: TerminalInput, show: Show) => Promise<T>): Promise<T | undefined> {
    const { signal, stdin } = this.#surroundings;
    const output = this.#output;
    using _turn = await this.#turn.acquire();
    signal.throwIfAborted();
    const isThere = stdin.isTerminal() && output.isSeen;
    using opened = isThere ? undefined : this.#surroundings.openTerminal();
    const input = opened ?? (isThere ? stdin : undefined);
    if (input === undefined) return undefined;
    const show: Show = opened && !output.isSeen
      ? (text) => writeAll(opened, text)
      : (text) => output.prompt(text);
    return await abortable(ask(input, show), signal);
  }
}

async function writeAll(terminal: OpenedTerminal, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length;) at += await terminal.write(bytes.subarray(at));
}

/** Reads to the end of the line without echo, with the keys that edit a line. */
async function readHidden(input: TerminalInput): Promise<string | undefined> {
  const typed: number[] = [];
  const buffer = new Uint8Array(64);
  for (;;) {
    const count = await input.read(buffer);
    if (count === null) return typed.length === 0 ? undefined : decode(typed);
    for (const byte of buffer.subarray(0, count)) {
      if (byte === 0x0a || byte === 0x0d) return decode(typed);
      else if (byte === CTRL_C) throw interrupted();
      else if (byte === CTRL_D && typed.length === 0) return undefined;
      else if (byte === BACKSPACE || byte === DELETE) removeLast(typed);
      else if (byte === CTRL_U) typed.length = 0;
      else if (byte === ESCAPE) break; // An arrow or function key: the rest of what it sent goes with it.
      else if (byte !== CTRL_D) typed.push(byte);
    }
  }
}

async function readLine(input: TerminalInput): Promise<string | undefined> {
  const line: number[] = [];
  const buffer = new Uint8Array(1);
  while (await input.read(buffer) !== null) {
    if (buffer[0] === 0x0a) return decode(line);
    line.push(buffer[0]);
  }
  return line.length === 0 ? undefined : decode(line);
}

/** Removes the last character, which may be several bytes. */
function removeLast(bytes: number[]): void {
  while (((bytes.pop() ?? 0) & 0xc0) === 0x80);
}

function decode(bytes: readonly number[]): string {
  return new TextDecoder().decode(Uint8Array.from(bytes));
}

function interrupted(): PlakarError {
  return new PlakarError("interrupted", "Interrupted");
}

/** The promise, or the reason of the signal, whichever is first: a pending read cannot be called off. */
async function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
