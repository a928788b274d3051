import { deepStrictEqual, equal } from "node:assert/strict";
import { bucketOf, lastBuckets, type Period } from "../../src/snapshot/period.ts";

const time = (iso: string) => BigInt(Date.parse(iso)) * 1_000_000n;

Deno.test("a moment falls into one bucket of each period, in UTC", () => {
  const bucket = (period: Period) => bucketOf(period, time("2025-08-18T14:05:59.999Z"));
  equal(bucket("minute"), "2025-08-18-14-05");
  equal(bucket("hour"), "2025-08-18-14");
  equal(bucket("day"), "2025-08-18");
  equal(bucket("week"), "2025-W34");
  equal(bucket("month"), "2025-08");
  equal(bucket("year"), "2025");
  equal(bucket("monday"), "2025-W34-monday");
  equal(bucket("tuesday"), undefined);
});

Deno.test("weeks are those of ISO 8601, also around the turn of the year", () => {
  const week = (day: string) => bucketOf("week", time(`${day}T12:00:00Z`));
  equal(week("2024-12-29"), "2024-W52");
  equal(week("2024-12-30"), "2025-W01");
  equal(week("2021-01-03"), "2020-W53");
  equal(week("2021-01-04"), "2021-W01");
  equal(week("2026-12-31"), "2026-W53");
});

Deno.test("the last buckets end with the present one", () => {
  const now = time("2026-03-31T10:00:00Z");
  deepStrictEqual([...lastBuckets("day", 3, now)], ["2026-03-31", "2026-03-30", "2026-03-29"]);
  deepStrictEqual([...lastBuckets("month", 3, now)], ["2026-03", "2026-02", "2026-01"]);
  deepStrictEqual([...lastBuckets("year", 2, now)], ["2026", "2025"]);
  deepStrictEqual([...lastBuckets("hour", 2, now)], ["2026-03-31-10", "2026-03-31-09"]);
});

Deno.test("the last Tuesdays are the last ones that were, today's among them", () => {
  const now = time("2026-03-31T10:00:00Z");
  deepStrictEqual([...lastBuckets("tuesday", 2, now)], ["2026-W14-tuesday", "2026-W13-tuesday"]);
  deepStrictEqual([...lastBuckets("wednesday", 1, now)], ["2026-W13-wednesday"]);
});
