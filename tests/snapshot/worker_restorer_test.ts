import assert from "node:assert/strict";
import { openFsExporter } from "../../src/connectors/exporter/fs.ts";
import type { LocalLocation, Location } from "../../src/connectors/location.ts";
import { FsImporter } from "../../src/connectors/importer/fs.ts";
import { FsStorage } from "../../src/connectors/storage/fs.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import type { ByteString } from "../../src/lib/byte_string.ts";
import { PlakarError } from "../../src/lib/errors.ts";
import type { ClosableRestorer } from "../../src/snapshot/file_restorer.ts";
import { workerPipelines } from "../../src/snapshot/open_pipeline.ts";
import { workerRestorers } from "../../src/snapshot/open_restorer.ts";
import { restore, type RestoreOptions } from "../../src/snapshot/restore.ts";
import { FakeSource } from "../support/fake_source.ts";
import { makeBackup, snapshotOf } from "../support/snapshots.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { newTestRepository } from "../support/test_repository.ts";

const FILES = 504;

/** A snapshot of files small and large, and a way to restore it with a helper. */
async function setUp() {
  const directory = await temporaryDirectory();
  const [source, target, store] = ["source", "target", "store"].map((name) => `${directory.path}/${name}`);
  const repository = await newTestRepository(new FsStorage(store), { encrypted: true, compression: "LZ4" });
  for (let i = 0; i < 500; i++) {
    await Deno.mkdir(`${source}/${i % 7}`, { recursive: true });
    await Deno.writeFile(`${source}/${i % 7}/${i}`, randomBytes(i * 30));
  }
  for (let i = 0; i < 4; i++) await Deno.writeFile(`${source}/large ${i}`, randomBytes(2_500_000));
  const importer = await FsImporter.open({ protocol: "fs", path: source }, "here");
  const storage: LocalLocation = { protocol: "fs", path: store };
  const openPipeline = workerPipelines(repository, storage, importer.readerSpec);
  const result = await makeBackup(repository, new FakeSource("/unused"), { importer, openPipeline });
  const snapshot = await snapshotOf(await repository.reload(), result);
  const failures: string[] = [];
  const warnings: string[] = [];
  const helpers: ClosableRestorer[] = [];
  let written = 0;
  const run = async (changes: Partial<RestoreOptions> & { storage?: Location } = {}) => {
    await using exporter = await openFsExporter({ protocol: "fs", path: target });
    const start = workerRestorers(snapshot.repository, changes.storage ?? storage);
    // This thread alone might be done before the other is there.
    const decided = Promise.withResolvers<void>();
    const createFile = exporter.createFile.bind(exporter);
    exporter.createFile = async (path, info) => {
      await decided.promise;
      return await createFile(path, info);
    };
    return await restore({
      snapshot,
      path: snapshot.directory,
      exporter,
      helpers: {
        limit: 1,
        start: async (...args) => {
          const helper = await start(...args).finally(decided.resolve);
          helpers.push(helper);
          return helper;
        },
      },
      events: {
        restored() {},
        written: (bytes) => void (written += bytes),
        failed: (path, message) => void failures.push(`${path}: ${message}`),
        warn: (message) => void warnings.push(message),
      },
      ...changes,
    });
  };
  return { directory, source, target, store, failures, warnings, helpers, written: () => written, run };
}

async function assertSame(one: string, other: string): Promise<void> {
  const { success, stdout } = await new Deno.Command("diff", { args: ["-r", one, other] }).output();
  assert.ok(success, new TextDecoder().decode(stdout));
}

/** Every file below a directory whose name is not one of the snapshot's. */
function temporaryFiles(directory: string): string[] {
  return [...Deno.readDirSync(directory)].flatMap(({ name, isDirectory }) =>
    isDirectory ? temporaryFiles(`${directory}/${name}`) : name.startsWith(".plakar-") ? [name] : []
  );
}

Deno.test("what a worker restores is the same as what this thread does, and is counted", async () => {
  const { directory, source, target, failures, warnings, helpers, written, run } = await setUp();
  await using _directory = directory;
  const result = await run();
  assert.deepEqual([failures, result.errors, helpers.length], [[], 0, 1]);
  assert.deepEqual([result.restored, warnings], [FILES + 8, []]);
  await assertSame(source, target);
  const bytes = 30 * 499 * 500 / 2 + 4 * 2_500_000;
  assert.deepEqual([result.bytes, written()], [bytes, bytes]);
  assert.ok(result.bytesRead > bytes, "what the worker read is counted, too");
});

Deno.test("what a worker cannot restore is told with its path", async () => {
  const { directory, target, store, failures, helpers, run } = await setUp();
  await using _directory = directory;
  // A directory is in the place of each of many files.
  for (let i = 7; i < 500; i += 7) await Deno.mkdir(`${target}/0/${i}`, { recursive: true });
  const result = await run();
  assert.deepEqual([result.errors, result.restored, helpers.length], [71, FILES + 8 - 71, 1]);
  for (const failure of failures) {
    assert.match(failure, /^\/0\/\d+: Cannot replace ".*\/target\/0\/\d+": a directory is in its place$/);
  }
  assert.deepEqual(temporaryFiles(target), []);
  assert.deepEqual(temporaryFiles(store), []);
});

Deno.test("a restore that is stopped while a worker restores leaves whole files only", async () => {
  for (const count of [1, 200, 400]) {
    const { directory, target, run, helpers } = await setUp();
    await using _directory = directory;
    const controller = new AbortController();
    const reason = new PlakarError("interrupted", "Stopped");
    let restored = 0;
    const events = {
      restored: () => {
        if (++restored === count) controller.abort(reason);
      },
      failed: (path: ByteString, message: string) => assert.fail(`${path}: ${message}`),
    };
    await assert.rejects(run({ signal: controller.signal, events }), reason);
    assert.deepEqual(temporaryFiles(target), []);
    assert.deepEqual(
      await Promise.all(helpers.map((helper) => helper.close())),
      helpers.map(() => ({
        degradations: [],
        bytesRead: 0,
      })),
    );
  }
});

Deno.test("a worker that cannot open its storage is done without", async () => {
  const { directory, source, target, failures, warnings, helpers, run } = await setUp();
  await using _directory = directory;
  const result = await run({ storage: { protocol: "sftp", host: "nowhere", options: {} } });
  assert.deepEqual([failures, result.restored, helpers.length], [[], FILES + 8, 0]);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0], /^Going on with 1 of 2 threads: Cannot keep a repository at "sftp:\/\/nowhere"$/);
  await assertSame(source, target);
});
