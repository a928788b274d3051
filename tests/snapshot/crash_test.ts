import assert from "node:assert/strict";
import { toHex } from "../../src/lib/bytes.ts";
import { PlakarError } from "../../src/lib/errors.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import type { Repository } from "../../src/repository/repository.ts";
import { Snapshot } from "../../src/snapshot/snapshot.ts";
import { FakeSource } from "../support/fake_source.ts";
import { type Failure, FaultyStorage } from "../support/faulty_storage.ts";
import { MemoryStorage } from "../support/memory_storage.ts";
import { checkAll, makeBackup, treeOf } from "../support/snapshots.ts";
import {
  createTestRepository,
  openTestRepository,
  type TestRepositoryOptions,
} from "../support/test_repository.ts";

const SETTINGS: TestRepositoryOptions = { packfileSize: 20_000, chunkSizes: [256, 4096, 16384] };

const contents = Array.from({ length: 12 }, () => randomBytes(9000));

/** What every attempt backs up: some of it is in the repository already. */
function newSource(): FakeSource {
  const source = new FakeSource("/r");
  contents.forEach((content, i) => source.file(`${i % 3}/${i}`, content));
  return source;
}

async function assertAllWhole(repository: Repository, expected: number): Promise<void> {
  assert.equal(repository.state.snapshots.length, expected);
  for (const id of repository.state.snapshots) {
    const snapshot = await Snapshot.load(repository, id);
    assert.deepEqual((await checkAll(snapshot)).failures, []);
  }
}

/** A repository with one older snapshot, which holds a part of the files. */
async function storageWithHistory(): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  await createTestRepository(storage, SETTINGS);
  const source = newSource();
  for (let i = 4; i < 12; i++) source.remove(`${i % 3}/${i}`);
  await makeBackup(await openTestRepository(storage), source);
  return storage;
}

/** Fails a backup at every operation until one is not reached; returns how many there were. */
async function failAtEveryOperation(how: Failure): Promise<number> {
  for (let k = 0;; k++) {
    const memory = await storageWithHistory();
    const storage = new FaultyStorage(memory);
    const repository = await openTestRepository(storage);
    const begun = storage.operations.length;
    storage.failAt(begun + k, how);
    const identifier = randomBytes(32);
    const failure = await makeBackup(repository, newSource(), { identifier }).then(() => undefined, (e) => e);
    const operation = storage.operations[begun + k];
    if (operation === undefined) return k;

    const what = `operation ${k}: ${operation}`;
    if (failure) {
      assert.ok(failure instanceof PlakarError && failure.code === "no-space", `${what}: ${failure}`);
    } // A lock that stays is stale soon, and what cannot be read of the parent is read from the source.
    else assert.ok(operation === "delete lock" || operation === "get packfile", what);
    if (how !== "dies") {
      assert.equal(storage.unfinished, 0, `${what}: a temporary file is left`);
      if (operation !== "delete lock" || how === "late") {
        assert.deepEqual(await memory.list("lock"), [], what);
      }
    }
    const after = await openTestRepository(memory);
    // The state that makes the snapshot exist may be there though its answer was lost.
    const exists = !failure || (how === "late" && operation === "put state");
    await assertAllWhole(after, exists ? 2 : 1);

    const next = await makeBackup(after, newSource());
    const reopened = await openTestRepository(memory);
    await assertAllWhole(reopened, exists ? 3 : 2);
    const tree = await treeOf(await Snapshot.load(reopened, next.header.identifier));
    assert.equal(tree.size, 2 + 3 + 12, what);
    assert.equal(reopened.state.snapshots.some((id) => toHex(id) === toHex(identifier)), exists, what);
  }
}

Deno.test("a backup whose storage fails once, anywhere, leaves whole snapshots, no lock and no temporary file", async () => {
  assert.ok(await failAtEveryOperation("once") > 25);
});

Deno.test("a backup that is killed at any operation leaves whole snapshots, and the next one succeeds", async () => {
  assert.ok(await failAtEveryOperation("dies") > 25);
});

Deno.test("a backup that does not hear that an operation was done leaves whole snapshots, no lock, nothing begun", async () => {
  assert.ok(await failAtEveryOperation("late") > 25);
});

