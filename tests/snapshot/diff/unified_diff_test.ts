import assert from "node:assert/strict";
import { fromText } from "../../../src/lib/byte_string.ts";
import { matchingBlocks } from "../../../src/snapshot/diff/matching_blocks.ts";
import { unifiedDiff } from "../../../src/snapshot/diff/unified_diff.ts";
import { randomOf } from "../../support/random.ts";

function diffOf(a: string, b: string): string | undefined {
  const found = unifiedDiff({ name: "A", text: fromText(a) }, { name: "B", text: fromText(b) });
  return found && found.names + found.body;
}

const numbers = (n: number) => Array.from({ length: n }, (_, i) => `${i + 1}\n`).join("");

Deno.test("texts that are the same have no diff", () => {
  for (const text of ["", "\n", "a", "a\n", numbers(500)]) assert.equal(diffOf(text, text), undefined);
});

Deno.test("a change is shown with three lines on each side", () => {
  const changed = numbers(20).replace("\n10\n", "\nten\n");
  const expected = "--- A\n+++ B\n@@ -7,7 +7,7 @@\n 7\n 8\n 9\n-10\n+ten\n 11\n 12\n 13\n";
  assert.equal(diffOf(numbers(20), changed), expected);
});

Deno.test("changes are together when at most six lines are between them", () => {
  const without = (...lines: number[]) =>
    lines.reduce((text, line) => text.replace(`\n${line}\n`, "\n"), numbers(40));
  const hunks = (text: string) => diffOf(numbers(40), text)?.match(/^@@.*$/gm);
  assert.deepEqual(hunks(without(10, 17)), ["@@ -7,14 +7,12 @@"]);
  assert.deepEqual(hunks(without(10, 18)), ["@@ -7,7 +7,6 @@", "@@ -15,7 +14,6 @@"]);
});

Deno.test("what follows the last line break is a line, as in plakar's diffs", () => {
  assert.equal(diffOf("a", "a\n"), "--- A\n+++ B\n@@ -1 +1,2 @@\n a\n+\n");
  assert.equal(diffOf("", "new\n"), "--- A\n+++ B\n@@ -1 +1,2 @@\n+new\n \n");
});

/** Runs of lines that both have, as a slow but plain search finds the longest. */
function checkBlocks(a: string[], b: string[], blocks: ReturnType<typeof matchingBlocks>): void {
  let [aEnd, bEnd] = [0, 0];
  for (const block of blocks) {
    assert.ok(block.a >= aEnd && block.b >= bEnd && block.length > 0);
    assert.deepEqual(a.slice(block.a, block.a + block.length), b.slice(block.b, block.b + block.length));
    [aEnd, bEnd] = [block.a + block.length, block.b + block.length];
  }
}

function longestRun(a: string[], b: string[]): number {
  let longest = 0;
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j < b.length; j++) {
      let length = 0;
      while (i + length < a.length && j + length < b.length && a[i + length] === b[j + length]) length++;
      longest = Math.max(longest, length);
    }
  }
  return longest;
}

Deno.test("what is found in common is in both, in order, and holds the longest run", () => {
  const below = randomOf(11);
  for (let round = 0; round < 300; round++) {
    const words = 2 + below(8);
    const [a, b] = [0, 1].map(() => Array.from({ length: below(30) }, () => String(below(words))));
    const blocks = matchingBlocks(a, b);
    checkBlocks(a, b, blocks);
    const longest = longestRun(a, b);
    assert.equal(Math.max(0, ...blocks.map(({ length }) => length)) >= longest, true);
  }
});

Deno.test("a comparison that would take too long is cut short, and still says nothing false", () => {
  const below = randomOf(5);
  const [a, b] = [0, 1].map(() => Array.from({ length: 150 }, () => String(below(3))));
  const whole = matchingBlocks(a, b).reduce((sum, { length }) => sum + length, 0);
  for (const budget of [0, 1, 100, 5000]) {
    const blocks = matchingBlocks(a, b, budget);
    checkBlocks(a, b, blocks);
    assert.ok(blocks.reduce((sum, { length }) => sum + length, 0) < whole);
  }
});
