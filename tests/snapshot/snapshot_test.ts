import assert from "node:assert/strict";
import { compareBytes } from "../../src/kloset/path_order.ts";
import { ResourceType } from "../../src/kloset/resource.ts";
import { type ByteString, ROOT } from "../../src/lib/byte_string.ts";
import { toHex } from "../../src/lib/bytes.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import { Snapshot } from "../../src/snapshot/snapshot.ts";
import { findSnapshot, listSnapshots } from "../../src/snapshot/snapshot_list.ts";
import { TreeReader } from "../../src/snapshot/tree_reader.ts";
import { FakeSource } from "../support/fake_source.ts";
import { MemoryStorage } from "../support/memory_storage.ts";
import { makeBackup, NOW, snapshotOf, treeOf } from "../support/snapshots.ts";
import { newTestRepository, openTestRepository } from "../support/test_repository.ts";

const path = (text: string) => text as ByteString;

async function snapshotFrom(source: FakeSource): Promise<Snapshot> {
  const repository = await newTestRepository(new MemoryStorage());
  return await snapshotOf(repository, await makeBackup(repository, source));
}

Deno.test("a walk is depth first, the children of a directory in the order of their bytes", async () => {
  const source = new FakeSource("/").file("b", "").file("a.b", "").file("a/x", "").file("a/q/z", "");
  source.file("a-", "").file("\xff", "").file("B", "");
  const snapshot = await snapshotFrom(source);
  assert.deepEqual([...(await treeOf(snapshot)).keys()], [
    ...["/", "/B", "/a", "/a/q", "/a/q/z", "/a/x", "/a-", "/a.b", "/b", "/\xff"],
  ]);
  assert.deepEqual([...(await treeOf(snapshot, path("/a"))).keys()], ["/a", "/a/q", "/a/q/z", "/a/x"]);
  assert.deepEqual([...(await treeOf(snapshot, path("/a.b"))).keys()], ["/a.b"]);
  await assert.rejects(treeOf(snapshot, path("/nothing")), { code: "not-found" });
});

Deno.test("a path given by a person counts from the directory that was backed up", async () => {
  const snapshot = await snapshotFrom(new FakeSource("/home/alice").file("f", ""));
  assert.equal(snapshot.directory, "/home/alice");
  for (
    const [given, meant] of [
      ["", "/home/alice"],
      ["f", "/home/alice/f"],
      ["./f/", "/home/alice/f"],
      ["../bob", "/home/bob"],
      ["/etc//passwd", "/etc/passwd"],
      ["../../../..", "/"],
    ]
  ) assert.equal(snapshot.resolve(path(given)), meant);
});

Deno.test("links are followed on the way to a path and at its end, as in the file system", async () => {
  const source = new FakeSource("/r").file("real/dir/file", "found").link("to-dir", "real/dir");
  source.link("absolute", "/r/real").link("real/up", "..").link("chain", "to-dir").link(
    "to-file",
    "chain/file",
  );
  source.link("loop", "loop2").link("loop2", "loop").link("dangling", "nowhere").link(
    "outside",
    "../../../..",
  );
  const snapshot = await snapshotFrom(source);
  for (
    const [given, real] of [
      ["/r/real/dir/file", "/r/real/dir/file"],
      ["/r/to-dir/file", "/r/real/dir/file"],
      ["/r/absolute/dir/file", "/r/real/dir/file"],
      ["/r/chain/file", "/r/real/dir/file"],
      ["/r/to-file", "/r/real/dir/file"],
      ["/r/real/up/to-dir", "/r/real/dir"],
      ["/r/outside", "/"],
      ["/", "/"],
    ]
  ) assert.equal((await snapshot.lookup(path(given))).path, real, given);
  for (const given of ["/r/loop", "/r/loop/x", "/r/dangling", "/r/nothing", "/r/real/dir/file/x", "/x"]) {
    await assert.rejects(snapshot.lookup(path(given)), { code: "not-found" }, given);
  }
});

Deno.test("a path that is no directory has no children, and an empty directory has none either", async () => {
  const snapshot = await snapshotFrom(new FakeSource("/r").directory("empty").file("f", ""));
  assert.deepEqual(await snapshot.children(path("/r/empty")), []);
  assert.equal(await snapshot.listing(path("/r/f")), undefined);
  assert.equal(await snapshot.listing(path("/nowhere")), undefined);
  await assert.rejects(snapshot.children(path("/nowhere")), { code: "corrupt" });
  assert.equal(await snapshot.entry(path("/nowhere")), undefined);
});

Deno.test("every entry is found by its path, and its id is the MAC of what is stored", async () => {
  const source = new FakeSource("/r");
  for (let i = 0; i < 700; i++) source.file(`${i % 9}/${i}`, `${i}`);
  const snapshot = await snapshotFrom(source);
  for (let directory = 0; directory < 9; directory++) {
    for (const { entry, mac } of await snapshot.children(path(`/r/${directory}`))) {
      const at = path(`/r/${directory}/${entry.info.name}`);
      assert.deepEqual(await snapshot.entry(at), entry);
      await snapshot.repository.readBlob(ResourceType.vfsEntry, mac);
    }
  }
});

