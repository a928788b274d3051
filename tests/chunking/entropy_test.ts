import assert from "node:assert/strict";
import { noise, prose } from "../crypto/vectors.ts";
import { entropy } from "../../src/chunking/entropy.ts";

Deno.test("entropy is 0 for one value, 1 for two alike, 8 for all", () => {
  assert.equal(entropy(new Uint8Array(0)), 0);
  assert.equal(entropy(new Uint8Array(1000)), 0);
  assert.equal(entropy(Uint8Array.from({ length: 1000 }, (_, i) => i % 2)), 1);
  assert.equal(entropy(Uint8Array.from({ length: 4096 }, (_, i) => i)), 8);
});

/** Noise with holes at the beginning, within and at the end, none of them at a multiple of eight. */
function withZeros(length: number): Uint8Array {
  const data = noise(length);
  for (const at of [0, 100_001, length - 70_001]) data.fill(0, at, at + 70_001);
  return data;
}

Deno.test("entropy follows Shannon's formula, for few bytes and for many", () => {
  for (
    const data of [
      Uint8Array.of(1, 1, 1, 2),
      noise(300),
      prose(4095),
      prose(4096),
      prose(4099),
      noise(100_000),
      prose(65536),
      noise(200_001),
      withZeros(300_003),
      new Uint8Array(65537).fill(255),
    ]
  ) {
    let expected = 0;
    for (let byte = 0; byte < 256; byte++) {
      const share = data.filter((other) => other === byte).length / data.length;
      if (share > 0) expected -= share * Math.log2(share);
    }
    assert.ok(Math.abs(entropy(data) - expected) < 1e-9, `length ${data.length}`);
  }
});
