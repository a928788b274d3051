import assert from "node:assert/strict";
import { BlobIndex } from "../../src/repository/blob_index.ts";
import { toHex } from "../../src/lib/bytes.ts";

const CHUNK = 9;
const OBJECT = 7;

function mac(n: number): Uint8Array {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, n * 2654435761 >>> 0, true);
  new DataView(bytes.buffer).setUint32(28, n, true);
  return bytes;
}

const all = () => true;

Deno.test("a blob is found where it was added, by type and MAC", () => {
  const index = new BlobIndex();
  for (let n = 0; n < 20000; n++) index.add(CHUNK, mac(n), mac(n % 7), n * 10, n);
  index.setUsable(all);
  for (let n = 0; n < 20000; n += 37) {
    assert.deepEqual(index.get(CHUNK, mac(n)), { packfile: toHex(mac(n % 7)), offset: n * 10, length: n });
    assert.equal(index.get(OBJECT, mac(n)), undefined);
  }
  assert.equal(index.has(CHUNK, mac(20000)), false);
  assert.equal(index.size, 20000);
});

Deno.test("the same blob in the same packfile is kept once, in another packfile again", () => {
  const index = new BlobIndex();
  index.add(CHUNK, mac(1), mac(100), 0, 5);
  index.add(CHUNK, mac(1), mac(100), 0, 5);
  index.add(CHUNK, mac(1), mac(101), 7, 5);
  index.setUsable(all);
  assert.equal(index.size, 2);
  assert.equal(index.all(CHUNK, mac(1)).length, 2);
});

Deno.test("locations in packfiles that do not count are not seen", () => {
  const index = new BlobIndex();
  index.add(CHUNK, mac(1), mac(100), 0, 5);
  index.add(CHUNK, mac(1), mac(101), 7, 5);
  index.setUsable((packfile) => packfile === toHex(mac(101)));
  assert.equal(index.get(CHUNK, mac(1))?.offset, 7);
  index.setUsable(() => false);
  assert.equal(index.get(CHUNK, mac(1)), undefined);
  assert.equal(index.has(CHUNK, mac(1)), false);
});

Deno.test("a removed location stays removed, others of the blob remain", () => {
  const index = new BlobIndex();
  index.add(CHUNK, mac(1), mac(100), 0, 5);
  index.add(CHUNK, mac(1), mac(101), 7, 5);
  index.remove(CHUNK, mac(1), toHex(mac(100)));
  index.setUsable(all);
  assert.deepEqual(index.all(CHUNK, mac(1)).map((at) => at.packfile), [toHex(mac(101))]);
});

Deno.test("the extent of a packfile is the end of its last blob", () => {
  const index = new BlobIndex();
  index.add(CHUNK, mac(1), mac(100), 0, 5);
  index.add(CHUNK, mac(2), mac(100), 90, 10);
  index.add(CHUNK, mac(3), mac(100), 50, 10);
  assert.equal(index.extent(toHex(mac(100))), 100);
  assert.equal(index.extent(toHex(mac(5))), 0);
});

Deno.test("an index that another thread shares has the same locations", () => {
  const index = new BlobIndex();
  for (let i = 0; i < 40_000; i++) index.add(CHUNK, wide(i), mac(100 + i % 3), i, 5);
  index.setUsable((packfile) => packfile !== toHex(mac(102)));
  const other = BlobIndex.of(structuredClone(index.share()));
  for (let i = 0; i < 40_000; i += 7) assert.deepEqual(other.get(CHUNK, wide(i)), index.get(CHUNK, wide(i)));
  assert.equal(other.has(CHUNK, wide(2)), false, "in a packfile that does not count");
  assert.equal(other.extent(toHex(mac(101))), index.extent(toHex(mac(101))));
});

/** A MAC for numbers of more than a byte. */
function wide(n: number): Uint8Array {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setUint32(0, n * 2_654_435_761);
  new DataView(bytes.buffer).setUint32(4, n);
  return bytes;
}
