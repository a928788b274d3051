import assert from "node:assert/strict";
import { WRAPPER_HEADER_SIZE } from "../../src/kloset/wrapper.ts";
import { equal } from "../../src/lib/bytes.ts";
import { forEachBounded } from "../../src/lib/concurrency.ts";
import { PackfileReader } from "../../src/repository/packfile_reader.ts";
import { MemoryStorage } from "../support/memory_storage.ts";
import { randomOf } from "../support/random.ts";

const WINDOW = 65536;

/** A packfile of many windows; every byte tells where it is. */
async function packfileOf(storage: MemoryStorage, id: string, length: number): Promise<Uint8Array> {
  const blobs = new Uint8Array(length).map((_, i) => (i ^ (i >>> 8) ^ (i >>> 16) * 31) & 255);
  const file = new Uint8Array(WRAPPER_HEADER_SIZE + length);
  file.set(blobs, WRAPPER_HEADER_SIZE);
  await storage.put("packfile", id, file);
  return blobs;
}

Deno.test("every range is what lies there, however many are read at once and whatever memory is used again", async () => {
  const storage = new MemoryStorage();
  const ids = ["a", "b"].map((digit) => digit.repeat(64));
  const length = 300 * WINDOW + 1234;
  const blobs = await Promise.all(ids.map((id) => packfileOf(storage, id, length)));
  const again = new Set<Uint8Array>();
  let times = 0;
  const get = storage.get.bind(storage);
  storage.get = (kind, id, range, into) => {
    if (into) times++;
    if (into) again.add(into);
    return get(kind, id, range, into);
  };
  const reader = new PackfileReader(storage, () => length);
  const random = randomOf(7);
  const reads = Array.from({ length: 4000 }, () => {
    const size = [0, 1, 300, 9000, WINDOW, WINDOW + 1, 3 * WINDOW][random(7)];
    return { of: random(2), offset: random(length - size), size };
  });
  await forEachBounded(reads, 64, async ({ of, offset, size }) => {
    const isRight = await reader.read(ids[of], offset, size, (bytes) => {
      return equal(bytes, blobs[of].subarray(offset, offset + size));
    });
    assert.ok(isRight, `${size} bytes from ${offset}`);
  });
  assert.ok(again.size > 0 && times > 2 * again.size, `${again.size} arrays were used again ${times} times`);
});

Deno.test("what use throws is thrown, and the range is not read again for it", async () => {
  const storage = new MemoryStorage();
  const id = "c".repeat(64);
  await packfileOf(storage, id, 1000);
  const reader = new PackfileReader(storage, () => 1000);
  let uses = 0;
  const failure = new Error("of no use");
  await assert.rejects(
    reader.read(id, 10, 20, () => {
      uses++;
      throw failure;
    }),
    failure,
  );
  assert.equal(uses, 1);
  assert.deepEqual(await reader.read(id, 0, 3, (bytes) => [...bytes]), [0, 1, 2]);
});
