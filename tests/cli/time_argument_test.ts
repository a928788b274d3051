import { deepStrictEqual, equal, throws } from "node:assert/strict";
import { parseTimeArgument, resolveTime } from "../../src/cli/time_argument.ts";

const at = (iso: string, nanoseconds = 0n) => ({ at: BigInt(Date.parse(iso)) * 1_000_000n + nanoseconds });
const ago = (seconds: number) => ({ ago: BigInt(seconds) * 1_000_000_000n });
const HOUR = 3600;
const DAY = 24 * HOUR;

Deno.test("dates without a zone are UTC", () => {
  deepStrictEqual(parseTimeArgument("2026-05-01"), at("2026-05-01T00:00:00Z"));
  deepStrictEqual(parseTimeArgument("2026/05/01"), at("2026-05-01T00:00:00Z"));
  deepStrictEqual(parseTimeArgument("2026-05-01 10:30"), at("2026-05-01T10:30:00Z"));
  deepStrictEqual(parseTimeArgument("2026-05-01 10:30:59"), at("2026-05-01T10:30:59Z"));
});

Deno.test("RFC 3339 is understood to the nanosecond and with any zone", () => {
  deepStrictEqual(parseTimeArgument("2026-05-01T10:30:59Z"), at("2026-05-01T10:30:59Z"));
  deepStrictEqual(
    parseTimeArgument("2026-05-01T10:30:59.123456789Z"),
    at("2026-05-01T10:30:59Z", 123_456_789n),
  );
  deepStrictEqual(parseTimeArgument("2026-05-01T10:30:59+02:00"), at("2026-05-01T08:30:59Z"));
  deepStrictEqual(parseTimeArgument("2026-05-01T10:30:59.5-05:30"), at("2026-05-01T16:00:59Z", 500_000_000n));
});

Deno.test("ages are understood as plakar understands them", () => {
  const ages: [string, number][] = [
    ["30d", 30 * DAY],
    ["2d 3h", 2 * DAY + 3 * HOUR],
    ["2d3h", 2 * DAY + 3 * HOUR],
    ["2d,3h", 2 * DAY + 3 * HOUR],
    ["2 days and 3 hours", 2 * DAY + 3 * HOUR],
    ["half an hour", HOUR / 2],
    ["an hour and a half", 1.5 * HOUR],
    ["a day", DAY],
    ["1.5d", 1.5 * DAY],
    ["1w", 7 * DAY],
    ["1mo", 30 * DAY],
    ["1 month", 30 * DAY],
    ["1y", 365 * DAY],
    ["1 DAY", DAY],
    ["90s", 90],
    ["1 min", 60],
    ["couple of days", 2 * DAY],
    ["-1h", HOUR],
    ["+1h", HOUR],
  ];
  for (const [text, seconds] of ages) deepStrictEqual(parseTimeArgument(text), ago(seconds), text);
});

Deno.test("m is a month by itself, and a minute beside hours or seconds", () => {
  deepStrictEqual(parseTimeArgument("5m"), ago(150 * DAY));
  deepStrictEqual(parseTimeArgument("1m 2d"), ago(32 * DAY));
  deepStrictEqual(parseTimeArgument("1h30m"), ago(1.5 * HOUR));
  deepStrictEqual(parseTimeArgument("1m30s"), ago(90));
});

Deno.test("ago is in the past", () => deepStrictEqual(parseTimeArgument("3 days ago"), ago(3 * DAY)));

Deno.test("what is no time is refused", () => {
  for (
    const text of [
      ...[
        "",
        "5",
        "tomorrow",
        "yesterday",
        "2026-13-01",
        "2026-02-30",
        "2026-05-01 24:00",
        "2026-05-01T10:00",
        "2026",
      ],
      ...["1x", "1h x", "in 3 days", "3 days from now", "h", "-", "1constructor", "1h ago ago"],
    ]
  ) throws(() => parseTimeArgument(text), { code: "usage" }, text);
});

Deno.test("an age counts back from now", () => {
  equal(resolveTime({ ago: 5n }, 100n), 95n);
  equal(resolveTime({ at: 7n }, 100n), 7n);
});

Deno.test("an age beyond all history is still a number", () => {
  equal(resolveTime(parseTimeArgument("99999999999999999999y"), 0n) < -1_000_000_000n, true);
});
