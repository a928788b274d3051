/**
 * The one place that prints.
 *
 * What a command is asked for goes to standard output, and so does `info:` where plakar prints it there; warnings,
 * errors and what plakar does not tell go to standard error. With `-json`, standard output has nothing but JSON lines, and standard error the same as without. A
 * block of status lines at the bottom of a terminal is taken away before anything is printed, and drawn again
 * after it. Lines appear in the order in which they were given, on both streams together.
 */

import { messageOf, PlakarError } from "../lib/errors.ts";
import { jsonLine, type OutputLevel } from "./json_line.ts";
import { OutputStream, type Sink } from "./output_stream.ts";

/** What is printed, and how. */
export interface OutputStyle {
  /** Errors and results only. */
  quiet: boolean;
  /** Nothing but what was asked for and the error that ends the command. */
  silent: boolean;
  /** JSON lines instead of text. */
  json: boolean;
  /** Subsystems to trace, or `all`. */
  trace: readonly string[];
  /** Plain lines only, no colours: `NO_COLOR`. */
  colorless: boolean;
  /** No cursor movements and no colours: `TERM=dumb`, `-stdio`. */
  plain: boolean;
}

/** Something worth a line. */
export interface OutputLine {
  /** What it is, a word of docs/json.md. */
  type: string;
  /** Its values, for `-json`. */
  data?: Readonly<Record<string, unknown>>;
  /** Its text; without one it is shown only with `-json`. */
  text?: string;
  /** The snapshot it is about, 64 hexadecimal digits. */
  snapshot?: string;
}

/** The program's output. */
export class Output {
  readonly #stream: OutputStream;
  readonly #style: OutputStyle;
  readonly #now: () => bigint;
  #warned: string | undefined;
  readonly #stdoutIsTerminal: boolean;
  readonly #stderrIsTerminal: boolean;
  #workflow = "";

  /**
   * Nothing is printed yet.
   *
   * @param stdout standard output
   * @param stderr standard error
   * @param style what is printed, and how
   * @param now nanoseconds since 1970
   */
  constructor(stdout: Sink, stderr: Sink, style: OutputStyle, now: () => bigint) {
    this.#stream = new OutputStream(stdout, stderr);
    this.#style = style;
    this.#now = now;
    this.#stdoutIsTerminal = stdout.isTerminal();
    this.#stderrIsTerminal = stderr.isTerminal();
  }

  /** Sets the name of the command that JSON lines carry. */
  set workflow(name: string) {
    this.#workflow = name;
  }

  /** Whether a person sees what is printed, at least on one of the two streams. */
  get isSeen(): boolean {
    return this.#stdoutIsTerminal || this.#stderrIsTerminal;
  }

  /** Whether JSON lines are printed. */
  get isJson(): boolean {
    return this.#style.json;
  }

  /**
   * Whether text may be coloured.
   *
   * @param fd where it goes: 1 for standard output, 2 for standard error
   * @returns true if that is a terminal that can show it
   */
  hasColor(fd: 1 | 2): boolean {
    const isTerminal = fd === 1 ? this.#stdoutIsTerminal : this.#stderrIsTerminal;
    return isTerminal && !this.#style.colorless && !this.#style.plain && !this.#style.json;
  }

  /** Whether a block of status lines may be shown. */
  get hasStatus(): boolean {
    const { quiet, silent, json, plain, trace } = this.#style;
    return this.#stdoutIsTerminal && this.#stderrIsTerminal && !quiet && !silent && !json && !plain &&
      trace.length === 0;
  }

  /**
   * Whether what happens in a part of the program is to be told.
   *
   * @param subsystem the part
   * @returns true if so
   */
  traces(subsystem: string): boolean {
    const { trace } = this.#style;
    return trace.includes("all") || trace.includes("trace") || trace.includes(subsystem);
  }

  /** What the command was asked for: always printed. */
  product(line: OutputLine): void {
    this.#print("info", line, 1);
  }

  /**
   * Bytes that the command was asked for, as they are.
   *
   * @param bytes the bytes, which must not change until {@linkcode Output.drain} resolves
   */
  bytes(bytes: Uint8Array): void {
    this.#stream.write(1, bytes);
  }

