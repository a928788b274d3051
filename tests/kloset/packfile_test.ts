import assert from "node:assert/strict";
import type { BlobRecord } from "../../src/kloset/packfile.ts";
import {
  decodePackfileFooter,
  decodePackfileIndex,
  encodedFooterOf,
  encodedIndexOf,
  encodePackfileFooter,
  encodePackfileIndex,
  PackfileIndexWriter,
} from "../../src/kloset/packfile.ts";
import { ResourceType } from "../../src/kloset/resource.ts";
import { VERSION_1_0_0 } from "../../src/kloset/version.ts";
import { concat, fromHex, viewOf } from "../../src/lib/bytes.ts";
import { isPlakarError } from "../../src/lib/errors.ts";
import { assertBytes, repository, withSeed } from "./vectors.ts";

const VECTOR = repository.packfile_plain_lz4;
const corrupt = (error: unknown) => isPlakarError(error, "corrupt");

Deno.test("an index has the bytes that Go writes, and reads back", () => {
  const records = decodePackfileIndex(fromHex(VECTOR.index_plain), 88);
  assert.deepEqual(records.map(({ type, offset, length }) => [type, offset, length]), [
    [ResourceType.chunk, 0, 24],
    [ResourceType.random, 24, 64],
  ]);
  assertBytes(encodePackfileIndex(records), VECTOR.index_plain);
});

Deno.test("a footer has the bytes that Go writes, and reads back", () => {
  const footer = decodePackfileFooter(fromHex(VECTOR.footer_plain));
  assert.deepEqual(footer, {
    timestamp: 1_767_225_600_123_456_789n,
    count: 2,
    indexOffset: 88,
    indexMac: fromHex(VECTOR.index_mac),
  });
  assertBytes(encodePackfileFooter(footer), VECTOR.footer_plain);
});

Deno.test("the encoded index and footer are found in a packfile", () => {
  const payload = fromHex(VECTOR.payload);
  const encodedFooter = encodedFooterOf(payload);
  assert.equal(encodedFooter.length, viewOf(payload).getUint32(payload.length - 4, true));
  const encodedIndex = encodedIndexOf(payload, decodePackfileFooter(fromHex(VECTOR.footer_plain)));
  assertBytes(concat(payload.subarray(0, 88), encodedIndex, encodedFooter, payload.slice(-4)), payload);
});

Deno.test("any index survives, also past four gigabytes", () => {
  withSeed((random) => {
    const records: BlobRecord[] = Array.from({ length: 300 }, () => ({
      type: random.below(256),
      version: VERSION_1_0_0,
      mac: random.bytes(32),
      offset: random.below(2 ** 32) * random.pick(1, 2 ** 20),
      length: random.below(2 ** 32),
    }));
    assert.deepEqual(decodePackfileIndex(encodePackfileIndex(records), Number.MAX_SAFE_INTEGER), records);
  });
});

Deno.test("an index writer counts and can be filled again", () => {
  const writer = new PackfileIndexWriter();
  writer.add(ResourceType.chunk, new Uint8Array(32), 0, 5);
  assert.equal(writer.count, 1);
  assert.equal(writer.take().length, 56);
  assert.equal(writer.count, 0);
});

Deno.test("a blob that leaves the area of blobs is corruption", () => {
  const record = { type: 9, version: VERSION_1_0_0, mac: new Uint8Array(32), offset: 90, length: 10 };
  assert.equal(decodePackfileIndex(encodePackfileIndex([record]), 100).length, 1);
  assert.throws(() => decodePackfileIndex(encodePackfileIndex([record]), 99), corrupt);
  const wrapping = encodePackfileIndex([record]).fill(0xff, 40, 48);
  assert.throws(() => decodePackfileIndex(wrapping, 100), corrupt);
});

Deno.test("an index or footer of another length is corruption", () => {
  for (let length = 1; length < 56; length++) {
    assert.throws(() => decodePackfileIndex(new Uint8Array(length), 0), corrupt);
    assert.throws(() => decodePackfileFooter(new Uint8Array(length)), corrupt);
  }
  assert.deepEqual(decodePackfileIndex(new Uint8Array(0), 0), []);
  assert.throws(() => decodePackfileFooter(new Uint8Array(57)), corrupt);
});

Deno.test("a footer that points nowhere is corruption", () => {
  const bytes = fromHex(VECTOR.footer_plain);
  assert.throws(() => decodePackfileFooter(bytes.slice().fill(0xff, 12, 20)), corrupt);
  const footer = { ...decodePackfileFooter(bytes), indexOffset: 1000 };
  assert.throws(() => encodedIndexOf(fromHex(VECTOR.payload), footer), corrupt);
});

Deno.test("a packfile too short for its footer is corruption", () => {
  for (const bytes of ["", "000000", "01000000", "ffffffff", "00ffffffff"]) {
    assert.throws(() => encodedFooterOf(fromHex(bytes)), corrupt);
  }
  assert.equal(encodedFooterOf(new Uint8Array(4)).length, 0);
});
