import assert from "node:assert/strict";
import type { Entry } from "../../src/kloset/entry.ts";
import { emptyFileInfo } from "../../src/kloset/file_info.ts";
import { MODE_SYMLINK } from "../../src/kloset/file_mode.ts";
import { ResourceType } from "../../src/kloset/resource.ts";
import type { ByteString } from "../../src/lib/byte_string.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import type { Repository } from "../../src/repository/repository.ts";
import { RepositoryLock } from "../../src/repository/repository_lock.ts";
import { listSnapshots } from "../../src/snapshot/snapshot_list.ts";
import { isOfBuilder } from "../../src/snapshot/snapshot_builder.ts";
import { FakeSource } from "../support/fake_source.ts";
import { MemoryStorage } from "../support/memory_storage.ts";
import { checkAll, makeBackup, NOW, snapshotOf, treeOf } from "../support/snapshots.ts";
import { newTestRepository, openTestRepository } from "../support/test_repository.ts";
import { storedBlobs } from "../support/stored_blobs.ts";

function newSource(): FakeSource {
  const source = new FakeSource("/srv/data").link("link", "a/1").directory("empty");
  for (let i = 0; i < 40; i++) source.file(`${i % 2 ? "a" : "b"}/${i}`, randomBytes(5000));
  return source;
}

const chunksOf = async (repository: Repository) => (await storedBlobs(repository, ResourceType.chunk)).length;

Deno.test("a second backup of an unchanged tree reads no file and stores nothing but its own metadata", async () => {
  const storage = new MemoryStorage();
  const source = newSource();
  const first = await makeBackup(await newTestRepository(storage), source);
  source.reads.length = 0;

  const repository = await openTestRepository(storage);
  const before = (await storedBlobs(repository)).length;
  const second = await makeBackup(repository, source);
  assert.deepEqual(source.reads, []);
  assert.equal(second.filesRead, 0);
  assert.equal(second.bytesRead, 0);
  assert.equal(second.filesUnchanged, 40);
  assert.equal(second.parent, (await snapshotOf(repository, first)).shortId);
  assert.ok(second.bytesWritten < 200_000, "one packfile with its padding, and a state");

  const snapshot = await snapshotOf(repository, second);
  const after = await storedBlobs(snapshot.repository);
  assert.deepEqual(after.length - before, 1, "only the header is new");
  assert.deepEqual(await treeOf(snapshot), await treeOf(await snapshotOf(repository, first)));
  assert.deepEqual((await checkAll(snapshot)).failures, []);
});

Deno.test("of a changed tree only the changed files are read", async () => {
  const storage = new MemoryStorage();
  const source = newSource();
  await makeBackup(await newTestRepository(storage), source);
  source.reads.length = 0;
  source.file("a/1", randomBytes(6000)).file("a/new", "new").remove("a/3");
  source.node("b/0").record.info.mtime += 1_000_000_000n;
  source.node("b/2").record.info.mode = 0o600;
  source.node("b/4").record.info.uid = 7;
  source.node("b/6").record.info.username = "bob" as ByteString;

  const repository = await openTestRepository(storage);
  const chunks = await chunksOf(repository);
  const result = await makeBackup(repository, source);
  assert.deepEqual(source.reads.sort(), [
    ...[
      "/srv/data/a/1",
      "/srv/data/a/new",
      "/srv/data/b/0",
      "/srv/data/b/2",
      "/srv/data/b/4",
      "/srv/data/b/6",
    ],
  ]);
  assert.equal(result.filesUnchanged, 34);
  const snapshot = await snapshotOf(repository, result);
  assert.equal(
    await chunksOf(snapshot.repository) - chunks,
    4,
    "two contents, and the listings of two directories",
  );
  const tree = await treeOf(snapshot);
  assert.ok(!tree.has("/srv/data/a/3"));
  assert.match(tree.get("/srv/data/b/2") ?? "", /^600 /);
  assert.deepEqual((await checkAll(snapshot)).failures, []);
});

