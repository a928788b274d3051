/** Rates as people type them: `500KB`, `2MiB/s`, `10M`. */

import { PlakarError } from "../lib/errors.ts";
import { type SharedRate, sharedRate } from "../lib/rate_limit.ts";

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  b: 1,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
  ...{ k: 1024, kib: 1024 },
  ...{ m: 1024 ** 2, mib: 1024 ** 2 },
  ...{ g: 1024 ** 3, gib: 1024 ** 3 },
};

/** Below this nothing would ever end; who types a bare `500` means something larger. */
const LEAST = 1000;

/**
 * The rate that a text means, for all connections together. `KB`, `MB`, `GB` are powers of 1000; `K`, `KiB` and so
 * on are powers of 1024.
 *
 * @param text what was typed
 * @returns bytes a second
 * @throws {PlakarError} `usage` if it is none, or too slow for anything
 */
export function parseRate(text: string): SharedRate {
  const [, number, unit] = /^(\d+(?:\.\d+)?) ?([a-z]*)(?:\/s)?$/i.exec(text.trim()) ?? [];
  const rate = Number(number) * (UNITS[unit?.toLowerCase() ?? ""] ?? NaN);
  if (!(rate >= LEAST && rate <= Number.MAX_SAFE_INTEGER)) {
    throw new PlakarError("usage", "it is bytes a second, at least 1KB, such as 500KB, 2MiB/s or 10M");
  }
  return sharedRate(rate);
}
