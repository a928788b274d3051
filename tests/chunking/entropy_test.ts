import assert from "node:assert/strict";
import { entropy } from "../../src/chunking/entropy.ts";

Deno.test("entropy is 0 for one value, 1 for two alike, 8 for all", () => {
  assert.equal(entropy(new Uint8Array(0)), 0);
  assert.equal(entropy(new Uint8Array(1000)), 0);
  assert.equal(entropy(Uint8Array.from({ length: 1000 }, (_, i) => i % 2)), 1);
  assert.equal(entropy(Uint8Array.from({ length: 4096 }, (_, i) => i)), 8);
});

Deno.test("entropy follows Shannon's formula", () => {
  const data = Uint8Array.of(1, 1, 1, 2);
  assert.ok(Math.abs(entropy(data) - (0.75 * Math.log2(4 / 3) + 0.25 * 2)) < 1e-12);
});
