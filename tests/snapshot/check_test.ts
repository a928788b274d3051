import assert from "node:assert/strict";
import { MODE_SYMLINK } from "../../src/kloset/file_mode.ts";
import { ResourceType } from "../../src/kloset/resource.ts";
import { type ByteString, ROOT } from "../../src/lib/byte_string.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import { check } from "../../src/snapshot/check.ts";
import { restore } from "../../src/snapshot/restore.ts";
import { Snapshot } from "../../src/snapshot/snapshot.ts";
import { VerifiedBlobs } from "../../src/snapshot/verified_blobs.ts";
import { FakeSource } from "../support/fake_source.ts";
import { FaultyStorage } from "../support/faulty_storage.ts";
import { MemoryStorage } from "../support/memory_storage.ts";
import { RecordingExporter } from "../support/recording_exporter.ts";
import { checkAll, makeBackup, snapshotOf } from "../support/snapshots.ts";
import {
  newTestRepository,
  openTestRepository,
  type TestRepositoryOptions,
} from "../support/test_repository.ts";

const { chunk, object } = ResourceType;

async function setUp(options: TestRepositoryOptions = {}) {
  const memory = new MemoryStorage();
  await newTestRepository(memory, { chunkSizes: [256, 4096, 16_384], packfileSize: 20_000, ...options });
  const storage = new FaultyStorage(memory);
  const repository = await openTestRepository(storage);
  const content = randomBytes(60_000);
  const source = new FakeSource("/r").file("one", content).file("copy", content).file(
    "d/two",
    randomBytes(9000),
  );
  source.link("link", "one").file("empty", "");
  const { header } = await makeBackup(repository, source);
  const reopen = async () => await Snapshot.load(await openTestRepository(storage), header.identifier);
  const snapshot = await reopen();
  const objectOf = async (path: string) => {
    const entry = await snapshot.entry(path as ByteString);
    return entry?.object ?? new Uint8Array(32);
  };
  const placeOf = (type: ResourceType, mac: Uint8Array) => {
    const at = snapshot.repository.blobs.get(type, mac);
    const packfile = memory.files.packfile.get(at?.packfile ?? "");
    assert.ok(at && packfile);
    return { ...at, bytes: packfile };
  };
  return { memory, storage, snapshot, reopen, objectOf, placeOf };
}

Deno.test("an intact snapshot is intact, fast and deep, encrypted and not", async () => {
  for (const options of [{}, { encrypted: true, compression: "LZ4" } as const]) {
    const { snapshot } = await setUp(options);
    for (const fast of [true, false]) {
      const { intact, errors } = await checkAll(snapshot, { fast });
      assert.equal(intact, 8);
      assert.equal(errors, 0);
    }
  }
});

Deno.test("a check whose blobs are all at hand is stopped at once, in the middle of a file", async () => {
  const memory = new MemoryStorage();
  await newTestRepository(memory, { chunkSizes: [262_144, 524_288, 1_048_576] });
  const repository = await openTestRepository(memory);
  const source = new FakeSource("/r").file("sparse", new Uint8Array(24_000_000));
  const { header } = await makeBackup(repository, source);
  const snapshot = await Snapshot.load(await openTestRepository(memory), header.identifier);
  const stop = new AbortController();
  let bytes = 0;
  const events = {
    intact: () => {},
    failed: () => {},
    checked: (more: number) => {
      if (bytes === 0) setTimeout(() => stop.abort(new Error("stopped")), 0);
      bytes += more;
    },
  };
  await assert.rejects(
    check({ snapshot, path: ROOT, fast: false, verified: new VerifiedBlobs(), events, signal: stop.signal }),
    /stopped/,
  );
  assert.ok(bytes < 24_000_000, `${bytes} bytes were checked`);
});

Deno.test("only what is below the path is checked, links to it followed", async () => {
  const { snapshot } = await setUp();
  const paths: string[] = [];
  const events = { intact: (path: ByteString) => void paths.push(path), failed: () => assert.fail() };
  const from = (path: string) =>
    check({ snapshot, path: path as ByteString, fast: false, verified: new VerifiedBlobs(), events });
  await from("/r/d");
  await from("/r/link");
  assert.deepEqual(paths, ["/r/d", "/r/d/two", "/r/one"]);
  await assert.rejects(from("/r/nothing"), { code: "not-found" });
});

Deno.test("a damaged chunk fails every file that has it, in a deep check only", async () => {
  const { snapshot, reopen, objectOf, placeOf } = await setUp();
  const { chunks } = await snapshot.object(await objectOf("/r/one"));
  const at = placeOf(chunk, chunks[1].contentMac);
  at.bytes[16 + at.offset] ^= 1;
  const { failures, intact } = await checkAll(await reopen());
  assert.deepEqual(failures.map(([path, code]) => [path, code]).sort(), [
    ["/r/copy", "corrupt"],
    ["/r/one", "corrupt"],
  ]);
  assert.equal(intact, 6);
  assert.equal((await checkAll(await reopen(), { fast: true })).errors, 0);
});

