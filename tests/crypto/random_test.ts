import assert from "node:assert/strict";
import { randomBytes } from "../../src/crypto/random.ts";
import { toHex } from "../../src/lib/bytes.ts";

Deno.test("random bytes come in any number", () => {
  for (const length of [0, 1, 12, 32, 1024, 1025, 4096, 65536, 65537, 200_000]) {
    assert.equal(randomBytes(length).length, length);
  }
});

Deno.test("no random bytes are given out twice, or zeroed", () => {
  const seen = new Set<string>();
  for (let i = 0; i < 2000; i++) seen.add(toHex(randomBytes(i % 2 === 0 ? 12 : 32)));
  seen.add("00".repeat(12)).add("00".repeat(32));
  assert.equal(seen.size, 2002);
});

Deno.test("random bytes are an array of their own", () => {
  const bytes = randomBytes(32);
  const copy = bytes.slice();
  randomBytes(5000);
  randomBytes(32).fill(0);
  assert.deepEqual(bytes, copy);
  assert.equal(bytes.buffer.byteLength, 32);
});
