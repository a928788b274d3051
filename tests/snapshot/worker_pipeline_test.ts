import assert from "node:assert/strict";
import { FsImporter } from "../../src/connectors/importer/fs.ts";
import { FsStorage } from "../../src/connectors/storage/fs.ts";
import type { LocalLocation } from "../../src/connectors/location.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import { fromText } from "../../src/lib/byte_string.ts";
import { PlakarError } from "../../src/lib/errors.ts";
import type { BackupEvents, BackupOptions } from "../../src/snapshot/backup_options.ts";
import type { GiveChunk } from "../../src/snapshot/chunk_giver.ts";
import type { FilePipeline } from "../../src/snapshot/file_pipeline.ts";
import { workerPipelines } from "../../src/snapshot/open_pipeline.ts";
import { FakeSource } from "../support/fake_source.ts";
import { checkAll, contentOf, makeBackup, snapshotOf, type TestBackup } from "../support/snapshots.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { newTestRepository } from "../support/test_repository.ts";

const SILENT: BackupEvents = {
  stored() {},
  failed() {},
  discovered() {},
  warn: (message) => assert.fail(message),
};

/** A repository and a source in a directory of their own, backed up by workers. */
async function setUp() {
  const directory = await temporaryDirectory();
  const storage: LocalLocation = { protocol: "fs", path: `${directory.path}/store` };
  const source: LocalLocation = { protocol: "fs", path: `${directory.path}/source` };
  const repository = await newTestRepository(new FsStorage(storage.path), {
    encrypted: true,
    compression: "LZ4",
    packfileSize: 1_000_000,
  });
  await Deno.mkdir(`${source.path}/d`, { recursive: true });
  for (let i = 0; i < 300; i++) await Deno.writeFile(`${source.path}/d/${i}`, randomBytes(i * 30));
  for (let i = 0; i < 4; i++) await Deno.writeFile(`${source.path}/large ${i}`, randomBytes(2_500_000));
  const importer = await FsImporter.open(source, "here");
  const make = (changes: TestBackup = {}) =>
    makeBackup(repository, new FakeSource("/unused"), {
      importer,
      openPipeline: workerPipelines(repository, storage, importer.readerSpec),
      events: SILENT,
      ...changes,
    });
  return { directory, storage, source, repository, importer, make };
}

/** Asserts that a store has no lock and no file with a temporary name. */
function assertTidy(path: string): void {
  for (const { name, isDirectory } of Deno.readDirSync(path)) {
    if (isDirectory) assertTidy(`${path}/${name}`);
    else assert.ok(!name.startsWith("tmp.") && !path.endsWith("/locks"), `${path}/${name} is left`);
  }
}

Deno.test("what workers store is read back, and nothing else is left", async () => {
  const { directory, storage, source, repository, make } = await setUp();
  await using _directory = directory;
  const result = await make();
  assert.equal(result.errors, 0);
  assert.equal(result.filesRead, 304);
  const snapshot = await snapshotOf(repository, result);
  assert.deepEqual((await checkAll(snapshot)).failures, []);
  for (const name of ["d/0", "d/299", "large 3"]) {
    const { entry } = await snapshot.lookup(snapshot.resolve(fromText(name)));
    assert.deepEqual(
      new Uint8Array(await contentOf(snapshot, entry)),
      await Deno.readFile(`${source.path}/${name}`),
    );
  }
  assertTidy(storage.path);
  const again = await make();
  assert.equal(again.filesRead, 0);
});

Deno.test("workers that are stopped anywhere leave nothing, and nobody waits for them for ever", async () => {
  const { directory, storage, repository, make } = await setUp();
  await using _directory = directory;
  for (const events of [1, 50, 305]) {
    const controller = new AbortController();
    const reason = new PlakarError("interrupted", "Stopped");
    let count = 0;
    const stored = () => {
      if (++count === events) controller.abort(reason);
    };
    await assert.rejects(make({ signal: controller.signal, events: { ...SILENT, stored } }), reason);
    assertTidy(storage.path);
  }
  assert.deepEqual((await repository.reload()).state.snapshots, []);
  assert.equal((await make()).errors, 0);
});

Deno.test("a worker that cannot open its storage says why", async () => {
  const { directory, storage, repository, importer, make } = await setUp();
  await using _directory = directory;
  const nowhere = { protocol: "sftp", host: "nowhere", options: {} } as const;
  const openPipeline = workerPipelines(repository, nowhere, importer.readerSpec);
  await assert.rejects(make({ openPipeline }), { code: "unsupported", message: /sftp:\/\/nowhere/ });
  assertTidy(storage.path);
});

