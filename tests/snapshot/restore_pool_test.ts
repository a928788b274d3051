import assert from "node:assert/strict";
import type { ClosableRestorer, RestoreJob, RestorerReport } from "../../src/snapshot/file_restorer.ts";
import { RestorePool } from "../../src/snapshot/restore_pool.ts";
import type { ByteString } from "../../src/lib/byte_string.ts";
import { PlakarError } from "../../src/lib/errors.ts";
import { FakeSource } from "../support/fake_source.ts";

const MIB = 1024 * 1024;
const { info } = new FakeSource("/").file("f", "x").node("f").record;
const turn = () => new Promise((resolve) => setTimeout(resolve));

function job(name: string, size = 1000): RestoreJob {
  return { path: `/${name}` as ByteString, object: new Uint8Array(32), info: { ...info, size } };
}

/** A restorer whose files are done when they are told to be. */
class FakeRestorer implements ClosableRestorer {
  readonly parallelism: number;
  readonly begun: string[] = [];
  isClosed = false;
  #running = new Map<string, PromiseWithResolvers<string | undefined>>();

  constructor(parallelism = 8) {
    this.parallelism = parallelism;
  }

  restore({ path }: RestoreJob): Promise<string | undefined> {
    this.begun.push(path);
    const running = Promise.withResolvers<string | undefined>();
    this.#running.set(path, running);
    return running.promise;
  }

  end(path: string, failure?: string): void {
    this.#running.get(path)?.resolve(failure);
    this.#running.delete(path);
  }

