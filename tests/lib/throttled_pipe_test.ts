import assert from "node:assert/strict";
import type { BytePipe, ByteReceiver } from "../../src/lib/byte_pipe.ts";
import { concat } from "../../src/lib/bytes.ts";
import { RateLimit, sharedRate } from "../../src/lib/rate_limit.ts";
import { type PipeRates, ThrottledPipe } from "../../src/lib/throttled_pipe.ts";
import { FakeTime } from "../support/fake_time.ts";
import { memoryPipe } from "../support/memory_pipe.ts";

const RATE = 100_000;
const numbered = (length: number) => Uint8Array.from({ length }, (_, i) => i % 251);

/** Keeps what arrives on a pipe. */
class Received {
  readonly pieces: Uint8Array[] = [];
  ended: { error?: Error } | undefined;

  constructor(pipe: BytePipe) {
    pipe.start({
      data: (bytes) => {
        assert.equal(this.ended, undefined);
        this.pieces.push(bytes.slice());
        // They are valid only during the call.
        bytes.fill(0xff);
      },
      end: (error) => void (this.ended = { error }),
    });
  }

  get length(): number {
    return this.pieces.reduce((sum, { length }) => sum + length, 0);
  }

  get bytes(): Uint8Array {
    return concat(...this.pieces);
  }
}

function setUp(directions: ("upload" | "download")[]) {
  const time = new FakeTime();
  const rates: PipeRates = {};
  for (const direction of directions) rates[direction] = new RateLimit(sharedRate(RATE), () => time.now());
  const [here, there] = memoryPipe();
  return { time, rates, pipe: new ThrottledPipe(here, rates, time), there };
}

function assertTook(time: FakeTime, bytes: number, count = 1): void {
  const [least, most] = [bytes / RATE * 1000 - 120, bytes / RATE * 1000 + 40 * count];
  assert.ok(time.now() >= least && time.now() <= most, `${time.now()} ms, not ${least} to ${most}`);
}

Deno.test("what is written leaves at the rate, whole and in order", async () => {
  const { time, pipe, there } = setUp(["upload"]);
  const received = new Received(there);
  const bytes = numbered(500_000);
  for (let at = 0; at < bytes.length; at += 50_000) {
    if (!pipe.write(bytes.slice(at, at + 50_000))) {
      const drained = pipe.drained();
      await time.pass();
      await drained;
    }
  }
  await time.pass();
  assertTook(time, 500_000);
  assert.deepEqual(received.bytes, bytes);
});

Deno.test("what arrives is delivered at the rate, whole and in order", async () => {
  const { time, pipe, there } = setUp(["download"]);
  const bytes = numbered(500_000);
  const received = new Received(pipe);
  for (let at = 0; at < bytes.length; at += 20_000) there.write(bytes.slice(at, at + 20_000));
  await time.pass(1000);
  assert.ok(received.length > 90_000 && received.length < 115_000, `${received.length} in a second`);
  await time.pass();
  assertTook(time, 500_000);
  assert.deepEqual(received.bytes, bytes);
});

Deno.test("a pipe that gives what it held as soon as it may is kept to the rate, too", async () => {
  const time = new FakeTime();
  const bytes = numbered(500_000);
  let [at, isPaused] = [0, false];
  let receiver: ByteReceiver | undefined;
  const give = () => {
    while (!isPaused && at < bytes.length) receiver?.data(bytes.slice(at, at += 5000));
  };
  const eager: BytePipe = {
    start: (given) => {
      receiver = given;
      give();
    },
    write: () => true,
    drained: () => Promise.resolve(),
    pause: () => void (isPaused = true),
    resume: () => {
      isPaused = false;
      give();
    },
    close: () => {},
  };
  const download = new RateLimit(sharedRate(RATE), () => time.now());
  let length = 0;
  new ThrottledPipe(eager, { download }, time).start({
    data(piece) {
      const due = length / RATE * 1000 - 100;
      assert.ok(time.now() >= due - 1, `${time.now()} ms, not ${due}`);
      assert.deepEqual(piece, bytes.subarray(length, length += piece.length));
    },
    end() {},
  });
  await time.pass();
  assert.equal(length, bytes.length);
});

Deno.test("a direction without a rate does not wait", async () => {
  for (const limited of ["upload", "download"] as const) {
    const { time, pipe, there } = setUp([limited]);
    const received = new Received(limited === "upload" ? pipe : there);
    new Received(limited === "upload" ? there : pipe);
    (limited === "upload" ? there : pipe).write(numbered(500_000));
    await time.pass();
    assert.deepEqual([received.length, time.now()], [500_000, 0]);
  }
});

Deno.test("pipes that share a rate keep it together, and take turns", async () => {
  const { time, rates } = setUp(["upload"]);
  const received: Received[] = [];
  for (let n = 0; n < 4; n++) {
    const [here, there] = memoryPipe();
    received.push(new Received(there));
    new ThrottledPipe(here, rates, time).write(numbered(100_000));
  }
  await time.pass(2000);
  for (const { length } of received) assert.ok(length > 30_000 && length < 80_000, `${length} of 50 000`);
  await time.pass();
  assertTook(time, 400_000, 4);
});

Deno.test("while the receiver pauses nothing is delivered, then all that is left", async () => {
  const { time, pipe, there } = setUp(["download"]);
  const received = new Received(pipe);
  there.write(numbered(100_000));
  await time.pass(300);
  pipe.pause();
  const before = received.length;
  await time.pass(5000);
  assert.equal(received.length, before);
  pipe.resume();
  await time.pass();
  assert.deepEqual(received.bytes, numbered(100_000));
  pipe.pause();
  there.write(numbered(10));
  await time.pass();
  assert.equal(received.length, 100_000);
  pipe.resume();
  await time.pass();
  assert.equal(received.length, 100_010);
});

Deno.test("the end comes after everything that arrived before it", async () => {
  const { time, pipe, there } = setUp(["download", "upload"]);
  const received = new Received(pipe);
  there.write(numbered(300_000));
  await time.pass(100);
  pipe.write(numbered(300_000));
  const drained = pipe.drained();
  const error = new Error("lost");
  there.fail(error);
  await time.pass(200);
  pipe.resume();
  await time.pass();
  await drained;
  assert.deepEqual(received.bytes, numbered(300_000));
  assert.equal(received.ended?.error, error);
  assert.equal(time.waiting, 0);
});

Deno.test("a pipe that is closed neither sends nor delivers what waits", async () => {
  const { time, pipe, there } = setUp(["download", "upload"]);
  const [received, sent] = [new Received(pipe), new Received(there)];
  there.write(numbered(300_000));
  pipe.write(numbered(300_000));
  await time.pass(500);
  const before = [received.length, sent.length];
  const drained = pipe.drained();
  pipe.close();
  await time.pass();
  await drained;
  assert.deepEqual([received.length, sent.length], before);
  assert.equal(received.ended?.error, undefined);
  assert.ok(received.ended);
  assert.equal(time.waiting, 0);
});

Deno.test("a pipe tells how long it was itself that waited", async () => {
  const { time, pipe, there } = setUp(["download", "upload"]);
  const received = new Received(pipe);
  await time.pass(1000);
  assert.equal(pipe.held, 0);
  there.write(numbered(100_000));
  pipe.write(numbered(100_000));
  await time.pass(1500);
  assert.ok(pipe.held > 350 && pipe.held <= 500, `${pipe.held} ms of 500`);
  await time.pass(10_000);
  assert.equal(received.length, 100_000);
  assert.ok(pipe.held > 850 && pipe.held < 1100, `${pipe.held} ms of 1000`);
});
