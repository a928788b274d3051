import assert from "node:assert/strict";
import type { Result } from "../../../scripts/bench/run.ts";
import { spread, summarize, tableOf } from "../../../scripts/bench/summary.ts";

function result(contender: string, run: number, wall: number): Result {
  return {
    network: "loopback",
    set: "src",
    work: "first",
    contender,
    run,
    wall,
    cpu: 1,
    memory: 1 << 20,
    stored: 2 << 20,
  };
}

Deno.test("the median of an even number of values lies between the two in the middle", () => {
  assert.deepEqual(spread([4, 1, 3, 2]), { median: 2.5, min: 1, max: 4 });
  assert.deepEqual(spread([5, 1, 3]), { median: 3, min: 1, max: 5 });
});

Deno.test("times are compared within one run, not across runs", () => {
  const results = [
    result("ours", 0, 1),
    result("theirs", 0, 2),
    result("ours", 1, 30),
    result("theirs", 1, 60),
  ];
  const [own, peer] = summarize(results, { src: { files: 62, bytes: 0 } }, "ours");
  assert.equal(own.ratio, undefined);
  assert.deepEqual(peer.ratio, { median: 0.5, min: 0.5, max: 0.5 });
  assert.equal(peer.filesPerSecond, 2);
});

Deno.test("a contender that we have no pair for has no ratio", () => {
  const [line] = summarize([result("theirs", 0, 2)], {}, "ours");
  assert.equal(line.ratio, undefined);
});

Deno.test("the table has a row for every line, and cells of equal width", () => {
  const table = tableOf(summarize([result("ours", 0, 1), result("theirs", 0, 2)], {}, "ours")).split("\n");
  assert.equal(table.length, 4);
  assert.equal(new Set(table.map((row) => row.length)).size, 1);
  assert.match(table[3], /theirs .*0\.50 \(0\.50–0\.50\)/);
});
