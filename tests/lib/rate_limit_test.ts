import assert from "node:assert/strict";
import { RateLimit, sharedRate } from "../../src/lib/rate_limit.ts";

/** What may be taken at once after a pause: a tenth of a second. */
const BURST = 100;

Deno.test("each has to wait until what was taken before is paid for at the rate", () => {
  let now = 5000;
  const limit = new RateLimit(sharedRate(1000), () => now);
  assert.equal(limit.take(600), 0);
  assert.equal(limit.take(1000), 600 - BURST);
  assert.equal(limit.take(0), 1600 - BURST);
  now += 1000;
  assert.equal(limit.take(0), 600 - BURST);
  now += 10_000;
  assert.equal(limit.take(BURST), 0);
  assert.equal(limit.take(7), 0, "a pause is made up for");
  assert.equal(limit.take(0), 7, "but no longer one");
});

Deno.test("threads whose clocks differ keep one rate together", () => {
  const rate = sharedRate(100_000);
  let now = 0;
  const [one, other] = [7, 1_000_000].map((start) => new RateLimit(structuredClone(rate), () => start + now));
  let taken = 0;
  const turns = new Map([[one, 0], [other, 0]]);
  for (; now < 10_000; now++) {
    for (const limit of now < 2000 ? [one] : now < 4000 ? [other] : [one, other]) {
      while ((turns.get(limit) ?? 0) <= now) {
        turns.set(limit, now + limit.take(500));
        taken += 500;
      }
    }
  }
  // A burst at the beginning, and again when the other takes over.
  assert.ok(taken > 980_000 && taken < 1_030_000, `${taken} in ten seconds`);
});

Deno.test("pieces are a hundredth of a second, neither tiny nor huge", () => {
  const pieceOf = (perSecond: number) => new RateLimit(sharedRate(perSecond)).piece;
  assert.deepEqual([1000, 1_000_000, 1e9].map(pieceOf), [1024, 10_000, 65_536]);
});
