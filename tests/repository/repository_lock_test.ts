import assert from "node:assert/strict";
import { decodeLock } from "../../src/kloset/lock.ts";
import { ResourceType } from "../../src/kloset/resource.ts";
import { toHex } from "../../src/lib/bytes.ts";
import { isPlakarError, PlakarError } from "../../src/lib/errors.ts";
import { type LockContext, RepositoryLock } from "../../src/repository/repository_lock.ts";
import { FaultyStorage } from "../support/faulty_storage.ts";
import { MemoryStorage } from "../support/memory_storage.ts";
import { newTestRepository } from "../support/test_repository.ts";

const MINUTE = 60_000_000_000n;
const id = (n: number) => toHex(new Uint8Array(32).fill(n));

/** A repository with a clock of its own. */
async function setUp(options = {}) {
  const memory = new MemoryStorage();
  const repository = await newTestRepository(memory, options);
  const storage = new FaultyStorage(memory);
  const warnings: string[] = [];
  const clock = { time: 1_750_000_000_000_000_000n };
  const context: LockContext = {
    storage,
    codec: repository.codec,
    now: () => clock.time,
    hostname: "this machine",
    warn: (message) => void warnings.push(message),
  };
  const other = (hostname: string): LockContext => ({ ...context, hostname });
  return { memory, repository, storage, warnings, clock, context, other };
}

/** Runs with timers that only ring when they are told to. */
async function withTimers(run: (ring: () => void, set: () => number) => Promise<void>): Promise<void> {
  const { setInterval, clearInterval } = globalThis;
  const timers = new Map<number, () => void>();
  let last = 0;
  const fake = { setInterval: (callback: () => void) => (timers.set(++last, callback), last) };
  Object.assign(globalThis, fake, { clearInterval: (timer: number) => void timers.delete(timer) });
  try {
    await run(() => timers.forEach((callback) => callback()), () => timers.size);
  } finally {
    Object.assign(globalThis, { setInterval, clearInterval });
  }
}

for (const encrypted of [false, true]) {
  Deno.test(`a lock says who holds it, and goes with its holder${encrypted ? ", encrypted too" : ""}`, async () => {
    const { memory, repository, context, clock } = await setUp({ encrypted, compression: "LZ4" });
    {
      await using _lock = await RepositoryLock.take(context, id(1), false);
      const [[name, bytes]] = memory.files.lock;
      assert.equal(name, id(1));
      const { plain } = repository.codec.unseal(ResourceType.lock, bytes, 1000);
      assert.deepEqual(decodeLock(plain), {
        timestamp: clock.time,
        hostname: "this machine",
        exclusive: false,
      });
    }
    assert.equal(memory.files.lock.size, 0);
  });
}

Deno.test("backups share a repository, maintenance has it alone", async () => {
  const { memory, context, other } = await setUp();
  {
    await using _one = await RepositoryLock.take(context, id(1), false);
    await using _two = await RepositoryLock.take(other("two"), id(2), false);
    await assert.rejects(RepositoryLock.take(other("three"), id(3), true), {
      code: "locked",
      message: /^Cannot lock the repository: it is locked by a backup on "/,
    });
    assert.deepEqual([...memory.files.lock.keys()], [id(1), id(2)], "who was refused leaves nothing");
  }
  await using _alone = await RepositoryLock.take(other("keeper"), id(4), true);
  for (const exclusive of [false, true]) {
    await assert.rejects(RepositoryLock.take(context, id(5), exclusive), (error) => {
      assert.ok(isPlakarError(error, "locked"));
      assert.match(error.message, /maintenance on "keeper"$/);
      assert.match(error.hint ?? "", /10 minutes/);
      assert.equal(error.data?.lock, id(4));
      return true;
    });
  }
});

Deno.test("where nobody may write, it is said what could not be done, and why it has to be", async () => {
  const { context, storage } = await setUp();
  storage.fault = (_count, operation) =>
    operation.startsWith("put") ? new PlakarError("permission", 'Cannot create "/s/tmp.1"') : undefined;
  await assert.rejects(RepositoryLock.take(context, id(1), false), {
    code: "permission",
    message: 'Cannot lock the repository: Cannot create "/s/tmp.1"',
    hint: /needs to write to the store$/,
  });
});

