import assert from "node:assert/strict";
import { toHex } from "../../src/lib/bytes.ts";
import { findSnapshot, findSnapshotId, listSnapshots } from "../../src/snapshot/snapshot_list.ts";
import { FakeSource } from "../support/fake_source.ts";
import { MemoryStorage } from "../support/memory_storage.ts";
import { makeBackup, NOW } from "../support/snapshots.ts";
import { newTestRepository } from "../support/test_repository.ts";

Deno.test("a prefix names the one snapshot that has it, and none where several or none do", async () => {
  const repository = await newTestRepository(new MemoryStorage());
  const ids: string[] = [];
  // Of seventeen, two begin with the same digit.
  for (let i = 0; i < 17; i++) {
    ids.push(toHex((await makeBackup(repository, new FakeSource("/srv"))).header.identifier));
  }
  const opened = await repository.reload();
  for (const id of ids) {
    assert.equal(toHex(findSnapshotId(opened, id) ?? assert.fail()), id);
    assert.equal(toHex((await findSnapshot(opened, id.slice(0, 20))).header.identifier), id);
  }
  const shared = ids.find((id) => ids.filter((other) => other[0] === id[0]).length > 1)?.[0] ?? assert.fail();
  assert.throws(() => findSnapshotId(opened, shared), { code: "ambiguous" });
  assert.throws(() => findSnapshotId(opened, ""), /matches 17 snapshots/);
  const absent = ids[0].replace(/.$/, (digit) => digit === "0" ? "1" : "0");
  assert.equal(findSnapshotId(opened, absent), undefined);
  await assert.rejects(findSnapshot(opened, absent), { code: "not-found" });
});

Deno.test("snapshots are listed newest first", async () => {
  const repository = await newTestRepository(new MemoryStorage());
  const times = [5n, 9n, 1n, 7n].map((hours) => NOW - hours * 3_600_000_000_000n);
  for (const timestamp of times) await makeBackup(repository, new FakeSource("/srv"), { timestamp });
  const listed = await listSnapshots(await repository.reload(), assert.fail);
  assert.deepEqual(listed.map(({ header }) => header.timestamp), times.sort((a, b) => Number(b - a)));
});