Deno.test("what cannot be removed after a failure is a warning; the failure is what counts", async () => {
  const storage = new FaultyStorage(await storageWithHistory());
  const repository = await openTestRepository(storage);
  storage.fault = (_, operation) => {
    if (operation === "write packfile") return new PlakarError("no-space", "No space is left");
    return operation.startsWith("abort") ? new PlakarError("io", "Cannot remove it") : undefined;
  };
  const warnings: string[] = [];
  await assert.rejects(makeBackup(repository, newSource(), { warnings }), { code: "no-space" });
  assert.ok(warnings.includes("Cannot remove what was begun: Cannot remove it"));
  assert.deepEqual(await storage.list("lock"), []);
});

Deno.test("a backup that is stopped at any event leaves no snapshot, no lock and no temporary file", async () => {
  for (let k = 0;; k++) {
    const memory = await storageWithHistory();
    const storage = new FaultyStorage(memory);
    const repository = await openTestRepository(storage);
    const controller = new AbortController();
    const reason = new PlakarError("interrupted", `Stopped at event ${k}`);
    let events = 0;
    const event = () => {
      if (events++ === k) controller.abort(reason);
    };
    const source = newSource();
    source.beforePiece = event;
    const failure = await makeBackup(repository, source, {
      signal: controller.signal,
      events: { stored: event, failed: event, discovered: event, warn: (message) => assert.fail(message) },
      exclude: () => {
        event();
        return false;
      },
    }).then(() => undefined, (error) => error);
    if (!controller.signal.aborted) {
      assert.equal(failure, undefined);
      assert.ok(k > 40);
      return;
    }
    assert.equal(failure, reason);
    assert.equal(storage.unfinished, 0, `event ${k}`);
    assert.deepEqual(await memory.list("lock"), [], `event ${k}`);
    const after = await openTestRepository(memory);
    await assertAllWhole(after, 1);
    await makeBackup(after, newSource());
    await assertAllWhole(await openTestRepository(memory), 2);
  }
});

Deno.test("a backup whose signal was aborted before it began does nothing", async () => {
  const storage = await storageWithHistory();
  const packfiles = storage.files.packfile.size;
  const source = newSource();
  const reason = new PlakarError("interrupted", "Stopped");
  const repository = await openTestRepository(storage);
  await assert.rejects(makeBackup(repository, source, { signal: AbortSignal.abort(reason) }), reason);
  assert.deepEqual(source.reads, []);
  assert.equal(storage.files.packfile.size, packfiles);
  assert.equal(storage.files.lock.size, 0);
});

Deno.test("a backup that is stopped before it reads stores nothing of what was walked until then", async () => {
  const reason = new PlakarError("interrupted", "Stopped");
  for (const when of ["before it begins", "while it takes its lock"]) {
    const memory = await storageWithHistory();
    const packfiles = memory.files.packfile.size;
    const storage = new FaultyStorage(memory);
    const repository = await openTestRepository(storage);
    const source = newSource();
    const controller = new AbortController();
    const walked = await Array.fromAsync(source.importer().walk());
    if (when === "before it begins") controller.abort(reason);
    storage.fault = (_count, operation) => {
      if (operation === "put lock") controller.abort(reason);
      return undefined;
    };
    const walk = (async function* () {
      yield* walked;
    })();
    const { signal } = controller;
    await assert.rejects(makeBackup(repository, source, { walk, signal }), reason);
    assert.deepEqual(source.reads, [], when);
    assert.equal(memory.files.packfile.size, packfiles);
    assert.equal(memory.files.lock.size, 0);
    assert.equal(storage.unfinished, 0);
  }
});

Deno.test("a backup whose lock somebody removed commits nothing", async () => {
  for (const when of ["while it reads", "just before it commits"]) {
    const memory = await storageWithHistory();
    const storage = new FaultyStorage(memory);
    const source = newSource();
    const remove = () => memory.files.lock.clear();
    if (when === "while it reads") source.beforePiece = remove;
    else {
      storage.fault = (_, operation) => {
        if (operation === "commit packfile") remove();
        return undefined;
      };
    }
    await assert.rejects(makeBackup(await openTestRepository(storage), source), { code: "locked" }, when);
    await assertAllWhole(await openTestRepository(memory), 1);
    await makeBackup(await openTestRepository(memory), newSource());
    await assertAllWhole(await openTestRepository(memory), 2);
  }
});