Deno.test("a lock nobody refreshed for ten minutes is removed, a younger one is not", async () => {
  const { memory, context, other, clock } = await setUp();
  await using _dead = await RepositoryLock.take(other("dead"), id(1), true);
  clock.time += 10n * MINUTE - 1n;
  await assert.rejects(RepositoryLock.take(context, id(2), false), { code: "locked" });
  clock.time += 1n;
  await using _lock = await RepositoryLock.take(context, id(2), false);
  assert.deepEqual([...memory.files.lock.keys()], [id(2)]);
});

Deno.test("a lock dated in the future holds, and the hint says why it may never go away", async () => {
  const { context, other, clock } = await setUp();
  clock.time += 24n * 60n * MINUTE;
  await using _ahead = await RepositoryLock.take(other("ahead"), id(1), true);
  clock.time -= 24n * 60n * MINUTE;
  await assert.rejects(RepositoryLock.take(context, id(2), false), (error) => {
    assert.ok(isPlakarError(error, "locked"));
    assert.match(error.hint ?? "", new RegExp(`ahead of this machine's clock.*remove locks/${id(1)}`));
    return true;
  });
});

Deno.test("clocks that differ by a few minutes do not matter", async () => {
  const { context, other, clock } = await setUp();
  for (const minutes of [-9n, 9n]) {
    clock.time += minutes * MINUTE;
    const lock = await RepositoryLock.take(other("elsewhere"), id(1), true);
    clock.time -= minutes * MINUTE;
    await assert.rejects(RepositoryLock.take(context, id(2), false), { code: "locked" });
    await lock[Symbol.asyncDispose]();
  }
});

Deno.test("what cannot be read as a lock is respected, and named", async () => {
  const { memory, repository, context } = await setUp();
  const valid = repository.codec.seal(ResourceType.lock, new Uint8Array([0x81]));
  for (const bytes of [new Uint8Array(0), new Uint8Array(200).fill(7), valid, valid.slice(0, 20)]) {
    memory.files.lock.set(id(9), bytes);
    await assert.rejects(RepositoryLock.take(context, id(1), false), (error) => {
      assert.ok(isPlakarError(error, "locked"));
      assert.ok(error.message.startsWith(`Cannot read lock "${id(9)}": `));
      assert.match(error.hint ?? "", /remove the file/);
      return true;
    });
    assert.deepEqual([...memory.files.lock.keys()], [id(9)]);
  }
});

Deno.test("a lock cut off or changed anywhere is never taken for another lock", async () => {
  const { memory, context, other } = await setUp();
  const lock = await RepositoryLock.take(other("other"), id(9), false);
  const whole = memory.files.lock.get(id(9)) ?? new Uint8Array(0);
  for (let at = 0; at < whole.length; at++) {
    const damaged = whole.slice();
    damaged[at] ^= 1 << at % 8;
    for (const bytes of [whole.slice(0, at), damaged]) {
      memory.files.lock.set(id(9), bytes);
      await assert.rejects(RepositoryLock.take(context, id(1), false), { code: "locked" });
    }
  }
  await lock[Symbol.asyncDispose]();
});

Deno.test("a lock that vanishes while it is looked at is no obstacle", async () => {
  const { memory, storage, context, other } = await setUp();
  await using _other = await RepositoryLock.take(other("other"), id(9), true);
  storage.fault = (_, operation) => {
    if (operation === "get lock") memory.files.lock.delete(id(9));
    return undefined;
  };
  await using _lock = await RepositoryLock.take(context, id(1), false);
  assert.deepEqual([...memory.files.lock.keys()], [id(1)]);
});

Deno.test("a lock is refreshed while it is held, and a failure to do so is a warning", async () => {
  await withTimers(async (ring, set) => {
    const { memory, repository, storage, warnings, clock, context } = await setUp();
    const lock = await RepositoryLock.take(context, id(1), false);
    clock.time += 5n * MINUTE;
    ring();
    await new Promise((resolve) => setTimeout(resolve));
    const { plain } = repository.codec.unseal(
      ResourceType.lock,
      memory.files.lock.get(id(1)) ?? new Uint8Array(0),
      1000,
    );
    assert.equal(decodeLock(plain).timestamp, clock.time);

    storage.fault = (_, operation) =>
      operation === "put lock" ? new PlakarError("no-space", "No space is left") : undefined;
    ring();
    await lock[Symbol.asyncDispose]();
    assert.deepEqual(warnings, ["Cannot refresh the repository's lock: No space is left"]);
    assert.equal(memory.files.lock.size, 0);
    assert.equal(set(), 0, "nothing rings any more");
  });
});

