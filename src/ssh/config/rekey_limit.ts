/** `RekeyLimit`: after how much, or how long, keys are exchanged again. */

import { parseTime } from "./time.ts";

/** A limit; what is not limited is left to the server. */
export interface RekeyLimit {
  /** Bytes in one direction; `undefined` for no limit. */
  bytes?: number;
  /** Seconds; `undefined` for no limit. */
  seconds?: number;
}

const UNITS: Readonly<Record<string, number>> = { "": 1, k: 1 << 10, m: 1 << 20, g: 1 << 30 };
/** The least that OpenSSH takes. */
const MIN_BYTES = 16;

/**
 * Reads the values of `RekeyLimit`.
 *
 * @param values a number of bytes with an optional unit or `default`, and a time or `none`
 * @returns the limit
 */
export function rekeyLimitOf(values: readonly string[]): RekeyLimit {
  const [size = "", time = "none"] = values.map((value) => value.toLowerCase());
  const match = /^(\d+)([kmg]?)$/.exec(size);
  const bytes = match ? Number(match[1]) * UNITS[match[2]] : 0;
  return { bytes: bytes >= MIN_BYTES ? bytes : undefined, seconds: parseTime(time) || undefined };
}
