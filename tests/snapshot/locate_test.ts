import assert from "node:assert/strict";
import { type ByteString, fromText } from "../../src/lib/byte_string.ts";
import { locate, namePatterns } from "../../src/snapshot/locate.ts";
import { FakeSource } from "../support/fake_source.ts";
import { MemoryStorage } from "../support/memory_storage.ts";
import { makeBackup, snapshotOf } from "../support/snapshots.ts";
import { newTestRepository } from "../support/test_repository.ts";

async function located(source: FakeSource, ...patterns: string[]): Promise<ByteString[]> {
  const repository = await newTestRepository(new MemoryStorage());
  const snapshot = await snapshotOf(repository, await makeBackup(repository, source));
  return await Array.fromAsync(locate(snapshot, namePatterns(patterns.map(fromText))));
}

Deno.test("files are found by base name anywhere in a snapshot, those with fewer slashes first", async () => {
  const source = new FakeSource("/srv").file("a/b/x.txt", "").file("z.txt", "").file("a/y.txt", "")
    .link("a/l.txt", "nowhere").directory("d.txt").file("txt", "");
  assert.deepEqual(await located(source, "*.txt"), [
    "/srv/d.txt",
    "/srv/z.txt",
    "/srv/a/l.txt",
    "/srv/a/y.txt",
    "/srv/a/b/x.txt",
  ]);
  assert.deepEqual(await located(source, "srv"), ["/srv"]);
  assert.deepEqual(await located(source, "a/*"), []);
});

Deno.test("a file that several patterns match is found once", async () => {
  const source = new FakeSource("/srv").file("one", "").file("two", "");
  assert.deepEqual(await located(source, "one", "o*", "*", "srv"), ["/srv", "/srv/one", "/srv/two"]);
});

Deno.test("what is no pattern finds the file of that name", async () => {
  const source = new FakeSource("/srv").file("[draft", "").file("draft", "");
  assert.deepEqual(await located(source, "[draft"), ["/srv/[draft"]);
  assert.deepEqual(namePatterns([fromText("[draft"), fromText("*")]).malformed, ["[draft"]);
});

Deno.test("a search can be stopped", async () => {
  const repository = await newTestRepository(new MemoryStorage());
  const snapshot = await snapshotOf(repository, await makeBackup(repository, new FakeSource("/srv")));
  const found = locate(snapshot, namePatterns([fromText("*")]), AbortSignal.abort(new Error("stopped")));
  await assert.rejects(Array.fromAsync(found), /stopped/);
});