Deno.test("workers that cannot write fail the backup with the reason, at once or at the end", async () => {
  for (const packfileSize of [1_000_000, 1_000_000_000]) {
    const { directory, storage, repository, importer, make } = await setUp();
    await using _directory = directory;
    repository.configuration.packfile.maxSize = BigInt(packfileSize);
    const elsewhere: LocalLocation = { protocol: "fs", path: `${directory.path}/elsewhere` };
    const openPipeline = workerPipelines(repository, elsewhere, importer.readerSpec);
    // There is room for temporary files, but none of the places where packfiles belong.
    await Deno.mkdir(`${elsewhere.path}/packfiles`, { recursive: true });
    await assert.rejects(make({ openPipeline }), (error) => {
      assert.ok(error instanceof PlakarError, `${error}`);
      assert.match(error.message, /elsewhere/);
      return true;
    });
    assertTidy(elsewhere.path);
    assertTidy(storage.path);
  }
});

/** Beside the other files one that is worth a helper, and backups of which it is told what is given away. */
async function setUpHuge() {
  const site = await setUp();
  const { repository, storage, source, importer, make } = site;
  await Deno.remove(source.path, { recursive: true });
  await Deno.mkdir(source.path);
  await using file = await Deno.create(`${source.path}/huge`);
  for (let n = 0; n < 80; n++) await file.write(randomBytes(1_000_000));
  const open = workerPipelines(repository, storage, importer.readerSpec);
  const makeGiving = (change: (give: GiveChunk) => GiveChunk, changes: TestBackup = {}) =>
    make({
      openPipeline: (context) => open({ ...context, give: change(context.give) }),
      useParent: false,
      ...changes,
    });
  return { ...site, makeGiving };
}

Deno.test("a huge file stored by two workers is the same as by one, with every chunk once", async () => {
  const { directory, storage, source, repository, makeGiving } = await setUpHuge();
  await using _directory = directory;
  let given = 0;
  const counting = (give: GiveChunk): GiveChunk => (bytes) => {
    given++;
    return give(bytes);
  };
  const helped = await makeGiving(counting);
  assert.ok(given > 5, `${given} chunks were given`);
  assert.deepEqual([helped.bytesRead, helped.bytesNew], [80_000_000, 80_000_000]);
  assert.ok(helped.bytesWritten < 90_000_000, "each chunk once, and what hides the lengths of blobs");
  const snapshot = await snapshotOf(repository, helped);
  const { entry } = await snapshot.lookup(snapshot.resolve(fromText("huge")));
  assert.deepEqual(
    new Uint8Array(await contentOf(snapshot, entry)),
    await Deno.readFile(`${source.path}/huge`),
  );
  given = 0;
  const alone = await makeGiving(counting, { pipelines: 1 });
  assert.equal(given, 0);
  assert.equal(alone.bytesNew, 0, "all chunks are known");
  const before = await snapshotOf(repository, alone);
  assert.deepEqual((await before.lookup(before.resolve(fromText("huge")))).entry.object, entry.object);
  assertTidy(storage.path);
});

Deno.test("a worker that cannot store what it was given fails the backup, with the reason", async () => {
  const { directory, storage, repository, importer, make } = await setUpHuge();
  await using _directory = directory;
  const elsewhere: LocalLocation = { protocol: "fs", path: `${directory.path}/elsewhere` };
  const places = [storage, elsewhere];
  await assert.rejects(
    make({
      openPipeline: (context) =>
        workerPipelines(repository, places.shift() ?? storage, importer.readerSpec)(context),
    }),
    { message: /elsewhere/ },
  );
  assert.deepEqual(places, []);
  assertTidy(storage.path);
});

Deno.test("a worker that is gone when it is given chunks fails the backup", async () => {
  const { directory, storage, repository, importer, make } = await setUpHuge();
  await using _directory = directory;
  const open = workerPipelines(repository, storage, importer.readerSpec);
  const pipelines: FilePipeline[] = [];
  const openPipeline: BackupOptions["openPipeline"] = async (context) => {
    const give: GiveChunk = async (bytes) => {
      await pipelines[1].abort();
      return await context.give(bytes);
    };
    const pipeline = await open({ ...context, give });
    pipelines.push(pipeline);
    return pipeline;
  };
  await assert.rejects(make({ openPipeline }), {
    message: "The pipeline was closed before the work was done",
  });
  assertTidy(storage.path);
});

Deno.test("a backup that is stopped does not wait for chunks that were given away", async () => {
  const { directory, storage, makeGiving } = await setUpHuge();
  await using _directory = directory;
  const controller = new AbortController();
  const reason = new PlakarError("interrupted", "Stopped");
  let given = 0;
  const losing = (give: GiveChunk): GiveChunk => (bytes) => {
    if (++given < 3) return give(bytes);
    controller.abort(reason);
    return new Promise(() => {});
  };
  await assert.rejects(makeGiving(losing, { signal: controller.signal }), reason);
  assertTidy(storage.path);
});
