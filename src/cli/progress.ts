/** How far long work is: a calm display on a terminal, plain lines elsewhere. */

import type { ByteString } from "../lib/byte_string.ts";
import type { Output } from "./output.ts";
import { progressLines, RateMeter } from "./progress_lines.ts";
import type { StepLines } from "./step_lines.ts";
import type { Surroundings } from "./surroundings.ts";

/** Told how far long work is. */
export interface ProgressReporter extends Disposable {
  /**
   * The work entered a phase.
   *
   * @param name a word or two: `reading`, `committing`
   */
  phase(name: string): void;
  /** Whether anybody sees totals, so that finding them out is worth it. */
  readonly wantsTotal: boolean;
  /**
   * How much there is to do, as far as that is known.
   *
   * @param files all files found so far
   * @param bytes their bytes
   * @param isComplete whether that is all
   */
  total(files: number, bytes: number, isComplete: boolean): void;
  /**
   * A path is done.
   *
   * @param files how many files that makes
   * @param bytes how many bytes
   * @param path the path
   */
  add(files: number, bytes: number, path: ByteString): void;
  /**
   * A part of some file is done.
   *
   * @param bytes how many bytes
   * @param path the file
   */
  advance(bytes: number, path: ByteString): void;
  /**
   * A path failed.
   *
   * @param path the path
   * @param message why
   * @param details more values, for `-json`
   */
  error(path: ByteString, message: string, details?: Readonly<Record<string, unknown>>): void;
  /** The work is over. */
  finish(): void;
}

/** Calls a function again and again until it is disposed of. */
export type Repeat = (milliseconds: number, action: () => void) => Disposable;

/** How often the display is drawn: often enough to be seen moving, seldom enough to be read. */
const INTERVAL = 250;

/**
 * The progress of a workflow: a display where there is a terminal for it, else a line for each path.
 *
 * @param output where it is shown
 * @param surroundings clock and width of the terminal
 * @param lines prints paths and errors
 * @param repeat calls again and again, for tests
 * @returns the reporter
 */
export function progressOf(
  output: Output,
  surroundings: Pick<Surroundings, "now" | "columns">,
  lines: StepLines,
  repeat: Repeat = repeatedly,
): ProgressReporter {
  return output.hasStatus
    ? new DisplayedProgress(output, surroundings, lines, repeat)
    : new PrintedProgress(lines);
}

/**
 * Progress without a display: a line for each path.
 *
 * @param lines prints paths and errors
 * @returns the reporter
 */
export function printedProgress(lines: StepLines): ProgressReporter {
  return new PrintedProgress(lines);
}

class PrintedProgress implements ProgressReporter {
  readonly wantsTotal = false;
  readonly #lines: StepLines;

  constructor(lines: StepLines) {
    this.#lines = lines;
  }

  phase(): void {}
  total(): void {}
  advance(): void {}
  finish(): void {}

  add(_files: number, _bytes: number, path: ByteString): void {
    this.#lines.ok(path);
  }

  error(path: ByteString, message: string, details?: Readonly<Record<string, unknown>>): void {
    this.#lines.failed(path, message, details);
  }

  [Symbol.dispose](): void {}
}

class DisplayedProgress implements ProgressReporter {
  readonly wantsTotal = true;
  readonly #output: Output;
  readonly #surroundings: Pick<Surroundings, "now" | "columns">;
  readonly #lines: StepLines;
  readonly #timer: Disposable;
  readonly #begun: bigint;
  readonly #rate = new RateMeter();
  readonly #done = { files: 0, bytes: 0 };
  #total = { files: 0, bytes: 0, isComplete: false };
  #phase = "";
  #path: ByteString | undefined;
  #errors = 0;

  constructor(
    output: Output,
    surroundings: Pick<Surroundings, "now" | "columns">,
    lines: StepLines,
    repeat: Repeat,
  ) {
    this.#output = output;
    this.#surroundings = surroundings;
    this.#lines = lines;
    this.#begun = surroundings.now();
    this.#timer = repeat(INTERVAL, () => this.#draw());
  }

  phase(name: string): void {
    this.#phase = name;
    this.#path = undefined;
    this.#draw();
  }

  total(files: number, bytes: number, isComplete: boolean): void {
    this.#total = { files, bytes, isComplete };
  }

  add(files: number, bytes: number, path: ByteString): void {
    this.#done.files += files;
    this.#done.bytes += bytes;
    this.#path = path;
  }

  advance(bytes: number, path: ByteString): void {
    this.#done.bytes += bytes;
    this.#path = path;
  }

  error(path: ByteString, message: string, details?: Readonly<Record<string, unknown>>): void {
    this.#errors++;
    this.#lines.failed(path, message, details);
  }

  finish(): void {
    this.#timer[Symbol.dispose]();
    this.#output.status([]);
  }

  [Symbol.dispose](): void {
    this.finish();
  }

  #draw(): void {
    const elapsed = this.#surroundings.now() - this.#begun;
    const rate = this.#rate.measure(this.#done.bytes, elapsed);
    this.#output.status(progressLines({
      elapsed,
      rate,
      phase: this.#phase,
      done: this.#done,
      total: this.#total,
      errors: this.#errors,
      path: this.#path,
    }, this.#surroundings.columns()));
  }
}

function repeatedly(milliseconds: number, action: () => void): Disposable {
  const timer = setInterval(action, milliseconds);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
