import assert from "node:assert/strict";
import { MODE_PIPE } from "../../src/kloset/file_mode.ts";
import { ResourceType } from "../../src/kloset/resource.ts";
import { type ByteString, ROOT } from "../../src/lib/byte_string.ts";
import { PlakarError } from "../../src/lib/errors.ts";
import { dirname } from "../../src/lib/byte_path.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import { restore, type RestoreOptions, type RestoreResult } from "../../src/snapshot/restore.ts";
import { Snapshot } from "../../src/snapshot/snapshot.ts";
import { FakeSource } from "../support/fake_source.ts";
import { MemoryStorage } from "../support/memory_storage.ts";
import { RecordingExporter } from "../support/recording_exporter.ts";
import { makeBackup, snapshotOf } from "../support/snapshots.ts";
import {
  newTestRepository,
  openTestRepository,
  type TestRepositoryOptions,
} from "../support/test_repository.ts";

function newSource(): FakeSource {
  const source = new FakeSource("/home/alice").file("a/one", "1").file("a/deep/er/two", randomBytes(90_000));
  source.file("empty", "").directory("nothing").link("a/link", "../empty").special("pipe", MODE_PIPE);
  for (let i = 0; i < 30; i++) source.file(`many/${i % 3}/${i}`, `content ${i}`);
  return source;
}

async function snapshotFrom(source: FakeSource, options: TestRepositoryOptions = {}): Promise<Snapshot> {
  const repository = await newTestRepository(new MemoryStorage(), options);
  return await snapshotOf(repository, await makeBackup(repository, source));
}

/** Restores and collects what is told. */
async function run(
  snapshot: Snapshot,
  exporter: RecordingExporter,
  path: string = snapshot.directory,
  changes: Partial<RestoreOptions> = {},
): Promise<RestoreResult & { told: string[]; failures: string[] }> {
  const told: string[] = [];
  const failures: string[] = [];
  const result = await restore({
    snapshot,
    path: path as ByteString,
    exporter,
    events: {
      restored: (path) => void told.push(path),
      failed: (path, message) => void failures.push(`${path}: ${message}`),
    },
    ...changes,
  });
  assert.equal(exporter.unfinished, 0, "no file is left half written");
  assert.equal(told.length, result.restored);
  assert.equal(failures.length, result.errors);
  return { ...result, told, failures };
}

/** Parents before what is in them, and every directory finished after it. */
function assertOrder({ begun, done }: RecordingExporter): void {
  for (const [at, call] of begun.entries()) {
    const [operation, path] = call.split(" ");
    if (path === "/" || !["mkdir", "file", "link", "special"].includes(operation)) continue;
    const parent = `mkdir ${dirname(path as ByteString)}`;
    assert.ok(begun.indexOf(parent) >= 0 && begun.indexOf(parent) < at, `${call} before ${parent}`);
    assert.ok(done.indexOf(parent) < done.indexOf(call), `${call} done before ${parent}`);
  }
  const firstFinish = begun.findIndex((call) => call.startsWith("finish"));
  assert.ok(begun.slice(firstFinish).every((call) => call.startsWith("finish")));
  const finished = begun.slice(firstFinish).map((call) => call.slice("finish ".length));
  for (const [at, path] of finished.entries()) {
    for (const later of finished.slice(at + 1)) {
      assert.ok(!later.startsWith(path + "/"), `${path} was finished before ${later}`);
    }
  }
}

for (const parallelism of [1, 3, 64]) {
  Deno.test(`a directory's content lands in the target, parents first, ${parallelism} at once`, async () => {
    const source = newSource();
    const snapshot = await snapshotFrom(source, { chunkSizes: [256, 4096, 16_384] });
    const exporter = new RecordingExporter({ parallelism });
    const result = await run(snapshot, exporter);
    assertOrder(exporter);
    assert.deepEqual(result.failures, []);
    assert.equal(exporter.files.size, 33);
    for (const [path, content] of exporter.files) {
      const { record, content: expected } = source.node(path.slice(1));
      assert.deepEqual(new Uint8Array(content), new Uint8Array(expected), path);
      assert.deepEqual(exporter.infos.get(path), record.info);
    }
    assert.deepEqual([...exporter.links], [["/a/link", "../empty"]]);
    assert.deepEqual(exporter.infos.get("/a"), source.node("a").record.info);
    assert.deepEqual(exporter.infos.get("/pipe"), source.node("pipe").record.info);
    assert.deepEqual(exporter.infos.get("/")?.name, "alice");
    assert.ok(exporter.done.includes("mkdir /nothing"));
    assert.equal(result.bytes, 1 + 90_000 + [...Array(30).keys()].join("").length + 30 * 8);
    assert.equal(result.restored, 33 + 1 + 9);
  });
}

Deno.test("one file lands in the target under its own name, and nothing else does", async () => {
  const exporter = new RecordingExporter();
  const result = await run(await snapshotFrom(newSource()), exporter, "/home/alice/a/one");
  assert.deepEqual(exporter.done, ["mkdir /", "file /one", "write /one", "commit /one", "finish /"]);
  assert.ok(!exporter.infos.has("/"), "the directory of the target is none of the snapshot's");
  assert.equal(result.restored, 1);
});

