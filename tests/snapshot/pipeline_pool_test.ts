import assert from "node:assert/strict";
import type { FileJob, FilePipeline, FileResult } from "../../src/snapshot/file_pipeline.ts";
import type { GiveChunk, SharedBytes } from "../../src/snapshot/chunk_giver.ts";
import { BATCH_FILES } from "../../src/snapshot/file_queue.ts";
import { PipelinePool } from "../../src/snapshot/pipeline_pool.ts";
import { MAX_FILES } from "../../src/snapshot/pool_member.ts";
import type { StoredChunk } from "../../src/snapshot/store_chunk.ts";
import type { ByteString } from "../../src/lib/byte_string.ts";
import { PlakarError } from "../../src/lib/errors.ts";
import { FakeSource } from "../support/fake_source.ts";

const CHILD = new FakeSource("/").file("f", "x".repeat(1000)).node("f").record;
const path = (n: number) => `/${n}` as ByteString;
const turn = () => new Promise((resolve) => setTimeout(resolve));
const turns = async (count: number) => {
  for (let n = 0; n < count; n++) await turn();
};

/** A pipeline that does what it is told, and remembers what it was asked. */
class FakePipeline implements FilePipeline {
  readonly processed: string[] = [];
  /** `finish` and `abort` as they were called. */
  readonly ends: string[] = [];
  most = 0;
  /** How many chunks it may give away. */
  allowed = 0;
  /** How many chunks of others it was given. */
  chunks = 0;
  #now = 0;
  /** Runs for every job before it is done. */
  work: (job: FileJob) => Promise<void> = () => Promise.resolve();
  /** Runs for every chunk of others before it is done. */
  stored: () => Promise<void> = () => Promise.resolve();
  finished: () => Promise<void> = () => Promise.resolve();
  aborted: () => Promise<void> = () => Promise.resolve();

