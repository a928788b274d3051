import assert from "node:assert/strict";
import { PlakarError } from "../../src/lib/errors.ts";
import { ChunkGiver, type SharedBytes } from "../../src/snapshot/chunk_giver.ts";
import type { StoredChunk } from "../../src/snapshot/store_chunk.ts";

const MAX_SIZE = 1000;
const turn = () => new Promise((resolve) => setTimeout(resolve));

function setUp(allowed: number) {
  const given: { bytes: SharedBytes; answer: PromiseWithResolvers<StoredChunk> }[] = [];
  const giver = new ChunkGiver((bytes) => {
    const answer = Promise.withResolvers<StoredChunk>();
    given.push({ bytes, answer });
    return answer.promise;
  }, MAX_SIZE);
  giver.allow(allowed);
  return { given, giver };
}

const stored = (length: number): StoredChunk => ({
  contentMac: new Uint8Array(32),
  length,
  entropy: 1,
  isNew: true,
});

Deno.test("nothing is given before it is allowed, and no more at once than is", () => {
  const { given, giver } = setUp(0);
  assert.equal(giver.store(new Uint8Array(10)), undefined);
  giver.allow(2);
  assert.ok(giver.store(new Uint8Array(10)));
  assert.ok(giver.store(new Uint8Array(10)));
  assert.equal(giver.store(new Uint8Array(10)), undefined);
  giver.allow(1);
  assert.equal(giver.store(new Uint8Array(10)), undefined);
  assert.equal(given.length, 2);
});

Deno.test("what is given is a copy, and its memory is used again when it has been stored, not before", async () => {
  const { given, giver } = setUp(2);
  const data = new Uint8Array(10).fill(1);
  const first = giver.store(data);
  data.fill(2);
  giver.store(data);
  assert.deepEqual(given.map(({ bytes }) => [...new Set(bytes)]), [[1], [2]]);
  given[0].answer.resolve(stored(10));
  assert.deepEqual(await first, stored(10));
  await turn();
  giver.store(new Uint8Array(MAX_SIZE));
  assert.equal(given[2].bytes.length, MAX_SIZE);
  assert.equal(given[2].bytes.buffer, given[0].bytes.buffer);
  assert.notEqual(given[1].bytes.buffer, given[0].bytes.buffer);
});

Deno.test("a failure is told, and once it is stopped nothing is waited for or given any more", async () => {
  const { given, giver } = setUp(2);
  const error = new PlakarError("no-space", "No space is left");
  const failing = giver.store(new Uint8Array(10));
  given[0].answer.reject(error);
  await assert.rejects(Promise.resolve(failing), error);
  await turn();
  const waiting = [giver.store(new Uint8Array(10)), giver.store(new Uint8Array(10))];
  giver.stop(error);
  for (const chunk of waiting) await assert.rejects(Promise.resolve(chunk), error);
  await turn();
  assert.equal(giver.store(new Uint8Array(10)), undefined);
});
