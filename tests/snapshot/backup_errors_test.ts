import assert from "node:assert/strict";
import { type ByteString, ROOT } from "../../src/lib/byte_string.ts";
import { isPlakarError, PlakarError } from "../../src/lib/errors.ts";
import type { BackupEvents } from "../../src/snapshot/backup_options.ts";
import type { Snapshot } from "../../src/snapshot/snapshot.ts";
import { FakeSource } from "../support/fake_source.ts";
import { FaultyStorage } from "../support/faulty_storage.ts";
import { MemoryStorage } from "../support/memory_storage.ts";
import { checkAll, makeBackup, snapshotOf, treeOf } from "../support/snapshots.ts";
import { newTestRepository } from "../support/test_repository.ts";

const path = (text: string) => text as ByteString;

async function errorsOf(snapshot: Snapshot, below?: ByteString): Promise<[string, string][]> {
  const errors = await Array.fromAsync(snapshot.errors(below));
  return errors.map(({ path, message }) => [path, message]);
}

Deno.test("what cannot be read is recorded, counted and left out; everything else is there", async () => {
  const repository = await newTestRepository(new MemoryStorage());
  const source = new FakeSource("/r").file("a/good", "good").file("a/bad", "bad").file("a/b/worse", "worse")
    .directory("locked").file("last", "last");
  source.failRead("a/bad", "Permission denied").failRead("a/b/worse", "Input/output error");
  source.failListing("locked", "Cannot list it");
  const told: string[] = [];
  const events: BackupEvents = {
    stored: (path, _info, read) => void told.push(`stored ${path}${read ? "" : " unread"}`),
    failed: (path, message) => void told.push(`failed ${path}: ${message}`),
    discovered: () => {},
    warn: (message) => void told.push(message),
  };
  const result = await makeBackup(repository, source, { events });
  assert.equal(result.errors, 3);
  assert.equal(result.filesRead, 2);
  assert.deepEqual(told.sort(), [
    "failed /r/a/b/worse: Input/output error",
    "failed /r/a/bad: Permission denied",
    "failed /r/locked: Cannot list it",
    ...["/", "/r", "/r/a", "/r/a/b", "/r/a/good", "/r/last", "/r/locked"].map((path) => `stored ${path}`),
  ]);

  const snapshot = await snapshotOf(repository, result);
  const paths = ["/", "/r", "/r/a", "/r/a/b", "/r/a/good", "/r/last", "/r/locked"];
  assert.deepEqual([...(await treeOf(snapshot)).keys()], paths);
  assert.deepEqual(await errorsOf(snapshot), [
    ["/r/a/b/worse", "Input/output error"],
    ["/r/a/bad", "Permission denied"],
    ["/r/locked", "Cannot list it"],
  ]);
  assert.deepEqual(await errorsOf(snapshot, path("/r/a")), [
    ["/r/a/b/worse", "Input/output error"],
    ["/r/a/bad", "Permission denied"],
  ]);
  assert.deepEqual(await errorsOf(snapshot, path("/r/l")), []);
  assert.equal(snapshot.header.sources[0].summary.below.errors, 3);
  assert.deepEqual((await checkAll(snapshot)).failures, []);
});

Deno.test("a file that is gone before it is read is an error, and the others are there", async () => {
  const repository = await newTestRepository(new MemoryStorage());
  const source = new FakeSource("/r").file("gone", "x").file("kept", "kept");
  const importer = source.importer();
  const walk = importer.walk.bind(importer);
  importer.walk = async function* (options) {
    for await (const record of walk(options)) {
      source.remove("gone");
      yield record;
    }
  };
  const result = await makeBackup(repository, source, { importer });
  const snapshot = await snapshotOf(repository, result);
  assert.deepEqual([...(await treeOf(snapshot)).keys()], ["/", "/r", "/r/kept"]);
  assert.deepEqual(await errorsOf(snapshot), [[
    "/r/gone",
    'Cannot read "/r/gone": it is not there any more',
  ]]);
});

