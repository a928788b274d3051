import assert from "node:assert/strict";
import { interruptedFile } from "../../src/connectors/exporter/interrupted_file.ts";
import { PlakarError } from "../../src/lib/errors.ts";
import { restore } from "../../src/snapshot/restore.ts";
import { FakeSource } from "../support/fake_source.ts";
import { MemoryStorage } from "../support/memory_storage.ts";
import { RecordingExporter } from "../support/recording_exporter.ts";
import { makeBackup, snapshotOf } from "../support/snapshots.ts";
import { newTestRepository } from "../support/test_repository.ts";

const LOSS = new PlakarError("network", "Lost the connection");

/** Restores files `/0` to `/19` while calls fail. */
async function run(fault: (call: string) => Error | undefined) {
  const source = new FakeSource("/data");
  for (let i = 0; i < 20; i++) source.file(`${i}`, `content ${i}`);
  const repository = await newTestRepository(new MemoryStorage());
  const snapshot = await snapshotOf(repository, await makeBackup(repository, source));
  const exporter = new RecordingExporter({ parallelism: 4 });
  exporter.fault = fault;
  const failures: string[] = [];
  let written = 0;
  const result = restore({
    snapshot,
    path: snapshot.directory,
    exporter,
    events: {
      restored: () => {},
      written: (bytes) => void (written += bytes),
      failed: (path, message) => void failures.push(`${path}: ${message}`),
    },
  });
  return { exporter, failures, result, written: () => written };
}

Deno.test("a file that was being written when the connection was lost is begun again", async () => {
  const faults = new Set(["file /3", "write /4", "commit /5"]);
  const { exporter, failures, result, written } = await run((call) =>
    faults.delete(call) ? interruptedFile(LOSS) : undefined
  );
  const { bytes, errors } = await result;
  assert.deepEqual([failures, errors, exporter.files.size, exporter.unfinished], [[], 0, 20, 0]);
  for (const i of [3, 4, 5]) assert.equal(exporter.begun.filter((call) => call === `file /${i}`).length, 2);
  // What was written twice is counted once.
  assert.deepEqual([bytes, written()], [190, 190]);
});

Deno.test("a file during which the connection is lost again and again is an error of that file", async () => {
  const { exporter, failures, result } = await run((call) =>
    call === "write /7" ? interruptedFile(LOSS) : undefined
  );
  const { errors } = await result;
  assert.deepEqual(failures, ["/7: Lost the connection, in each of 4 attempts to write it"]);
  assert.deepEqual([errors, exporter.files.size, exporter.unfinished], [1, 19, 0]);
});

for (const begin of ["file /", "finish /"]) {
  Deno.test(`a server that is lost for good at "${begin}" ends the restore`, async () => {
    const gone = new PlakarError("network", "Given up", { data: { stage: "tcp" } });
    const { failures, result, exporter } = await run((call) => call.startsWith(begin) ? gone : undefined);
    await assert.rejects(result, gone);
    assert.deepEqual([failures, exporter.unfinished], [[], 0]);
    assert.ok(exporter.begun.filter((call) => call.startsWith(begin)).length <= 4);
  });
}