Deno.test("a lock that somebody removed is not brought back, and is known to be lost", async () => {
  await withTimers(async (ring, set) => {
    const { memory, context, warnings } = await setUp();
    const told: string[] = [];
    const lost = (error: PlakarError) => void told.push(error.message);
    await using lock = await RepositoryLock.take({ ...context, lost }, id(1), false);
    await lock.ensureHeld();
    memory.files.lock.clear();
    ring();
    await assert.rejects(lock.ensureHeld(), (error) => {
      assert.ok(isPlakarError(error, "locked"));
      assert.match(error.message, /^Cannot commit: somebody removed the repository's lock/);
      assert.match(error.hint ?? "", /run it again$/);
      return true;
    });
    assert.equal(memory.files.lock.size, 0);
    assert.deepEqual([told.length, set(), warnings], [1, 0, []]);
  });
});

Deno.test("a lock that grew old, as on a machine that slept, is renewed unless somebody has the repository alone", async () => {
  const { memory, context, other, clock } = await setUp();
  await using lock = await RepositoryLock.take(context, id(1), false);
  const before = memory.files.lock.get(id(1));
  clock.time += 9n * MINUTE;
  await lock.ensureHeld();
  assert.equal(memory.files.lock.get(id(1)), before);
  clock.time += MINUTE;
  await lock.ensureHeld();
  assert.notEqual(memory.files.lock.get(id(1)), before);
  clock.time += 10n * MINUTE;
  // Whoever takes the repository alone finds the old lock stale and removes it; here that comes a moment later.
  const stale = memory.files.lock.get(id(1)) ?? new Uint8Array(0);
  await using _alone = await RepositoryLock.take(other("keeper"), id(2), true);
  memory.files.lock.set(id(1), stale);
  await assert.rejects(lock.ensureHeld(), { code: "locked", message: /maintenance on "keeper"$/ });
});

Deno.test("a lock that cannot be looked for is not known to be held", async () => {
  const { storage, context } = await setUp();
  await using lock = await RepositoryLock.take(context, id(1), false);
  storage.fault = (_, operation) =>
    operation === "get lock" ? new PlakarError("network", "The line is dead") : undefined;
  await assert.rejects(lock.ensureHeld(), { code: "network" });
  storage.fault = () => undefined;
  await lock.ensureHeld();
});

Deno.test("a refresh that is on its way when the lock is given back does not bring it back", async () => {
  await withTimers(async (ring) => {
    const { memory, context } = await setUp();
    const slow = new MemoryStorage();
    Object.assign(slow, { files: memory.files });
    const put = slow.put.bind(slow);
    let isSlow = false;
    slow.put = async (...args) => {
      for (let turn = 0; isSlow && turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve));
      await put(...args);
    };
    const lock = await RepositoryLock.take({ ...context, storage: slow }, id(1), false);
    isSlow = true;
    ring();
    await lock[Symbol.asyncDispose]();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(memory.files.lock.size, 0);
  });
});

Deno.test("a lock that cannot be removed is a warning", async () => {
  const { storage, warnings, context } = await setUp();
  const lock = await RepositoryLock.take(context, id(1), false);
  storage.fault = () => new PlakarError("io", "The disk is gone");
  await lock[Symbol.asyncDispose]();
  assert.deepEqual(warnings, [`Cannot remove the repository's lock "${id(1)}": The disk is gone`]);
});

Deno.test("what fails while a lock is taken leaves no lock", async () => {
  const { memory, storage, context } = await setUp();
  for (const late of [false, true]) {
    for (const failing of ["put lock", "list lock"]) {
      storage.failsLate = late;
      storage.fault = (_, operation) =>
        operation === failing ? new PlakarError("io", `Cannot ${operation}`) : undefined;
      await assert.rejects(RepositoryLock.take(context, id(1), false), { message: `Cannot ${failing}` });
      assert.equal(memory.files.lock.size, 0);
    }
  }
});
