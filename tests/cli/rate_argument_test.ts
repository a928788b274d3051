import assert from "node:assert/strict";
import { parseRate } from "../../src/cli/rate_argument.ts";

Deno.test("a rate is typed with units of 1000 or 1024, or none", () => {
  const rates: [text: string, perSecond: number][] = [
    ["1000", 1000],
    ["500KB", 500_000],
    ["500kb/s", 500_000],
    ["1K", 1024],
    ["1.5KiB", 1536],
    ["2MiB/s", 2 * 1024 ** 2],
    ["10M", 10 * 1024 ** 2],
    ["10 MB/s", 10_000_000],
    ["1G", 1024 ** 3],
    ["0.5GB", 500_000_000],
    ["4096B/s", 4096],
  ];
  for (const [text, perSecond] of rates) assert.equal(parseRate(text).perSecond, perSecond, text);
});

Deno.test("what is no rate, or slower than anything could be done at, is refused", () => {
  for (
    const text of ["", "fast", "0", "500", "-1M", "10Mbit", "10M/h", "1e6", "1,5M", "M", "1 M B", "1e30G"]
  ) {
    assert.throws(() => parseRate(text), { code: "usage" }, text);
  }
});