Deno.test("a root that cannot be listed makes no snapshot, which would be the next one's parent", async () => {
  const storage = new MemoryStorage();
  const repository = await newTestRepository(storage);
  const source = new FakeSource("/r").file("file", "x");
  await makeBackup(repository, source);
  const closed = new FakeSource("/r").failListing(".", "Permission denied");
  await assert.rejects(makeBackup(await repository.reload(), closed), (error) => {
    assert.ok(isPlakarError(error, "io"));
    assert.deepEqual([error.message, error.hint?.endsWith("may be read")], ["Permission denied", true]);
    return true;
  });
  assert.equal(storage.files.lock.size, 0);
  const after = await repository.reload();
  assert.equal(after.state.snapshots.length, 1);
  assert.deepEqual((await makeBackup(after, source)).filesUnchanged, 1);
});

Deno.test("errors number in the thousands and are found in order", async () => {
  const repository = await newTestRepository(new MemoryStorage());
  const source = new FakeSource("/r");
  for (let i = 0; i < 2000; i++) source.file(`f${i}`, "x").failRead(`f${i}`, `Cannot read ${i}`);
  const result = await makeBackup(repository, source);
  assert.equal(result.errors, 2000);
  const snapshot = await snapshotOf(repository, result);
  const paths = (await errorsOf(snapshot)).map(([path]) => path);
  assert.deepEqual(paths, Array.from({ length: 2000 }, (_, i) => `/r/f${i}`).sort());
  assert.deepEqual([...(await treeOf(snapshot)).keys()], [ROOT, "/r"]);
});

Deno.test("a file that grew or shrank while it was read has the size of what was read, and a warning", async () => {
  const repository = await newTestRepository(new MemoryStorage());
  const source = new FakeSource("/r").file("log", "one line and another", { size: 8 }).file("cut", "", {
    size: 500,
  });
  const warnings: string[] = [];
  const result = await makeBackup(repository, source, { warnings });
  const snapshot = await snapshotOf(repository, result);
  assert.equal((await snapshot.entry(path("/r/log")))?.info.size, 20);
  assert.equal((await snapshot.entry(path("/r/cut")))?.info.size, 0);
  assert.deepEqual(warnings.sort(), [
    '"/r/cut" changed while it was read',
    '"/r/log" changed while it was read',
  ]);
  assert.deepEqual((await checkAll(snapshot)).failures, []);
});

for (const code of ["network", "authentication", "host-key"] as const) {
  Deno.test(`a source that is lost (${code}) fails the backup instead of every file`, async () => {
    const storage = new FaultyStorage(new MemoryStorage());
    const repository = await newTestRepository(storage);
    const source = new FakeSource("/r");
    for (let i = 0; i < 100; i++) source.file(`f${i}`, `content ${i}`);
    source.failRead("f50", new PlakarError(code, "The server is gone"));
    await assert.rejects(makeBackup(repository, source), { code, message: "The server is gone" });
    assert.deepEqual((await repository.reload()).state.snapshots, []);
    assert.equal(storage.unfinished, 0);
    assert.deepEqual(await storage.list("lock"), []);
  });
}

Deno.test("a server that does not answer about one file is an error of that file", async () => {
  const repository = await newTestRepository(new MemoryStorage());
  const source = new FakeSource("/r").file("hangs", "x").file("works", "y");
  source.failRead("hangs", new PlakarError("timeout", "No answer"));
  assert.equal((await makeBackup(repository, source)).errors, 1);
});

Deno.test("a walk that fails as a whole fails the backup", async () => {
  const storage = new FaultyStorage(new MemoryStorage());
  const repository = await newTestRepository(storage);
  const source = new FakeSource("/r").file("a/b", "x").file("c/d", "y");
  const importer = source.importer();
  const walk = importer.walk.bind(importer);
  importer.walk = async function* (options) {
    for await (const record of walk(options)) {
      yield record;
      if (record.path !== "/r") throw new PlakarError("network", "The connection broke");
    }
  };
  await assert.rejects(makeBackup(repository, source, { importer }), { code: "network" });
  assert.deepEqual((await repository.reload()).state.snapshots, []);
  assert.equal(storage.unfinished, 0);
  assert.deepEqual(await storage.list("lock"), []);
});
