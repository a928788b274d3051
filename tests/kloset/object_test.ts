import assert from "node:assert/strict";
import type { ByteString } from "../../src/lib/byte_string.ts";
import type { KlosetObject } from "../../src/kloset/object.ts";
import { decodeObject, encodeObject } from "../../src/kloset/object.ts";
import { concat, fromHex, toHex } from "../../src/lib/bytes.ts";
import {
  assertBytes,
  assertHostileRefused,
  assertSturdy,
  assertTruncationRefused,
  msgpackVector,
  repository,
  withSeed,
} from "./vectors.ts";

Deno.test("objects have the bytes that Go writes, and read back", () => {
  for (const name of ["object", "object_nil_chunks", "object_dirpack_empty"]) {
    assertBytes(encodeObject(decodeObject(msgpackVector(name))), msgpackVector(name));
  }
  for (const hex of [repository.object_msgpack, repository.object_nochunks_msgpack]) {
    assertBytes(encodeObject(decodeObject(fromHex(hex))), hex);
  }
});

Deno.test("an object holds what Go put in it", () => {
  const object = decodeObject(msgpackVector("object"));
  assert.equal(toHex(object.contentMac), "22".repeat(32));
  assert.equal(object.contentType, "text/plain; charset=utf-8");
  assert.equal(object.entropy, 1.9219280948873623);
  assert.deepEqual(object.chunks.map(({ length, entropy }) => [length, entropy]), [[5, 1.9219280948873623]]);
});

Deno.test("a chunk in an object has the bytes that Go writes", () => {
  const chunk = msgpackVector("chunk");
  const object = { contentMac: new Uint8Array(32), contentType: "" as ByteString, entropy: 0 };
  const chunks = [{ contentMac: new Uint8Array(32).fill(0x11), length: 5, entropy: 1.9219280948873623 }];
  const bytes = toHex(encodeObject({ ...object, chunks }));
  assert.ok(bytes.includes("91" + toHex(chunk)));
});

Deno.test("any object survives", () => {
  withSeed((random) => {
    for (const count of [0, 1, 15, 16, 65536]) {
      const object: KlosetObject = {
        contentMac: random.bytes(32),
        chunks: Array.from({ length: count }, (_, i) => ({
          contentMac: new Uint8Array(32).fill(i),
          length: random.below(2 ** 32),
          entropy: random.below(8001) / 1000,
        })),
        contentType: random.pick("", "image/png") as ByteString,
        entropy: random.pick(0, 7.5),
      };
      const decoded = decodeObject(encodeObject(object));
      assert.equal(decoded.chunks.length, count);
      assert.deepEqual({ ...decoded, chunks: [] }, { ...object, chunks: [] });
      for (const i of [0, count >> 1, count - 1]) assert.deepEqual(decoded.chunks[i], object.chunks[i]);
    }
  });
});

Deno.test("what follows an object is ignored", () => {
  const bytes = msgpackVector("object");
  assert.deepEqual(decodeObject(concat(bytes, Uint8Array.of(1, 2))), decodeObject(bytes));
});

Deno.test("damage to an object is an error that says so", () => {
  assertTruncationRefused(msgpackVector("object"), decodeObject);
  assertSturdy(msgpackVector("object"), decodeObject);
  assertHostileRefused(decodeObject);
});