  /** One step of the work, hidden by `-quiet`. */
  step(line: OutputLine): void {
    if (!this.#style.quiet && !this.#style.silent) this.#print("info", line, 1);
  }

  /** A step that failed, printed on standard error. */
  failedStep(line: OutputLine): void {
    if (!this.#style.silent) this.#print("error", line, 2);
  }

  /** The line that says what happened: printed also with `-quiet`. */
  result(line: OutputLine): void {
    if (!this.#style.silent) this.#print("quiet", line, 1);
  }

  /**
   * Tells of something that went as it should.
   *
   * @param message one line
   */
  info(message: string): void {
    this.step({ type: "info", data: { message }, text: `info: ${message}` });
  }

  /**
   * Tells more than plakar does: on standard error, so that standard output stays what plakar prints.
   *
   * @param message one line
   */
  note(message: string): void {
    if (this.#style.quiet || this.#style.silent) return;
    this.#print("info", { type: "info", data: { message }, text: `info: ${message}` }, 2);
  }

  /**
   * Tells of something that should be looked at. What several say in a row, such as threads that lose their server
   * together, is printed once.
   *
   * @param message one line
   */
  warn(message: string): void {
    if (this.#style.silent || message === this.#warned) return;
    this.#warned = message;
    this.#print("warn", { type: "warning", data: { message }, text: `warn: ${message}` }, 2);
  }

  /**
   * Tells of a failure that does not end the command.
   *
   * @param error what failed
   */
  error(error: unknown): void {
    if (!this.#style.silent) this.#failure(error, "error");
  }

  /**
   * Tells of the failure that ends the command. Never hidden.
   *
   * @param error what failed
   */
  fatal(error: unknown): void {
    this.status([]);
    this.#failure(error, "plakar");
  }

  /**
   * Tells what happens inside, if that was asked for.
   *
   * @param subsystem where it happens
   * @param message one line
   */
  trace(subsystem: string, message: string): void {
    if (!this.traces(subsystem)) return;
    this.#print("trace", {
      type: "trace",
      data: { subsystem, message },
      text: `trace: ${subsystem}: ${message}`,
    }, 1);
  }

  /**
   * Shows lines at the bottom of the terminal until others replace them.
   *
   * @param lines the lines, none to take the block away
   */
  status(lines: readonly string[]): void {
    if (this.hasStatus) this.#stream.status(lines);
  }

  /**
   * Shows a question, on the stream that a person sees.
   *
   * @param text the question, without a line break at its end
   */
  async prompt(text: string): Promise<void> {
    this.#stream.status([]);
    this.#stream.write(!this.#stderrIsTerminal && this.#stdoutIsTerminal ? 1 : 2, text);
    await this.#stream.flush();
  }

  /**
   * Waits until most of what was given is printed. What is made of many lines waits now and then.
   *
   * @throws {OutputClosed} if nobody reads standard output any more
   * @throws {PlakarError} if it cannot be written to
   */
  async drain(): Promise<void> {
    await this.#stream.drain();
  }

  /** Waits until everything given so far is printed, so that what another program prints comes after it. */
  async flush(): Promise<void> {
    await this.#stream.flush();
  }

  /**
   * Waits until everything is printed.
   *
   * @throws {PlakarError} if standard output could not be written to, unless its reader went away
   */
  async finish(): Promise<void> {
    this.#stream.status([]);
    await this.#stream.flush();
    this.#stream.throwIfFailed();
  }

  #failure(error: unknown, prefix: string): void {
    const { code, hint } = error instanceof PlakarError ? error : { code: "internal", hint: undefined };
    const message = messageOf(error);
    const text = `${prefix}: ${message}${hint === undefined ? "" : `\nhint: ${hint}`}`;
    this.#print("error", { type: "error", data: { code, message, hint }, text }, 2);
  }

  #print(level: OutputLevel, { type, data, text, snapshot }: OutputLine, fd: 1 | 2): void {
    if (this.#style.json) {
      const line = { now: this.#now(), level, workflow: this.#workflow, type, snapshot, data };
      this.#stream.write(1, jsonLine(line));
    }
    if (text !== undefined && (fd === 2 || !this.#style.json)) this.#stream.write(fd, `${text}\n`);
  }
}
