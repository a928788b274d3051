import assert from "node:assert/strict";
import { randomBytes } from "../../src/crypto/random.ts";
import { ResourceType } from "../../src/kloset/resource.ts";
import { toHex } from "../../src/lib/bytes.ts";
import { BlobIndex } from "../../src/repository/blob_index.ts";
import { KnownBlobs } from "../../src/repository/known_blobs.ts";

const [stored, lost, packfile, gone] = [1, 2, 3, 4].map(() => randomBytes(32));

/** One blob that is stored, and one whose packfile does not count. */
function newKnownBlobs(): KnownBlobs {
  const index = new BlobIndex();
  index.add(9, stored, packfile, 0, 5);
  index.add(9, lost, gone, 0, 5);
  index.setUsable((id) => id === toHex(packfile));
  return new KnownBlobs(index);
}

Deno.test("what a repository has need not be stored, what it has lost has to be", () => {
  const known = newKnownBlobs();
  assert.equal(known.add(9, stored), false);
  assert.equal(known.add(7, stored), true, "another type is another blob");
  assert.equal(known.add(9, lost), true);
  assert.equal(known.add(9, lost), false);
});

Deno.test("threads that share them know what the other has added", () => {
  const known = newKnownBlobs();
  // A structured clone has memory of its own; only what is shared stays so.
  const shared = known.share();
  const other = KnownBlobs.of({ ...structuredClone(shared), added: shared.added });
  assert.equal(other.add(9, stored), false);
  const mac = randomBytes(32);
  assert.equal(known.add(9, mac), true);
  assert.equal(other.add(9, mac), false);
});

Deno.test("the object of a file of one chunk is new to the first who adds it, in whichever thread", () => {
  const known = newKnownBlobs();
  const other = KnownBlobs.of(known.share());
  const [chunk, object] = [randomBytes(32), randomBytes(32)];
  assert.equal(known.add(ResourceType.chunk, chunk), true);
  assert.equal(other.add(ResourceType.chunk, chunk), false);
  assert.equal(
    other.addObject(object, chunk),
    true,
    "a chunk that somebody added says nothing about an object",
  );
  assert.equal(known.addObject(object, chunk), false);
  assert.equal(other.addObject(object, chunk), false);
});

Deno.test("a repository may have such an object and not its chunk, or the chunk only", () => {
  const [first, second, third, packfile] = [1, 2, 3, 4].map(() => randomBytes(32));
  const index = new BlobIndex();
  index.add(ResourceType.object, first, packfile, 0, 5);
  index.add(ResourceType.chunk, second, packfile, 5, 5);
  index.setUsable(() => true);
  const known = new KnownBlobs(index);
  assert.equal(known.add(ResourceType.chunk, third), true);
  assert.equal(known.addObject(first, third), false);
  assert.equal(known.add(ResourceType.chunk, second), false);
  assert.equal(known.addObject(third, second), true);
  assert.equal(known.addObject(third, second), false);
});
