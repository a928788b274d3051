/** Surroundings of a command in a test: what it prints is kept, what it reads is given. */

import { main } from "../../src/cli/main.ts";
import type { Sink } from "../../src/cli/output_stream.ts";
import type { Surroundings, TerminalInput } from "../../src/cli/surroundings.ts";

/** A stream that keeps what is written to it. */
export class KeptSink implements Sink {
  #text = "";
  /** What writing fails with. */
  failure: Error | undefined;
  readonly #terminal: boolean;
  readonly #decoder = new TextDecoder();

  /** @param terminal whether it passes for a terminal */
  constructor(terminal = false) {
    this.#terminal = terminal;
  }

  /** What was written. */
  get text(): string {
    return this.#text;
  }

  /** Keeps the bytes. */
  write(bytes: Uint8Array): Promise<number> {
    if (this.failure) return Promise.reject(this.failure);
    this.#text += this.#decoder.decode(bytes, { stream: true });
    return Promise.resolve(bytes.length);
  }

  /** Whether it passes for a terminal. */
  isTerminal(): boolean {
    return this.#terminal;
  }
}

/** Input that was typed beforehand, one piece a read. */
export class TypedInput implements TerminalInput {
  /** How often echo was switched, in order. */
  readonly raw: boolean[] = [];
  readonly #pieces: Uint8Array[];
  readonly #terminal: boolean;

  /**
   * @param typed the pieces
   * @param terminal whether it passes for a terminal
   */
  constructor(typed: string[], terminal = true) {
    this.#pieces = typed.map((piece) => new TextEncoder().encode(piece));
    this.#terminal = terminal;
  }

  /** Whether it passes for a terminal. */
  isTerminal(): boolean {
    return this.#terminal;
  }

  /** Gives some of what was typed. */
  read(buffer: Uint8Array): Promise<number | null> {
    const piece = this.#pieces.shift();
    if (!piece) return Promise.resolve(null);
    const count = Math.min(buffer.length, piece.length);
    buffer.set(piece.subarray(0, count));
    if (count < piece.length) this.#pieces.unshift(piece.subarray(count));
    return Promise.resolve(count);
  }

  /** Remembers the switch. */
  setRaw(raw: boolean): void {
    this.raw.push(raw);
  }
}

/** What a test may set. */
export interface FakeOptions {
  /** Environment variables. */
  variables?: Record<string, string>;
  /** The home directory. */
  home?: string;
  /** Standard input. */
  stdin?: TerminalInput;
  /** Whether standard output and standard error pass for terminals. */
  terminal?: boolean;
  /** Stops the work. */
  signal?: AbortSignal;
}

/** Surroundings whose output can be looked at. */
export interface FakeSurroundings extends Surroundings {
  /** Standard output. */
  readonly stdout: KeptSink;
  /** Standard error. */
  readonly stderr: KeptSink;
}

/**
 * Surroundings for a test. The time is 2026-05-01T10:00:00Z.
 *
 * @param options what is not as usual
 * @returns the surroundings
 */
export function fakeSurroundings(options: FakeOptions = {}): FakeSurroundings {
  return {
    stdout: new KeptSink(options.terminal),
    stderr: new KeptSink(options.terminal),
    stdin: options.stdin ?? new TypedInput([], false),
    openTerminal: () => undefined,
    variable: (name) => options.variables?.[name],
    home: options.home ?? "/nowhere",
    currentDirectory: options.home ?? "/nowhere",
    columns: () => 80,
    now: () => BigInt(Date.parse("2026-05-01T10:00:00Z")) * 1_000_000n,
    signal: options.signal ?? new AbortController().signal,
  };
}

/**
 * Runs the program in the process of the test.
 *
 * @param words the command line
 * @param options what is not as usual
 * @returns exit status and output
 */
export async function runMain(
  words: string[],
  options: FakeOptions = {},
): Promise<{ status: number; stdout: string; stderr: string }> {
  const surroundings = fakeSurroundings(options);
  const status = await main(words, surroundings);
  return { status, stdout: surroundings.stdout.text, stderr: surroundings.stderr.text };
}

/**
 * Runs a test with a home directory of its own.
 *
 * @param test the test
 */
export async function withHome(test: (home: string) => Promise<void>): Promise<void> {
  const home = await Deno.makeTempDir({ prefix: "plakar-home-" });
  try {
    await test(home);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}