Deno.test("a link that leads elsewhere is stored, though nothing else of its directory changed", async () => {
  const storage = new MemoryStorage();
  const source = newSource();
  await makeBackup(await newTestRepository(storage), source);
  source.link("link", "a/3");
  const repository = await openTestRepository(storage);
  const snapshot = await snapshotOf(repository, await makeBackup(repository, source));
  assert.equal((await snapshot.entry("/srv/data/link" as ByteString))?.symlinkTarget, "a/3");
  assert.deepEqual((await checkAll(snapshot)).failures, []);
});

Deno.test("a directory is taken from the parent only if this program would describe all in it alike", () => {
  const info = { ...emptyFileInfo(), name: "f" as ByteString };
  const mac = randomBytes(32);
  const entry: Entry = {
    ...{ parentPath: "/" as ByteString, info, symlinkTarget: "" as ByteString },
    ...{
      object: mac,
      contentType: "text/plain" as ByteString,
      entropy: 1,
      chunks: 1,
      extendedAttributes: [],
    },
  };
  assert.ok(isOfBuilder(entry));
  assert.ok(!isOfBuilder({ ...entry, object: undefined }));
  assert.ok(!isOfBuilder({ ...entry, extendedAttributes: ["user.x" as ByteString] }));
  assert.ok(!isOfBuilder({ ...entry, unused: new Map([["tags", new Uint8Array(1)]]) }));
  const link = { ...info, mode: MODE_SYMLINK | 0o777 };
  const plain = { ...entry, info: link, object: undefined, entropy: 0, chunks: 0 };
  assert.ok(!isOfBuilder(plain));
  assert.ok(isOfBuilder({ ...plain, contentType: "application/x-not-regular-file" as ByteString }));
});

Deno.test("times count as precisely as the importer can tell, and what was known more precisely stays", async () => {
  const storage = new MemoryStorage();
  const source = new FakeSource("/r").file("f", "x", { mtime: 1_600_000_000_123_456_789n });
  await makeBackup(await newTestRepository(storage), source);
  source.reads.length = 0;
  source.node("f").record.info.mtime = 1_600_000_000_000_000_000n;
  const repository = await openTestRepository(storage);
  const snapshot = await snapshotOf(repository, await makeBackup(repository, source));
  assert.deepEqual(source.reads, []);
  assert.equal((await snapshot.entry("/r/f" as ByteString))?.info.mtime, 1_600_000_000_123_456_789n);
});

Deno.test("the parent is the newest snapshot of the same type, origin and directory", async () => {
  const storage = new MemoryStorage();
  const source = new FakeSource("/r").file("f", "x");
  let repository = await newTestRepository(storage);
  const make = async (type: string, origin: string, timestamp: bigint, from = source) => {
    repository = await openTestRepository(storage);
    const importer = from.importer({ type, origin });
    const result = await makeBackup(repository, from, { importer, timestamp });
    return { parent: result.parent, shortId: (await snapshotOf(repository, result)).shortId };
  };
  const old = await make("sftp", "one", NOW);
  assert.equal(old.parent, undefined);
  const newer = await make("sftp", "one", NOW + 9n);
  assert.equal(newer.parent, old.shortId);
  assert.equal((await make("sftp", "two", NOW + 10n)).parent, undefined);
  assert.equal((await make("fs", "one", NOW + 11n)).parent, undefined);
  const elsewhere = new FakeSource("/r2").file("f", "x");
  assert.equal((await make("sftp", "one", NOW + 12n, elsewhere)).parent, undefined);
  assert.equal((await make("sftp", "one", NOW + 1n)).parent, newer.shortId);
  assert.equal((await make("sftp", "one", NOW + 2n)).parent, newer.shortId, "newest by time, not by order");
});