  endAll(): void {
    for (const path of [...this.#running.keys()]) this.end(path);
  }

  fail(error: Error): void {
    for (const { reject } of this.#running.values()) reject(error);
  }

  close(): Promise<RestorerReport> {
    this.isClosed = true;
    this.fail(new Error("closed"));
    return Promise.resolve({ degradations: [], bytesRead: this.begun.length });
  }
}

/** A pool, and its helpers; an error in the place of one fails its start. */
function poolOf(first: FakeRestorer, ...helpers: (FakeRestorer | Error)[]) {
  let starts = 0;
  const warnings: string[] = [];
  const pool = new RestorePool(first, {
    limit: helpers.length,
    start: async () => {
      const next = helpers[starts++];
      await turn();
      if (next instanceof Error) throw next;
      return next;
    },
    warn: (message) => void warnings.push(message),
  });
  return { pool, starts: () => starts, warnings };
}

function giveMany(pool: RestorePool, count: number): Promise<(string | undefined)[]> {
  return Promise.all(Array.from({ length: count }, (_, n) => pool.restore(job(`${n}`))));
}

Deno.test("few files are restored by the first alone, no more at once than are worth it", async () => {
  const first = new FakeRestorer();
  const { pool, starts } = poolOf(first, new FakeRestorer());
  const done = giveMany(pool, 20);
  await turn();
  assert.deepEqual([first.begun.length, starts()], [8, 0]);
  first.end("/3", "because");
  await turn();
  assert.deepEqual(first.begun.at(-1), "/8");
  while (first.begun.length < 20) {
    first.endAll();
    await turn();
  }
  first.endAll();
  const failures = await done;
  assert.deepEqual(failures.map((failure, n) => failure && `${n} ${failure}`).filter(Boolean), ["3 because"]);
});

Deno.test("a helper is started when enough waits, and takes its part", async () => {
  const [first, second] = [new FakeRestorer(), new FakeRestorer()];
  const { pool, starts } = poolOf(first, second);
  const done = giveMany(pool, 100);
  await turn();
  await turn();
  assert.deepEqual([starts(), first.begun.length, second.begun.length], [1, 8, 8]);
  while (first.begun.length + second.begun.length < 100) {
    first.endAll();
    second.endAll();
    await turn();
  }
  first.endAll();
  second.endAll();
  await done;
  assert.equal(new Set([...first.begun, ...second.begun]).size, 100, "every file once");
  assert.ok(second.begun.length > 20, `${second.begun.length} by the helper`);
  assert.deepEqual(await pool.close(), [{ degradations: [], bytesRead: second.begun.length }]);
});

Deno.test("where no helper can be started, the work goes on without, and that is told", async () => {
  const first = new FakeRestorer();
  const { pool, starts, warnings } = poolOf(first, new Error("refused"), new FakeRestorer());
  const done = giveMany(pool, 100);
  for (let turns = 0; turns < 40; turns++) {
    first.endAll();
    await turn();
  }
  await done;
  assert.deepEqual([first.begun.length, starts()], [100, 1]);
  assert.deepEqual(warnings, ["Going on with 1 of 3 threads: refused"]);
});

Deno.test("what a helper cannot do any more is done by those that are left", async () => {
  const [first, lost, kept] = [new FakeRestorer(), new FakeRestorer(), new FakeRestorer()];
  const left = [first, kept];
  const { pool, starts, warnings } = poolOf(first, lost, kept);
  const done = giveMany(pool, 300);
  while (kept.begun.length === 0) {
    first.endAll();
    await turn();
  }
  lost.fail(new Error("the server is gone"));
  const count = () => [...left, lost].reduce((sum, { begun }) => sum + begun.length, 0);
  while (count() < 300 + lost.begun.length) {
    for (const restorer of left) restorer.endAll();
    await turn();
  }
  for (const restorer of left) restorer.endAll();
  assert.ok((await done).every((failure) => failure === undefined));
  assert.equal(lost.begun.length, 8, "it is asked for nothing more");
  for (const path of lost.begun) assert.ok(left.some(({ begun }) => begun.includes(path)), path);
  assert.deepEqual(warnings, ["Going on with 2 of 3 threads: the server is gone"]);
  assert.equal(starts(), 2);
  await pool.close();
  assert.ok(lost.isClosed, "it tells what it did before");
});

Deno.test("where a helper ended, no other is started in its place", async () => {
  const [first, lost] = [new FakeRestorer(), new FakeRestorer()];
  const { pool, starts, warnings } = poolOf(first, lost, new Error("never asked for"));
  const done = giveMany(pool, 78);
  while (lost.begun.length === 0) await turn();
  lost.fail(new Error("the server is gone"));
  while (first.begun.length < 78) {
    first.endAll();
    await turn();
  }
  first.endAll();
  await done;
  assert.deepEqual([starts(), warnings], [1, ["Going on with 1 of 3 threads: the server is gone"]]);
  await pool.close();
});

Deno.test("large files wait for each other, small ones do not wait for them", async () => {
  const first = new FakeRestorer();
  const { pool } = poolOf(first);
  const done = [
    ...Array.from({ length: 5 }, (_, n) => pool.restore(job(`large ${n}`, 2 * MIB))),
    pool.restore(job("small")),
  ];
  await turn();
  assert.deepEqual(first.begun, ["/large 0", "/large 1", "/large 2", "/small"]);
  first.end("/large 1");
  await turn();
  assert.equal(first.begun.at(-1), "/large 3");
  first.endAll();
  await turn();
  first.endAll();
  await Promise.all(done);
});

Deno.test("few files of many bytes are worth a helper, too", async () => {
  const [first, second] = [new FakeRestorer(), new FakeRestorer()];
  const { pool } = poolOf(first, second);
  const done = Array.from({ length: 6 }, (_, n) => pool.restore(job(`${n}`, 100 * MIB)));
  await turn();
  await turn();
  assert.deepEqual([first.begun.length, second.begun.length], [3, 3]);
  first.endAll();
  second.endAll();
  await Promise.all(done);
});

Deno.test("what ends everything is thrown", async () => {
  const first = new FakeRestorer();
  const { pool } = poolOf(first);
  const lost = new PlakarError("network", "Given up");
  const done = pool.restore(job("1"));
  first.fail(lost);
  await assert.rejects(done, lost);
});

Deno.test("a pool that is closed restores nothing more, and closes its helpers, those that start just then too", async () => {
  for (const wait of [0, 2]) {
    const [first, second] = [new FakeRestorer(), new FakeRestorer()];
    const { pool } = poolOf(first, second);
    const reason = new PlakarError("interrupted", "Stopped");
    const outcomes = Promise.allSettled(Array.from({ length: 100 }, (_, n) => pool.restore(job(`${n}`))));
    for (let turns = 0; turns < wait; turns++) await turn();
    const closed = pool.close(reason);
    first.endAll();
    await closed;
    assert.ok(second.isClosed);
    const rejected = (await outcomes).filter(({ status }) => status === "rejected");
    assert.equal(rejected.length, 92);
    await assert.rejects(pool.restore(job("later")), reason);
  }
});

Deno.test("a helper that is still being started keeps nobody waiting", async () => {
  const first = new FakeRestorer();
  const pool = new RestorePool(first, {
    limit: 1,
    start: (signal) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
    warn: (message) => assert.fail(message),
  });
  const outcomes = Promise.allSettled(Array.from({ length: 100 }, (_, n) => pool.restore(job(`${n}`))));
  first.endAll();
  assert.deepEqual(await pool.close(), []);
  first.endAll();
  await outcomes;
});
