/** What the program around a command is: arguments aside, all that a test replaces. */

import { homeDirectory } from "../lib/home_directory.ts";
import type { Sink } from "./output_stream.ts";

/** Keys pressed by a person. */
export interface TerminalInput {
  /** Whether a person is there. */
  isTerminal(): boolean;
  /** Reads some bytes, `null` at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Switches echo and line editing off or on. */
  setRaw(raw: boolean): void;
}

/** The terminal itself, wherever input and output of the process go. */
export interface OpenedTerminal extends TerminalInput, Disposable {
  /** Shows some bytes. */
  write(bytes: Uint8Array): Promise<number>;
}

/** The machine, the person and the process, as far as a command may see them. */
export interface Surroundings {
  /** Standard output. */
  readonly stdout: Sink;
  /** Standard error. */
  readonly stderr: Sink;
  /** Standard input, as bytes. */
  readonly stdin: TerminalInput;
  /** The terminal, where it can be reached beside standard input. */
  openTerminal(): OpenedTerminal | undefined;
  /** An environment variable. */
  variable(name: string): string | undefined;
  /** The person's home directory. */
  readonly home: string;
  /** The working directory. */
  readonly currentDirectory: string;
  /** How wide the terminal is. */
  columns(): number;
  /** Nanoseconds since 1970. */
  now(): bigint;
  /** Stops the work: a person pressed Ctrl-C, or the process is told to end. */
  readonly signal: AbortSignal;
}

/**
 * The surroundings of this process.
 *
 * @param signal stops the work
 * @returns the surroundings
 */
export function processSurroundings(signal: AbortSignal): Surroundings {
  const variable = (name: string): string | undefined => {
    try {
      return Deno.env.get(name);
    } catch {
      // Not one of the variables this program may see.
      return undefined;
    }
  };
  return {
    stdout: Deno.stdout,
    stderr: Deno.stderr,
    stdin: Deno.stdin,
    openTerminal,
    variable,
    home: homeDirectory(variable("HOME")),
    get currentDirectory() {
      return Deno.cwd();
    },
    columns,
    now: () => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1_000)) * 1_000n,
    signal,
  };
}

function openTerminal(): OpenedTerminal | undefined {
  try {
    return Deno.openSync("/dev/tty", { read: true, write: true });
  } catch {
    // There is none, or this program may not open devices.
    return undefined;
  }
}

function columns(): number {
  try {
    // A terminal that nobody has measured has none.
    return Deno.consoleSize().columns || 80;
  } catch {
    return 80;
  }
}