Deno.test("a chunk that no packfile holds is found fast, too", async () => {
  const { snapshot, memory, reopen, objectOf, placeOf } = await setUp();
  const { chunks } = await snapshot.object(await objectOf("/r/one"));
  const gone = await reopen();
  const { packfile } = placeOf(chunk, chunks[0].contentMac);
  gone.repository.state.keepOnly(new Set([...memory.files.packfile.keys()].filter((id) => id !== packfile)));
  const { failures } = await checkAll(gone, { fast: true });
  assert.ok(failures.some(([path, code]) => path === "/r/one" && code === "corrupt"));
});

Deno.test("what cannot be read is told from what is damaged", async () => {
  const { snapshot, memory, reopen, objectOf, placeOf } = await setUp();
  const { chunks } = await snapshot.object(await objectOf("/r/one"));
  memory.files.packfile.delete(placeOf(chunk, chunks[0].contentMac).packfile);
  const { failures } = await checkAll(await reopen());
  const one = failures.find(([path]) => path === "/r/one");
  assert.equal(one?.[1], "unreadable");
  assert.match(one?.[2] ?? "", /there is none/);
});

Deno.test("a damaged list of chunks is found fast, too", async () => {
  const { reopen, objectOf, placeOf } = await setUp();
  const at = placeOf(object, await objectOf("/r/d/two"));
  at.bytes[16 + at.offset + 3] ^= 1;
  assert.deepEqual((await checkAll(await reopen(), { fast: true })).failures.map(([path]) => path), [
    "/r/d/two",
  ]);
});

Deno.test("the same content is read once, also over several snapshots", async () => {
  const { storage, snapshot } = await setUp();
  const verified = new VerifiedBlobs();
  await checkAll(snapshot, { verified });
  const before = storage.operations.length;
  const fresh = await Snapshot.load(await openTestRepository(storage), snapshot.header.identifier);
  const opened = storage.operations.length;
  await checkAll(fresh, { verified });
  assert.ok(storage.operations.length - opened < 8, "only what says where the contents are");
  assert.ok(opened > before);
  assert.equal(verified.contents, 3, "two contents and the empty one");
});

Deno.test("a check that is stopped ends with the reason", async () => {
  const { snapshot } = await setUp();
  const controller = new AbortController();
  const reason = new Error("stopped");
  const events = { intact: () => controller.abort(reason), failed: () => assert.fail() };
  const { signal } = controller;
  await assert.rejects(
    check({ snapshot, path: ROOT, fast: false, verified: new VerifiedBlobs(), events, signal }),
    reason,
  );
});

for (const name of ["..", ".", "", "a/b", "/etc/passwd", "x\0y"]) {
  Deno.test(`an entry named ${JSON.stringify(name)} is damage, and nothing of it is restored`, async () => {
    const repository = await newTestRepository(new MemoryStorage());
    const source = new FakeSource("/r").file("harmless", "x").link("d/inside", "target");
    source.node("d/inside").record.info.name = name as ByteString;
    const snapshot = await snapshotOf(repository, await makeBackup(repository, source));
    const { failures } = await checkAll(snapshot);
    assert.deepEqual(failures.map(([path, code]) => [path, code]), [["/r/d", "corrupt"]]);
    const exporter = new RecordingExporter();
    const failed: string[] = [];
    const events = { restored: () => {}, failed: (path: string) => void failed.push(path) };
    await restore({ snapshot, path: snapshot.directory, exporter, events });
    assert.deepEqual(failed, ["/d"]);
    assert.deepEqual([...exporter.files.keys(), ...exporter.links.keys()], ["/harmless"]);
  });
}

Deno.test("a directory that has the same name twice, once as a link, is damage", async () => {
  const repository = await newTestRepository(new MemoryStorage());
  const source = new FakeSource("/r").file("d/inside", "y");
  const importer = source.importer();
  const walk = importer.walk.bind(importer);
  importer.walk = async function* () {
    for await (const record of walk()) {
      const [child] = record.children;
      const mode = (MODE_SYMLINK | 0o777) >>> 0;
      if (record.path === "/r") {
        record.children.push({ info: { ...child.info, mode }, target: "/etc" as ByteString });
      }
      yield record;
    }
  };
  const snapshot = await snapshotOf(repository, await makeBackup(repository, source, { importer }));
  assert.deepEqual((await checkAll(snapshot)).failures, [
    ["/r", "corrupt", 'Cannot list "/r": it has the same name twice'],
    ["/", "corrupt", "Cannot rely on the tree of entries of the snapshot: its keys are out of order"],
  ]);
});