Deno.test("the whole snapshot can be restored from /, and a path behind a link", async () => {
  const source = newSource().link("shortcut", "a");
  const snapshot = await snapshotFrom(source);
  const whole = new RecordingExporter();
  await run(snapshot, whole, ROOT);
  assertOrder(whole);
  assert.equal(whole.files.has("/home/alice/a/one"), true);
  const behind = new RecordingExporter();
  await run(snapshot, behind, "/home/alice/shortcut");
  assert.deepEqual([...behind.files.keys()].sort(), ["/deep/er/two", "/one"]);
  const file = new RecordingExporter();
  await run(snapshot, file, "/home/alice/shortcut/one");
  assert.deepEqual([...file.files.keys()], ["/one"]);
});

Deno.test("a path that is not there touches nothing", async () => {
  const exporter = new RecordingExporter();
  await assert.rejects(run(await snapshotFrom(newSource()), exporter, "/home/bob"), { code: "not-found" });
  assert.deepEqual(exporter.begun, []);
});

Deno.test("what the target refuses is counted, and the rest is restored", async () => {
  const exporter = new RecordingExporter().failOn(
    ...[
      "file /a/one",
      "write /many/0/3",
      "commit /many/1/4",
      "link /a/link",
      "finish /many/2",
      "special /pipe",
    ],
  );
  const result = await run(await snapshotFrom(newSource()), exporter);
  assert.deepEqual(result.failures.sort(), [
    "/a/link: Cannot link /a/link",
    "/a/one: Cannot file /a/one",
    "/many/0/3: Cannot write /many/0/3",
    "/many/1/4: Cannot commit /many/1/4",
    "/many/2: Cannot finish /many/2",
    "/pipe: Cannot special /pipe",
  ]);
  assert.ok(exporter.done.includes("abort /many/0/3") && exporter.done.includes("abort /many/1/4"));
  assert.equal(exporter.files.size, 33 - 3);
  assert.equal(result.restored, 44 - 6);
});

Deno.test("nothing is tried below a directory that could not be created, at any depth", async () => {
  const exporter = new RecordingExporter().failOn("mkdir /a");
  const result = await run(await snapshotFrom(newSource()), exporter);
  assert.deepEqual(exporter.begun.filter((call) => call.includes(" /a/")), []);
  assert.deepEqual(result.failures.sort(), [
    '/a/deep/er/two: Its directory "/a/deep/er" could not be created',
    '/a/deep/er: Its directory "/a/deep" could not be created',
    '/a/deep: Its directory "/a" could not be created',
    '/a/link: Its directory "/a" could not be created',
    '/a/one: Its directory "/a" could not be created',
    "/a: Cannot mkdir /a",
  ]);
  assert.ok(!exporter.begun.includes("finish /a"));
});

Deno.test("a target that cannot be made fails the restore", async () => {
  const exporter = new RecordingExporter().failOn("mkdir /");
  await assert.rejects(run(await snapshotFrom(newSource()), exporter), { message: "Cannot mkdir /" });
});

for (const code of ["unreadable", "corrupt"] as const) {
  Deno.test(`a file of which a part is ${code} never gets its name`, async () => {
    const storage = new MemoryStorage();
    const repository = await newTestRepository(storage, {
      chunkSizes: [256, 4096, 16_384],
      packfileSize: 50_000,
    });
    const source = new FakeSource("/r").file("good", "good").file("large", randomBytes(400_000));
    const snapshot = await snapshotOf(repository, await makeBackup(repository, source));
    const entry = await snapshot.entry("/r/large" as ByteString);
    const { chunks } = await snapshot.object(entry?.object ?? randomBytes(32));
    const at = snapshot.repository.blobs.get(ResourceType.chunk, chunks[chunks.length >> 1].contentMac);
    const packfile = storage.files.packfile.get(at?.packfile ?? "");
    assert.ok(at && packfile);
    if (code === "corrupt") packfile[16 + at.offset] ^= 1;
    else storage.files.packfile.delete(at.packfile);

    const exporter = new RecordingExporter();
    const fresh = await Snapshot.load(await openTestRepository(storage), snapshot.header.identifier);
    const result = await run(fresh, exporter, "/r");
    assert.deepEqual([...exporter.files.keys()], ["/good"]);
    assert.ok(exporter.done.includes("abort /large"));
    assert.equal(result.errors, 1);
    assert.match(result.failures[0], /^\/large: Cannot read chunk /);
  });
}

Deno.test("a restore that is stopped ends with the reason, and gives up the files it was at", async () => {
  for (let k = 0; k < 60; k += 3) {
    const snapshot = await snapshotFrom(newSource());
    const controller = new AbortController();
    const reason = new PlakarError("interrupted", "Stopped");
    const exporter = new RecordingExporter();
    exporter.fault = () => {
      if (exporter.begun.length > k) controller.abort(reason);
      return undefined;
    };
    await assert.rejects(run(snapshot, exporter, "/home/alice", { signal: controller.signal }), reason);
    const before = exporter.begun.length;
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(exporter.begun.length, before, "nothing goes on after the end");
    assert.equal(exporter.unfinished, 0);
  }
});
