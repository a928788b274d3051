import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { ResourceType } from "../../src/kloset/resource.ts";
import { fromText } from "../../src/lib/byte_string.ts";
import { toHex } from "../../src/lib/bytes.ts";
import { digests } from "../../src/snapshot/digest.ts";
import { Snapshot } from "../../src/snapshot/snapshot.ts";
import { FakeSource } from "../support/fake_source.ts";
import { MemoryStorage } from "../support/memory_storage.ts";
import { makeBackup, snapshotOf } from "../support/snapshots.ts";
import { newTestRepository } from "../support/test_repository.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

async function snapshotWith(source: FakeSource): Promise<Snapshot> {
  const repository = await newTestRepository(new MemoryStorage(), { chunkSizes: [64, 256, 1024] });
  return await snapshotOf(repository, await makeBackup(repository, source));
}

async function shown(snapshot: Snapshot, path: string): Promise<string[]> {
  const found = await Array.fromAsync(digests(snapshot, fromText(path), "SHA256"));
  return found.map(({ path, digest, error }) => `${path} ${digest ? toHex(digest) : error?.code}`);
}

Deno.test("digests are those of the files, many chunks long or empty", async () => {
  const long = "0123456789".repeat(3000);
  const snapshot = await snapshotWith(new FakeSource("/srv").file("a/long", long).file("empty", ""));
  assert.deepEqual(await shown(snapshot, "/srv"), [
    `/srv/a/long ${sha256(long)}`,
    `/srv/empty ${sha256("")}`,
  ]);
  const [blake3] = await Array.fromAsync(digests(snapshot, fromText("/srv/empty"), "BLAKE3"));
  assert.equal(
    toHex(blake3.digest ?? assert.fail()),
    "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
  );
});

Deno.test("links to files count as files, directories behind links are left alone", async () => {
  const source = new FakeSource("/srv").file("d/file", "x").link("link", "d/file").link("dir", "d")
    .link("loop", ".").link("dangling", "nowhere").link("self", "self");
  const snapshot = await snapshotWith(source);
  assert.deepEqual(await shown(snapshot, "/srv"), [`/srv/d/file ${sha256("x")}`, `/srv/link ${sha256("x")}`]);
  assert.deepEqual(await shown(snapshot, "/srv/dir"), [`/srv/dir/file ${sha256("x")}`]);
});

Deno.test("a file that cannot be read is told, and the others are done", async () => {
  const storage = new MemoryStorage();
  const repository = await newTestRepository(storage);
  const source = new FakeSource("/srv").file("bad", "b".repeat(500)).file("good", "g");
  const snapshot = await snapshotOf(repository, await makeBackup(repository, source));
  const entry = await snapshot.entry(fromText("/srv/bad"));
  const object = await snapshot.object(entry?.object ?? assert.fail());
  const chunk = object.chunks[0].contentMac;
  const [{ packfile, offset }] = snapshot.repository.blobs.all(ResourceType.chunk, chunk);
  const bytes = storage.files.packfile.get(packfile) ?? assert.fail();
  bytes[16 + offset + 3] ^= 1;
  const damaged = await snapshot.repository.reload();
  const again = await Snapshot.load(damaged, snapshot.header.identifier);
  assert.deepEqual(await shown(again, "/srv"), ["/srv/bad corrupt", `/srv/good ${sha256("g")}`]);
});

Deno.test("where nothing is, there is an error", async () => {
  const snapshot = await snapshotWith(new FakeSource("/srv"));
  await assert.rejects(shown(snapshot, "/srv/nothing"), { code: "not-found" });
});
