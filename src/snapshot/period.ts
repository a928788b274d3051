/** Calendar periods, in UTC: which snapshots are the last of a day, or of the last so many Mondays. */

const DAY = 86_400_000;

/** Weekdays as ISO 8601 counts them, Monday first. */
export const WEEKDAYS = [
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
  "sunday",
] as const;

/** The periods, all weekdays among them. */
export const PERIODS = ["minute", "hour", "day", "week", "month", "year", ...WEEKDAYS] as const;

/** A period of the calendar. */
export type Period = typeof PERIODS[number];

/**
 * The bucket of a period that a moment falls into.
 *
 * @param period the period
 * @param nanoseconds since 1970
 * @returns for example `2025-08-20`, `2025-W34` or `2025-W34-monday`; `undefined` on another weekday
 */
export function bucketOf(period: Period, nanoseconds: bigint): string | undefined {
  const milliseconds = Number(nanoseconds / 1_000_000n);
  const iso = new Date(milliseconds).toISOString();
  if (period === "year") return iso.slice(0, 4);
  if (period === "month") return iso.slice(0, 7);
  if (period === "day") return iso.slice(0, 10);
  if (period === "hour") return `${iso.slice(0, 10)}-${iso.slice(11, 13)}`;
  if (period === "minute") return `${iso.slice(0, 10)}-${iso.slice(11, 13)}-${iso.slice(14, 16)}`;
  if (period === "week") return isoWeek(milliseconds);
  return WEEKDAYS[weekday(milliseconds)] === period ? `${isoWeek(milliseconds)}-${period}` : undefined;
}

/**
 * The last buckets of a period.
 *
 * @param period the period
 * @param count how many
 * @param now nanoseconds since 1970, which fall into the last of them
 * @returns the buckets
 */
export function lastBuckets(period: Period, count: number, now: bigint): ReadonlySet<string> {
  const buckets = new Set<string>();
  const present = Number(now / 1_000_000n);
  for (let i = 0; i < count; i++) {
    const bucket = bucketOf(period, BigInt(stepBack(period, present, i)) * 1_000_000n);
    if (bucket !== undefined) buckets.add(bucket);
  }
  return buckets;
}

/** A moment so many periods before the present. */
function stepBack(period: Period, present: number, steps: number): number {
  if (period === "minute") return present - steps * 60_000;
  if (period === "hour") return present - steps * 3_600_000;
  if (period === "day") return present - steps * DAY;
  if (period === "week") return present - steps * 7 * DAY;
  const date = new Date(present);
  if (period === "month") return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - steps, 1);
  if (period === "year") return Date.UTC(date.getUTCFullYear() - steps, 0, 1);
  const sinceThatDay = (weekday(present) - WEEKDAYS.indexOf(period) + 7) % 7;
  return present - (sinceThatDay + 7 * steps) * DAY;
}

/** Monday is 0. */
function weekday(milliseconds: number): number {
  return (new Date(milliseconds).getUTCDay() + 6) % 7;
}

/** The week by ISO 8601: the first is the one with the year's first Thursday. */
function isoWeek(milliseconds: number): string {
  const thursday = new Date(milliseconds + (3 - weekday(milliseconds)) * DAY);
  const year = thursday.getUTCFullYear();
  const week = Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / (7 * DAY)) + 1;
  return `${String(year).padStart(4, "0")}-W${String(week).padStart(2, "0")}`;
}
