import { deepStrictEqual, equal } from "node:assert/strict";
import { Snapshot } from "../../src/snapshot/snapshot.ts";
import { totalsFrom } from "../../src/snapshot/tree_totals.ts";
import type { ByteString } from "../../src/lib/byte_string.ts";
import { FakeSource } from "../support/fake_source.ts";
import { MemoryStorage } from "../support/memory_storage.ts";
import { makeBackup, snapshotOf } from "../support/snapshots.ts";
import { newTestRepository } from "../support/test_repository.ts";

Deno.test("totals are those of a walk from the same path", async () => {
  const repository = await newTestRepository(new MemoryStorage());
  const source = new FakeSource("/src").file("a", "12345").file("d/b", "123").file("d/e/c", "1")
    .link("d/l", "b").directory("empty");
  const snapshot = await snapshotOf(repository, await makeBackup(repository, source));
  for (
    const path of ["/", "/src", "/src/d", "/src/d/e", "/src/empty", "/src/a", "/src/d/l"] as ByteString[]
  ) {
    const walked = { files: 0, bytes: 0 };
    for await (const { entry } of snapshot.walk(path)) {
      walked.files++;
      walked.bytes += entry?.object ? entry.info.size : 0;
    }
    deepStrictEqual(await totalsFrom(snapshot, path), walked, path);
  }
  equal(await totalsFrom(snapshot, "/src/none" as ByteString), undefined);
});

Deno.test("a snapshot without summaries has no totals", async () => {
  const repository = await newTestRepository(new MemoryStorage());
  const source = new FakeSource("/src").file("a", "12345");
  const snapshot = await snapshotOf(repository, await makeBackup(repository, source));
  const [first] = snapshot.header.sources;
  const indexes = first.indexes.filter(({ name }) => name !== "summary");
  const older = new Snapshot(snapshot.repository, { ...snapshot.header, sources: [{ ...first, indexes }] });
  equal(await totalsFrom(older, "/src" as ByteString), undefined);
});
