import assert from "node:assert/strict";
import { HeadStart } from "../../src/lib/head_start.ts";

/** Numbers from 1 on, and what was done with them. */
class Numbers {
  given = 0;
  isStopped = false;

  constructor(readonly last: number, readonly failure?: Error) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<number> {
    try {
      while (this.given < this.last) {
        await Promise.resolve();
        yield ++this.given;
      }
      if (this.failure) throw this.failure;
    } finally {
      this.isStopped = true;
    }
  }
}

const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("a source is read before anybody asks, as far as it may, and then as it is asked for", async () => {
  const numbers = new Numbers(9);
  await using start = new HeadStart(numbers, (number) => number, 10);
  await turn();
  assert.equal(numbers.given, 4, "1 + 2 + 3 + 4 is 10");
  const seen: number[] = [];
  for await (const number of start) {
    seen.push(number);
    await turn();
    if (number > 4) assert.equal(numbers.given, number, "nothing is read ahead of who asks");
  }
  assert.deepEqual(seen, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.ok(numbers.isStopped);
});

Deno.test("whoever asks at once or late, or for what ended long ago, gets all of it", async () => {
  for (const [last, limit] of [[5, 0], [5, 3], [5, 100], [0, 100]]) {
    for (const isLate of [false, true]) {
      await using start = new HeadStart(new Numbers(last), () => 1, limit);
      if (isLate) await turn();
      assert.deepEqual(await Array.fromAsync(start), Array.from({ length: last }, (_, i) => i + 1));
    }
  }
});

Deno.test("a failure is met after what was given before it, and by nobody if nobody asks", async () => {
  const failure = new Error("no more");
  for (const limit of [1, 100]) {
    await using start = new HeadStart(new Numbers(3, failure), () => 1, limit);
    await turn();
    const seen: number[] = [];
    await assert.rejects(async () => {
      for await (const number of start) seen.push(number);
    }, failure);
    assert.deepEqual(seen, [1, 2, 3]);
  }
  const unasked = new HeadStart(new Numbers(3, failure), () => 1, 100);
  await turn();
  await unasked[Symbol.asyncDispose]();
});

Deno.test("the source is stopped with it, and when who asks leaves", async () => {
  const unasked = new Numbers(1000);
  await new HeadStart(unasked, () => 1, 10)[Symbol.asyncDispose]();
  assert.ok(unasked.isStopped);
  for (const leaveAt of [2, 8]) {
    const left = new Numbers(1000);
    await using start = new HeadStart(left, () => 1, 5);
    for await (const number of start) if (number === leaveAt) break;
    await start[Symbol.asyncDispose]();
    assert.ok(left.isStopped);
    assert.ok(left.given <= Math.max(5, leaveAt));
  }
});
