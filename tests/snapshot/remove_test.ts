import assert from "node:assert/strict";
import { removeSnapshots } from "../../src/snapshot/remove.ts";
import { toHex } from "../../src/lib/bytes.ts";
import { FakeSource } from "../support/fake_source.ts";
import { FaultyStorage } from "../support/faulty_storage.ts";
import { MemoryStorage } from "../support/memory_storage.ts";
import { checkAll, makeBackup, NOW, snapshotOf } from "../support/snapshots.ts";
import { newTestRepository, openTestRepository } from "../support/test_repository.ts";

async function threeSnapshots(storage: MemoryStorage | FaultyStorage) {
  let repository = await newTestRepository(storage, { encrypted: true });
  const ids: Uint8Array[] = [];
  for (const content of ["one", "two", "three"]) {
    const source = new FakeSource("/srv").file("file", content).file("shared", "the same");
    ids.push((await makeBackup(repository, source)).header.identifier);
    repository = await repository.reload();
  }
  return { repository, ids };
}

const hexOf = (ids: readonly Uint8Array[]) => ids.map(toHex).sort();

Deno.test("removed snapshots are gone when the repository is opened again; the rest is intact", async () => {
  const storage = new MemoryStorage();
  const { repository, ids: [one, two, three] } = await threeSnapshots(storage);
  const head = repository.state.head;
  await removeSnapshots(repository, [one, three], NOW);
  const opened = await openTestRepository(storage);
  assert.deepEqual(hexOf(opened.state.snapshots), hexOf([two]));
  assert.notEqual(opened.state.head, head);
  const source = new FakeSource("/srv").file("file", "two").file("shared", "the same");
  const again = await snapshotOf(opened, await makeBackup(opened, source));
  assert.deepEqual((await checkAll(again)).failures, []);
});

Deno.test("a removal adds one state, and takes no lock", async () => {
  const memory = new MemoryStorage();
  const { repository, ids } = await threeSnapshots(memory);
  const storage = new FaultyStorage(memory);
  const opened = await openTestRepository(storage);
  storage.operations.length = 0;
  await removeSnapshots(opened, ids, NOW);
  assert.deepEqual(storage.operations, ["put state"]);
  assert.deepEqual((await repository.reload()).state.snapshots, []);
});

Deno.test("a removal that cannot be stored leaves every snapshot there", async () => {
  const memory = new MemoryStorage();
  const { ids } = await threeSnapshots(memory);
  const storage = new FaultyStorage(memory);
  const opened = await openTestRepository(storage);
  storage.fault = (_, operation) => operation === "put state" ? new Error("full") : undefined;
  await assert.rejects(removeSnapshots(opened, ids, NOW), /full/);
  assert.deepEqual(hexOf((await openTestRepository(memory)).state.snapshots), hexOf(ids));
});
