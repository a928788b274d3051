/** The lines that `-json` prints; docs/json.md describes them. */

import { type ByteString, display, toBytes, toText } from "../lib/byte_string.ts";
import { formatRfc3339 } from "./format/time.ts";

/** How much a line matters. */
export type OutputLevel = "info" | "quiet" | "warn" | "error" | "trace";

/** What a line says. */
export interface JsonLine {
  /** Nanoseconds since 1970. */
  now: bigint;
  /** How much it matters. */
  level: OutputLevel;
  /** The command. */
  workflow: string;
  /** What it is. */
  type: string;
  /** The snapshot it is about. */
  snapshot?: string;
  /** Its values. */
  data?: Readonly<Record<string, unknown>>;
}

/** The version of the lines: it changes when what a program reads from them could break. */
export const JSON_VERSION = 1;

/**
 * A line of JSON.
 *
 * @param line what it says
 * @returns the line, with its line break
 */
export function jsonLine({ now, level, workflow, type, snapshot, data }: JsonLine): string {
  const timestamp = formatRfc3339(now, 9);
  const object = { version: JSON_VERSION, timestamp, level, workflow, type, snapshot, data };
  return JSON.stringify(object, (_, value) => typeof value === "bigint" ? numberOrText(value) : value) + "\n";
}

/**
 * A path as values of a JSON line: text, and the bytes where they are not text.
 *
 * @param path the path
 * @param key what it is called
 * @returns for example `{ path: "/etc" }`, or also `path_base64` if it is not UTF-8
 */
export function jsonPath(path: ByteString, key = "path"): Record<string, string> {
  const text = toText(path);
  if (text !== undefined) return { [key]: text };
  const base64 = btoa(String.fromCharCode(...toBytes(path)));
  return { [key]: display(path), [`${key}_base64`]: base64 };
}

/** A number where it is exact, else its digits. */
function numberOrText(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}
