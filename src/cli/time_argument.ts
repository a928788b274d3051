/**
 * Times as people type them: `2026-05-01`, `2026-05-01 10:00`, RFC 3339, or how long ago: `30d`, `2 hours`.
 *
 * What is relative stays relative until {@linkcode resolveTime}, so that it can be stored as it was meant.
 */

import { PlakarError } from "../lib/errors.ts";

/** A moment, or how long before now, in nanoseconds. */
export type TimeArgument =
  /** Nanoseconds since 1970. */
  | { readonly at: bigint }
  /** Nanoseconds before now. */
  | { readonly ago: bigint };

const SECONDS: Readonly<Record<string, number>> = {
  s: 1,
  min: 60,
  h: 3600,
  d: 86_400,
  w: 7 * 86_400,
  // plakar counts a month as 30 days and a year as 365.
  mo: 30 * 86_400,
  y: 365 * 86_400,
};

const UNITS: Readonly<Record<string, string>> = {
  ...{ s: "s", sec: "s", secs: "s", second: "s", seconds: "s" },
  ...{ mi: "min", min: "min", mins: "min", minute: "min", minutes: "min" },
  ...{ h: "h", hr: "h", hrs: "h", hour: "h", hours: "h" },
  ...{ d: "d", day: "d", days: "d" },
  ...{ w: "w", week: "w", weeks: "w" },
  ...{ mo: "mo", month: "mo", months: "mo" },
  ...{ y: "y", yr: "y", year: "y", years: "y" },
};

/**
 * The time that a text means.
 *
 * Dates without a zone are UTC. A bare `m` is a month, as plakar has it, unless hours or seconds stand with
 * it, as in `1h30m`; `min` is always a minute.
 *
 * @param text what was typed
 * @returns the moment, or how long ago
 * @throws {PlakarError} `usage` if it is none of the forms
 */
export function parseTimeArgument(text: string): TimeArgument {
  const at = parseDate(text);
  if (at !== undefined) return { at };
  const ago = parseAgo(text.trim().toLowerCase());
  if (ago !== undefined) return { ago };
  throw new PlakarError("usage", "it is neither a date (2026-05-01, 2026-05-01 10:00) nor an age (12h, 30d)");
}

/**
 * The moment a time argument stands for.
 *
 * @param time the argument
 * @param now the present, in nanoseconds since 1970
 * @returns nanoseconds since 1970
 */
export function resolveTime(time: TimeArgument, now: bigint): bigint {
  return "at" in time ? time.at : now - time.ago;
}

const RFC3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;
const PLAIN = /^(\d{4})-(\d{2})-(\d{2})(?: (\d{2}):(\d{2})(?::(\d{2}))?)?$/;
const SLASHED = /^(\d{4})\/(\d{2})\/(\d{2})$/;

/** Nanoseconds since 1970 of a date, `undefined` if it has no form of a date or there is no such day. */
function parseDate(text: string): bigint | undefined {
  const zoned = RFC3339.exec(text);
  const match = zoned ?? PLAIN.exec(text) ?? SLASHED.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map((digits) =>
    digits === undefined ? undefined : Number(digits)
  );
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 &&
    second < 60;
  if (!exists) return undefined;
  let nanoseconds = BigInt(date.getTime()) * 1_000_000n;
  if (zoned) {
    const [, , , , , , , fraction, sign, hours, minutes] = zoned;
    if (fraction !== undefined) nanoseconds += BigInt(fraction.padEnd(9, "0"));
    if (sign !== undefined) {
      const east = BigInt(Number(hours) * 60 + Number(minutes)) * 60_000_000_000n;
      nanoseconds += sign === "+" ? -east : east;
    }
  }
  return nanoseconds;
}

const TERM =
  /^(?:(\d+(?:\.\d+)?)|an?(?= )|half an?(?= )|(?:a )?couple of(?= )) *([a-z]+)( and a half)?(?:[ ,]+(?:and )?|(?=\d)|$)/;

/** Nanoseconds of an age, `undefined` if it has no form of one. */
function parseAgo(text: string): bigint | undefined {
  let rest = text.replace(/ ago$/, "").replace(/^[+-](?=\d)/, "");
  const terms: { count: number; unit: string }[] = [];
  while (rest !== "") {
    const match = TERM.exec(rest);
    if (!match) return undefined;
    const [whole, digits, unit, half] = match;
    const word = digits !== undefined
      ? Number(digits)
      : whole.startsWith("half")
      ? 0.5
      : /couple/.test(whole)
      ? 2
      : 1;
    terms.push({ count: word + (half === undefined ? 0 : 0.5), unit });
    rest = rest.slice(whole.length);
  }
  if (terms.length === 0) return undefined;
  const clock = terms.some(({ unit }) => UNITS[unit] === "h" || UNITS[unit] === "s");
  let milliseconds = 0;
  for (const { count, unit } of terms) {
    const known = unit === "m"
      ? (clock ? "min" : "mo")
      : Object.hasOwn(UNITS, unit)
      ? UNITS[unit]
      : undefined;
    if (known === undefined) return undefined;
    milliseconds += count * SECONDS[known] * 1000;
  }
  // Beyond this an age reaches before the year 0, and means "ever".
  const ever = 2000 * SECONDS.y * 1000;
  return BigInt(Math.round(Math.min(milliseconds, ever))) * 1_000_000n;
}