Deno.test("without a parent every file is read, but nothing is stored twice", async () => {
  const storage = new MemoryStorage();
  const source = newSource();
  await makeBackup(await newTestRepository(storage), source);
  source.reads.length = 0;
  const repository = await openTestRepository(storage);
  const chunks = await chunksOf(repository);
  const result = await makeBackup(repository, source, { useParent: false });
  assert.equal(source.reads.length, 40);
  assert.equal(result.parent, undefined);
  assert.equal(await chunksOf(await repository.reload()), chunks);
});

Deno.test("a damaged parent is a warning, and its files are read again", async () => {
  const storage = new MemoryStorage();
  const source = newSource();
  await makeBackup(await newTestRepository(storage), source);
  source.reads.length = 0;
  const opened = await openTestRepository(storage);
  for (const id of storage.files.packfile.keys()) {
    const bytes = storage.files.packfile.get(id);
    if (bytes) storage.files.packfile.set(id, bytes.map((byte, i) => i > 16 ? byte ^ 0x55 : byte));
  }
  const warnings: string[] = [];
  const result = await makeBackup(opened, source, { warnings });
  assert.equal(source.reads.length, 40);
  assert.equal(result.errors, 0);
  assert.match(warnings[0], /^Cannot read snapshot [0-9a-f]{8}: /);
});

Deno.test("what lies in a packfile that is gone is stored again", async () => {
  const storage = new MemoryStorage();
  const source = newSource();
  await makeBackup(await newTestRepository(storage), source);
  const opened = await openTestRepository(storage);
  storage.files.packfile.clear();
  const snapshot = await snapshotOf(opened, await makeBackup(opened, source));
  assert.deepEqual((await checkAll(snapshot)).failures, []);
});

Deno.test("what was added between opening the repository and locking it is not stored again", async () => {
  const storage = new MemoryStorage();
  const source = newSource();
  const first = await newTestRepository(storage);
  const second = await openTestRepository(storage);
  await makeBackup(first, source);
  const result = await makeBackup(second, source);
  assert.equal(result.filesRead, 0);
  assert.equal(storage.files.state.size, 2);
  assert.deepEqual((await checkAll(await snapshotOf(second, result))).failures, []);
});

Deno.test("two backups at once are both whole, and see each other's contents the next time", async () => {
  const storage = new MemoryStorage();
  await newTestRepository(storage);
  const sources = ["/one", "/two"].map((root) =>
    new FakeSource(root).file("own", root).file("shared", "s".repeat(9000))
  );
  await Promise.all(
    sources.map(async (source) => await makeBackup(await openTestRepository(storage), source)),
  );
  const repository = await openTestRepository(storage);
  const snapshots = await listSnapshots(repository, (message) => assert.fail(message));
  assert.deepEqual(snapshots.map(({ directory }) => directory).sort(), ["/one", "/two"]);
  for (const snapshot of snapshots) assert.deepEqual((await checkAll(snapshot)).failures, []);
  const chunks = await chunksOf(repository);
  const all = new FakeSource("/three").file("1", "/one").file("2", "/two").file("3", "s".repeat(9000));
  await makeBackup(repository, all);
  assert.equal(await chunksOf(await repository.reload()) - chunks, 2, "only the listings of / and /three");
});

Deno.test("while somebody has the repository alone nothing is backed up", async () => {
  const storage = new MemoryStorage();
  const repository = await newTestRepository(storage);
  const context = { storage, codec: repository.codec, now: () => NOW, hostname: "keeper", warn: () => {} };
  await using _maintenance = await RepositoryLock.take(context, "ab".repeat(32), true);
  const source = newSource();
  await assert.rejects(makeBackup(repository, source), {
    code: "locked",
    message: /maintenance on "keeper"/,
  });
  assert.deepEqual(source.reads, []);
  assert.equal(storage.files.packfile.size + storage.files.state.size, 0);
  assert.deepEqual([...storage.files.lock.keys()], ["ab".repeat(32)]);
});
