import assert from "node:assert/strict";
import { parallelismOf } from "../../src/cli/parallelism.ts";

const NOTHING = { connections: undefined, concurrency: undefined, cpu: undefined };

Deno.test("a backup has a pipeline for each core, two at least, unless it is told how many", () => {
  assert.deepEqual(parallelismOf(NOTHING, 8), { threads: 8, filesEach: undefined });
  assert.deepEqual(parallelismOf(NOTHING, 1), { threads: 2, filesEach: undefined });
  assert.deepEqual(parallelismOf({ ...NOTHING, cpu: 1 }, 8).threads, 1);
  assert.deepEqual(parallelismOf({ ...NOTHING, cpu: 1, connections: 5 }, 8).threads, 5);
});

Deno.test("files at once are divided among the pipelines", () => {
  assert.deepEqual(parallelismOf({ ...NOTHING, concurrency: 10 }, 4), { threads: 4, filesEach: 2 });
  assert.deepEqual(parallelismOf({ ...NOTHING, concurrency: 1 }, 4), { threads: 1, filesEach: 1 });
  const both = { ...NOTHING, concurrency: 30, connections: 3 };
  assert.deepEqual(parallelismOf(both, 4), { threads: 3, filesEach: 10 });
});
