import { equal, rejects } from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { concat } from "../../../src/lib/bytes.ts";
import { DeflateStream } from "../../../src/snapshot/archive/deflate_stream.ts";
import { randomOf } from "../../support/random.ts";

const random = randomOf(3);
const NOISE = Uint8Array.from({ length: 1_000_000 }, () => random(256));

Deno.test("what comes in pieces is compressed as one", async () => {
  const compressed: Uint8Array[] = [];
  const stream = new DeflateStream("gzip", (bytes) => Promise.resolve(void compressed.push(bytes.slice())));
  for (let at = 0; at < NOISE.length; at += 70_000) await stream.write(NOISE.subarray(at, at + 70_000));
  await stream.finish();
  equal(gunzipSync(concat(...compressed)).equals(NOISE), true);
});

Deno.test("what the sink fails with is what the writing fails with, at once or at the end", async () => {
  const failure = new Error("no room");
  for (const size of [10, NOISE.length]) {
    const stream = new DeflateStream("gzip", () => Promise.reject(failure));
    await rejects(async () => {
      for (let i = 0; i < 50; i++) await stream.write(NOISE.subarray(0, size));
      await stream.finish();
    }, failure);
  }
});