Deno.test("the index by content type has every file under its type, in order", async () => {
  const source = new FakeSource("/r").file("a/doc.pdf", "%PDF-1.4").file("text", "hello").file(
    "b",
    "text too",
  );
  source.link("link", "text").directory("dir").file("none", "");
  const snapshot = await snapshotFrom(source);
  const { value } = snapshot.header.sources[0].indexes.find(({ name }) => name === "content-type") ?? {};
  const { btreeRoot, btreeNode } = ResourceType;
  assert.ok(value);
  const tree = await TreeReader.open(snapshot.repository, btreeRoot, btreeNode, value, compareBytes);
  const keys = (await Array.fromAsync(tree.scan(ROOT))).map(([key]) => key);
  assert.deepEqual(keys, [
    "/application/pdf/r/a/doc.pdf",
    "/application/x-not-regular-file/r/link",
    "/text/plain/r/b",
    "/text/plain/r/none",
    "/text/plain/r/text",
  ]);
});

Deno.test("summaries add up over the whole tree", async () => {
  const source = new FakeSource("/r").file("a/b/one", "12345").file("a/two", "1234567890").link("a/l", "two");
  const snapshot = await snapshotFrom(source);
  const { directory, below } = snapshot.header.sources[0].summary;
  assert.equal(directory.directories, 1);
  assert.equal(directory.files, 0);
  assert.equal(below.directories, 2);
  assert.equal(below.files, 2);
  assert.equal(below.symlinks, 1);
  assert.equal(Number(below.size), 15);
  assert.equal(below.errors, 0);
});

Deno.test("snapshots are listed newest first, those that cannot be read with a warning", async () => {
  const storage = new MemoryStorage();
  await newTestRepository(storage, { packfileSize: 1 });
  const source = new FakeSource("/r").file("f", "x");
  const ids: string[] = [];
  for (const seconds of [3n, 1n, 2n]) {
    const timestamp = NOW + seconds * 1_000_000_000n;
    const { header } = await makeBackup(await openTestRepository(storage), source, { timestamp });
    ids.push(toHex(header.identifier));
  }
  const repository = await openTestRepository(storage);
  const listed = await listSnapshots(repository, (message) => assert.fail(message));
  assert.deepEqual(listed.map(({ header }) => toHex(header.identifier)), [ids[0], ids[2], ids[1]]);

  const at = repository.blobs.get(ResourceType.snapshot, listed[1].header.identifier);
  storage.files.packfile.delete(at?.packfile ?? "");
  const warnings: string[] = [];
  const rest = await listSnapshots(
    await openTestRepository(storage),
    (message) => void warnings.push(message),
  );
  assert.deepEqual(rest.map(({ header }) => toHex(header.identifier)), [ids[0], ids[1]]);
  assert.equal(warnings.length, 1);
  assert.ok(warnings[0].startsWith(`Cannot read snapshot ${ids[2].slice(0, 8)}: `));
});

Deno.test("a prefix names one snapshot, or none, or too many", async () => {
  const storage = new MemoryStorage();
  await newTestRepository(storage);
  const identifiers = ["ab12", "ab34", "cd"].map((prefix) => {
    const identifier = randomBytes(32);
    identifier.set(Uint8Array.from(prefix.match(/../g) ?? [], (digits) => parseInt(digits, 16)));
    return identifier;
  });
  const source = new FakeSource("/r").file("f", "x");
  for (const identifier of identifiers) {
    await makeBackup(await openTestRepository(storage), source, { identifier });
  }
  const repository = await openTestRepository(storage);
  const find = async (prefix: string) => toHex((await findSnapshot(repository, prefix)).header.identifier);
  assert.equal(await find("ab1"), toHex(identifiers[0]));
  assert.equal(await find("c"), toHex(identifiers[2]));
  assert.equal(await find(toHex(identifiers[1])), toHex(identifiers[1]));
  await assert.rejects(find("ab"), { code: "ambiguous", message: /ab \(matches 2 snapshots\)/ });
  await assert.rejects(find(""), { code: "ambiguous" });
  await assert.rejects(find("ff00"), { code: "not-found", message: "no snapshot has prefix: ff00" });
  await assert.rejects(find(toHex(identifiers[0]) + "0"), { code: "not-found" });
});

Deno.test("a header that belongs to another snapshot is not taken for this one", async () => {
  const storage = new MemoryStorage();
  const repository = await newTestRepository(storage);
  const { header } = await makeBackup(repository, new FakeSource("/r").file("f", "x"));
  const fresh = await repository.reload();
  const at = fresh.blobs.get(ResourceType.snapshot, header.identifier);
  assert.ok(at);
  const other = randomBytes(32);
  const packfile = Uint8Array.from(at.packfile.match(/../g) ?? [], (digits) => parseInt(digits, 16));
  fresh.blobs.add(ResourceType.snapshot, other, packfile, at.offset, at.length);
  await assert.rejects(Snapshot.load(fresh, other), {
    code: "corrupt",
    message: /its header is not its own/,
  });
});
