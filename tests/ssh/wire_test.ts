import assert from "node:assert/strict";
import { WireReader, WireWriter } from "../../src/ssh/wire.ts";

Deno.test("what is written is read back", () => {
  const bytes = new WireWriter().byte(7).uint32(0xfffffffe).string("text").string(Uint8Array.of(1, 2))
    .bytes();
  const reader = new WireReader(bytes);
  assert.deepEqual([reader.byte(), reader.uint32(), reader.text()], [7, 0xfffffffe, "text"]);
  assert.deepEqual([...reader.string()], [1, 2]);
  assert.equal(reader.remaining, 0);
});

Deno.test("64-bit numbers keep all their bits", () => {
  assert.equal(new WireReader(new Uint8Array(8).fill(255)).uint64(), 2n ** 64n - 1n);
});

Deno.test("numbers lose leading zeros and stay positive (RFC 4251 section 5)", () => {
  const mpint = (...bytes: number[]) => [...new WireWriter().mpint(Uint8Array.from(bytes)).bytes()];
  assert.deepEqual(mpint(), [0, 0, 0, 0]);
  assert.deepEqual(mpint(0, 0), [0, 0, 0, 0]);
  assert.deepEqual(mpint(0, 0x7f), [0, 0, 0, 1, 0x7f]);
  assert.deepEqual(mpint(0x80), [0, 0, 0, 2, 0, 0x80]);
});

Deno.test("a length that promises more than there is, is an error at every length", () => {
  const whole = new WireWriter().string("0123456789").bytes();
  for (let length = 0; length < whole.length; length++) {
    assert.throws(() => new WireReader(whole.subarray(0, length)).string(), { code: "protocol" });
  }
  assert.throws(() => new WireReader(Uint8Array.of(255, 255, 255, 255)).string(), { code: "protocol" });
});
