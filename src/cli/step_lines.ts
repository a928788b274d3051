/** The lines that long work prints: one for each path, and one at the end. */

import type { ByteString } from "../lib/byte_string.ts";
import { toHex } from "../lib/bytes.ts";
import type { ExclusionReason } from "../snapshot/exclusions.ts";
import { formatCount } from "./format/count.ts";
import { formatDuration, formatWholeSeconds } from "./format/duration.ts";
import { printableName } from "./format/printable_name.ts";
import { formatSize } from "./format/size.ts";
import { jsonPath } from "./json_line.ts";
import type { Output } from "./output.ts";

/** What a workflow did, for its last line. */
export interface WorkflowResult {
  /** Paths that failed. */
  errors: number;
  /** Paths that are there, but not as they were; none if not given. */
  warnings?: number;
  /** How long it took, in nanoseconds. */
  duration: bigint;
  /** Bytes read from the store. */
  bytesIn: number;
  /** Bytes written to the store. */
  bytesOut: number;
  /** What plakar does not tell, without the parts above. */
  facts: readonly string[];
  /** More values, for `-json`. */
  details?: Readonly<Record<string, unknown>>;
}

/** The lines of one workflow on one snapshot, as plakar prints them. */
export class StepLines {
  readonly #output: Output;
  readonly #workflow: string;
  readonly #snapshot: string;
  readonly #ok: string;
  readonly #failed: string;

  /**
   * Begins a workflow.
   *
   * @param output where it prints
   * @param workflow what it is called: `backup`, `check`, `restore`
   * @param identifier the snapshot's identifier
   */
  constructor(output: Output, workflow: string, identifier: Uint8Array) {
    this.#output = output;
    this.#workflow = workflow;
    this.#snapshot = toHex(identifier);
    this.#ok = output.hasColor(1) ? "\x1b[32m✓\x1b[0m" : "✓";
    this.#failed = output.hasColor(2) ? "\x1b[31m✘\x1b[0m" : "✘";
  }

  /**
   * A path is done.
   *
   * @param path the path
   */
  ok(path: ByteString): void {
    const text = `${this.#shortId}: OK ${this.#ok} ${printableName(path)}`;
    this.#output.step({ type: "ok", snapshot: this.#snapshot, data: jsonPath(path), text });
  }

  /**
   * A path failed.
   *
   * @param path the path
   * @param message why
   * @param details more values, for `-json`
   */
  failed(path: ByteString, message: string, details: Readonly<Record<string, unknown>> = {}): void {
    const text = `${this.#shortId}: KO ${this.#failed} ${printableName(path)}: ${message}`;
    const data = { ...jsonPath(path), message, ...details };
    this.#output.failedStep({ type: "failed", snapshot: this.#snapshot, data, text });
  }

  /**
   * A path is left out.
   *
   * @param path the path
   * @param reason the rule that does it
   */
  leftOut(path: ByteString, { origin, pattern }: ExclusionReason): void {
    const rule = pattern === undefined ? origin : `${origin} ${printableName(pattern)}`;
    const text = `${this.#shortId}: left out ${printableName(path)}: ${rule}`;
    const data = { ...jsonPath(path), origin, ...(pattern !== undefined && jsonPath(pattern, "pattern")) };
    this.#output.product({ type: "left_out", snapshot: this.#snapshot, data, text });
  }

  /**
   * The workflow is over.
   *
   * @param result what it did
   */
  result({ errors, warnings = 0, duration, bytesIn, bytesOut, facts, details }: WorkflowResult): void {
    const failures = [formatCount(errors, "error")];
    if (warnings > 0) failures.push(formatCount(warnings, "warning"));
    const told = failures.slice(errors === 0 ? 1 : 0).join(" and ");
    const outcome = told === "" ? "without errors" : `with ${told}`;
    const text = `${this.#shortId}: ${this.#workflow} completed ${outcome} in ${formatDuration(duration)} ` +
      `(in: ${formatSize(bytesIn)}, out: ${formatSize(bytesOut)})`;
    const data = { errors, duration_ns: duration, bytes_in: bytesIn, bytes_out: bytesOut, ...details };
    this.#output.result({ type: "result", snapshot: this.#snapshot, data, text });
    const summary = [...facts, ...failures, formatWholeSeconds(duration)].join(", ");
    this.#output.note(`${this.#shortId}: ${summary}`);
  }

  get #shortId(): string {
    return this.#snapshot.slice(0, 8);
  }
}
