import assert from "node:assert/strict";
import { backupParallelism } from "../../src/cli/parallelism.ts";

const NOTHING = { connections: undefined, concurrency: undefined, cpu: undefined };

Deno.test("a backup has a pipeline for each core, two at least, unless it is told how many", () => {
  assert.deepEqual(backupParallelism(NOTHING, 8), { pipelines: 8, filesEach: undefined });
  assert.deepEqual(backupParallelism(NOTHING, 1), { pipelines: 2, filesEach: undefined });
  assert.deepEqual(backupParallelism({ ...NOTHING, cpu: 1 }, 8).pipelines, 1);
  assert.deepEqual(backupParallelism({ ...NOTHING, cpu: 1, connections: 5 }, 8).pipelines, 5);
});

Deno.test("files at once are divided among the pipelines", () => {
  assert.deepEqual(backupParallelism({ ...NOTHING, concurrency: 10 }, 4), { pipelines: 4, filesEach: 2 });
  assert.deepEqual(backupParallelism({ ...NOTHING, concurrency: 1 }, 4), { pipelines: 1, filesEach: 1 });
  const both = { ...NOTHING, concurrency: 30, connections: 3 };
  assert.deepEqual(backupParallelism(both, 4), { pipelines: 3, filesEach: 10 });
});