  async process(jobs: FileJob[], done: (result: FileResult) => void): Promise<void> {
    this.most = Math.max(this.most, this.#now += jobs.length);
    await Promise.all(jobs.map(async (job) => {
      await this.work(job);
      this.#now--;
      this.processed.push(job.path);
      done({ id: job.id });
    }));
  }

  async storeChunk({ length }: SharedBytes): Promise<StoredChunk> {
    this.chunks++;
    await this.stored();
    return { contentMac: new Uint8Array(32), length, entropy: 0, isNew: true };
  }

  allow(chunks: number): void {
    this.allowed = chunks;
  }

  async finish(): Promise<void> {
    this.ends.push("finish");
    await this.finished();
  }

  async abort(): Promise<void> {
    this.ends.push("abort");
    await this.aborted();
  }
}

/** A pool over prepared pipelines; an error in their place fails the start. */
function poolOf(...pipelines: (FakePipeline | Error)[]) {
  const starts: number[] = [];
  const gives: GiveChunk[] = [];
  const warnings: string[] = [];
  const pool = new PipelinePool({
    start: async ({ give }) => {
      gives.push(give);
      const next = pipelines[starts.push(starts.length) - 1];
      await turn();
      if (!next) throw new Error("more pipelines than there may be");
      if (next instanceof Error) throw next;
      return next;
    },
    limit: pipelines.length,
    warn: (message) => void warnings.push(message),
  });
  return { pool, starts, gives, warnings };
}

const HUGE = { info: { ...CHILD.info, size: 1 << 30 } };

const storeMany = (pool: PipelinePool, count: number) =>
  Array.from({ length: count }, (_, n) => pool.store(path(n), CHILD));

Deno.test("nothing is started for nothing, and finishing it is no work", async () => {
  const { pool, starts } = poolOf(new FakePipeline());
  await pool.room();
  await pool.finish();
  assert.deepEqual(starts, []);
});

Deno.test("one file starts one pipeline, many files start as many as there may be", async () => {
  const pipelines = [new FakePipeline(), new FakePipeline(), new FakePipeline()];
  const one = poolOf(...pipelines);
  await one.pool.store(path(0), CHILD);
  await one.pool.finish();
  assert.equal(one.starts.length, 1);
  const many = poolOf(...pipelines.map(() => new FakePipeline()));
  await Promise.all(storeMany(many.pool, 1000));
  assert.equal(many.starts.length, 3);
});

Deno.test("every file is stored once, by one of the pipelines, and each result goes to its file", async () => {
  const pipelines = [new FakePipeline(), new FakePipeline()];
  for (const [i, pipeline] of pipelines.entries()) {
    pipeline.work = async (job) => {
      for (let n = 0; n < (job.id * 7 + i) % 3; n++) await turn();
    };
  }
  const { pool } = poolOf(...pipelines);
  const results = await Promise.all(storeMany(pool, 2000));
  await pool.finish();
  assert.deepEqual(results.map(({ id }) => id), Array.from({ length: 2000 }, (_, n) => n));
  const processed = pipelines.flatMap((pipeline) => pipeline.processed);
  assert.equal(processed.length, 2000);
  assert.equal(new Set(processed).size, 2000);
  for (const pipeline of pipelines) {
    assert.ok(pipeline.processed.length > 500);
    assert.ok(pipeline.most <= MAX_FILES + BATCH_FILES, `${pipeline.most} files at once`);
    assert.deepEqual(pipeline.ends, ["finish"]);
  }
});

Deno.test("a slow pipeline gets fewer files, and does not keep the others waiting", async () => {
  const [slow, fast] = [new FakePipeline(), new FakePipeline()];
  const release = Promise.withResolvers<void>();
  slow.work = () => release.promise;
  const { pool } = poolOf(slow, fast);
  const results = storeMany(pool, 3000);
  while (fast.processed.length < 3000 - MAX_FILES - BATCH_FILES) await turn();
  assert.deepEqual(slow.processed, []);
  release.resolve();
  await Promise.all(results);
});

Deno.test("the walk waits while too many files wait", async () => {
  const pipeline = new FakePipeline();
  const release = Promise.withResolvers<void>();
  pipeline.work = () => release.promise;
  const { pool } = poolOf(pipeline);
  const results = storeMany(pool, 6000);
  let hasRoom = false;
  const room = pool.room().then(() => hasRoom = true);
  for (let n = 0; n < 5; n++) await turn();
  assert.equal(hasRoom, false);
  release.resolve();
  await room;
  await Promise.all(results);
});

Deno.test("a file larger than what a pipeline takes at once is stored", async () => {
  const { pool } = poolOf(new FakePipeline());
  const huge = { info: { ...CHILD.info, size: 10 ** 12 } };
  await Promise.all([pool.store(path(1), huge), pool.store(path(2), huge), pool.store(path(3), CHILD)]);
  await pool.finish();
});

Deno.test("a pipeline that fails fails every file that is not done, and the pool", async () => {
  const [failing, other] = [new FakePipeline(), new FakePipeline()];
  const error = new PlakarError("no-space", "No space is left");
  failing.work = async (job) => {
    await turn();
    if (job.id === 20) throw error;
  };
  const { pool } = poolOf(failing, other);
  const outcomes = await Promise.allSettled(storeMany(pool, 6000));
  const failed = outcomes.filter((outcome) => outcome.status === "rejected");
  assert.ok(failed.length > 0 && failed.every((outcome) => outcome.reason === error));
  await assert.rejects(pool.store(path(1), CHILD), error);
  await assert.rejects(pool.room(), error);
  await assert.rejects(pool.finish(), error);
  await pool.abort();
  assert.deepEqual([failing.ends, other.ends], [["abort"], ["abort"]]);
});

Deno.test("a walk that waits for room hears of a failure", async () => {
  const pipeline = new FakePipeline();
  const release = Promise.withResolvers<void>();
  pipeline.work = () => release.promise;
  const { pool } = poolOf(pipeline);
  const results = Promise.allSettled(storeMany(pool, 6000));
  const room = pool.room();
  await turn();
  release.reject(new Error("the disk is gone"));
  await assert.rejects(room, /the disk is gone/);
  await results;
});

Deno.test("a pipeline that cannot be started is done without, and not asked for again", async () => {
  const refused = new PlakarError("network", "Too many connections");
  const [one, two] = [new FakePipeline(), new FakePipeline()];
  for (const pipeline of [one, two]) pipeline.work = async () => void await turn();
  const { pool, starts, warnings } = poolOf(refused, one, refused, two, refused);
  await Promise.all(storeMany(pool, 3000));
  await pool.finish();
  assert.equal(one.processed.length + two.processed.length, 3000);
  assert.equal(starts.length, 5);
  assert.deepEqual(warnings, [`Going on with 2 of 5 threads: ${refused.message}`]);
});

Deno.test("if none can be started, the last reason is everybody's", async () => {
  const errors = [1, 2, 3].map((n) => new PlakarError("network", `Refused ${n}`));
  const { pool, starts, warnings } = poolOf(...errors);
  const outcomes = await Promise.allSettled(storeMany(pool, 1000));
  assert.ok(outcomes.every((outcome) => outcome.status === "rejected" && errors.includes(outcome.reason)));
  assert.ok(starts.length <= 3);
  await assert.rejects(pool.finish(), { code: "network" });
  await pool.abort();
  assert.deepEqual(warnings, [], "it is the error of the whole");
});

Deno.test("an abort rejects what waits, stops what runs and is over when everything is", async () => {
  const pipeline = new FakePipeline();
  const stopped = Promise.withResolvers<void>();
  pipeline.work = () => stopped.promise;
  pipeline.aborted = () => Promise.resolve(stopped.reject(new PlakarError("interrupted", "Stopped")));
  const { pool } = poolOf(pipeline);
  const results = Promise.allSettled(storeMany(pool, 1000));
  await turn();
  await turn();
  const aborts = [pool.abort(), pool.abort()];
  await Promise.all(aborts);
  for (const outcome of await results) {
    assert.ok(outcome.status === "rejected" && outcome.reason.code === "interrupted");
  }
  assert.deepEqual(pipeline.ends, ["abort"]);
  await assert.rejects(pool.store(path(1), CHILD), { code: "interrupted" });
});

Deno.test("a pipeline that is still being started when the pool is aborted is aborted too", async () => {
  const pipeline = new FakePipeline();
  const { pool } = poolOf(pipeline);
  const result = pool.store(path(1), CHILD);
  await Promise.all([pool.abort(), assert.rejects(result, { code: "interrupted" })]);
  assert.deepEqual(pipeline.ends, ["abort"]);
  assert.deepEqual(pipeline.processed, []);
});

Deno.test("if one pipeline cannot finish, the others do before that is said, and all can be aborted", async () => {
  const [failing, slow] = [new FakePipeline(), new FakePipeline()];
  failing.finished = () => Promise.reject(new PlakarError("no-space", "No space is left"));
  let isDone = false;
  slow.finished = async () => {
    await turn();
    isDone = true;
  };
  const { pool } = poolOf(failing, slow);
  await Promise.all(storeMany(pool, 1000));
  await assert.rejects(pool.finish(), { code: "no-space" });
  assert.equal(isDone, true);
  await pool.abort();
  assert.deepEqual(failing.ends, ["finish", "abort"]);
});

Deno.test("all pipelines are aborted, also if one of them cannot be", async () => {
  const [failing, other] = [new FakePipeline(), new FakePipeline()];
  failing.aborted = () => Promise.reject(new PlakarError("io", "Cannot remove it"));
  const { pool } = poolOf(failing, other);
  await Promise.all(storeMany(pool, 1000));
  await assert.rejects(pool.abort(), { message: "Cannot remove it" });
  assert.deepEqual(other.ends, ["abort"]);
});

Deno.test("for one huge file two others are started, which store chunks of it until they have files", async () => {
  const [reading, ...others] = [1, 2, 3, 4].map(() => new FakePipeline());
  const release = Promise.withResolvers<void>();
  reading.work = () => release.promise;
  const { pool, starts, gives } = poolOf(reading, ...others);
  const huge = pool.store(path(0), HUGE);
  await turns(10);
  assert.equal(starts.length, 3);
  assert.equal(reading.allowed, 8);
  const bytes: SharedBytes = new Uint8Array(new SharedArrayBuffer(10));
  assert.equal((await gives[0](bytes)).length, 10);
  assert.equal(reading.chunks + others[1].chunks, 0);
  assert.equal(others[0].chunks, 1);
  const busy = Promise.withResolvers<void>();
  for (const other of others) other.work = () => busy.promise;
  const small = [pool.store(path(1), CHILD)];
  assert.equal(reading.allowed, 4);
  small.push(pool.store(path(2), HUGE));
  assert.equal(reading.allowed, 0);
  busy.resolve();
  await Promise.all(small);
  await turns(10);
  assert.equal(reading.allowed, 12, "the fourth was started for the other huge file");
  release.resolve();
  await huge;
  assert.equal(reading.allowed, 0);
  await pool.finish();
});

Deno.test("a huge file needs no other pipeline: there may be one only, or none can be started", async () => {
  const refused = new PlakarError("network", "Too many connections");
  for (const others of [[], [refused]]) {
    const reading = new FakePipeline();
    const { pool, starts } = poolOf(reading, ...others);
    reading.work = () => turns(10);
    await pool.store(path(0), HUGE);
    await pool.finish();
    assert.equal(starts.length, 1 + others.length);
    assert.equal(reading.allowed, 0);
  }
});

Deno.test("a chunk that cannot be stored fails the pool, also if nobody waits for it any more", async () => {
  const [reading, helping] = [new FakePipeline(), new FakePipeline()];
  const release = Promise.withResolvers<void>();
  reading.work = () => release.promise;
  helping.stored = () => Promise.reject(new PlakarError("no-space", "No space is left"));
  const { pool, gives } = poolOf(reading, helping);
  const huge = pool.store(path(0), HUGE);
  await turns(10);
  const given = gives[0](new Uint8Array(new SharedArrayBuffer(10)));
  await assert.rejects(given, { code: "no-space" });
  await assert.rejects(pool.store(path(1), CHILD), { code: "no-space" });
  release.resolve();
  await huge;
  await assert.rejects(pool.finish(), { code: "no-space" });
  await pool.abort();
});

for (const end of ["finish", "abort"] as const) {
  Deno.test(`a pipeline that is still being started keeps nobody waiting: ${end}`, async () => {
    const first = new FakePipeline();
    const kinds: boolean[] = [];
    const warnings: string[] = [];
    const pool = new PipelinePool({
      start: ({ isExtra, signal }) => {
        if (kinds.push(isExtra) === 1) return Promise.resolve(first);
        return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      },
      limit: 2,
      warn: (message) => void warnings.push(message),
    });
    await Promise.all(storeMany(pool, 1000));
    await pool[end]();
    assert.deepEqual([kinds, first.ends, warnings], [[false, true], [end], []]);
  });
}
