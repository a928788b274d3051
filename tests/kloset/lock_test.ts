import assert from "node:assert/strict";
import { decodeLock, encodeLock } from "../../src/kloset/lock.ts";
import { fromHex } from "../../src/lib/bytes.ts";
import {
  assertBytes,
  assertHostileRefused,
  assertSturdy,
  assertTruncationRefused,
  repository,
} from "./vectors.ts";

Deno.test("a lock has the bytes that Go writes, and reads back", () => {
  for (const exclusive of [false, true]) {
    const lock = { timestamp: 1_767_225_600_123_456_789n, hostname: "host.example", exclusive };
    const hex = exclusive ? repository.lock_exclusive_msgpack : repository.lock_shared_msgpack;
    assertBytes(encodeLock(lock), hex);
    assert.deepEqual(decodeLock(fromHex(hex)), lock);
  }
});

Deno.test("a host name of any letters survives", () => {
  const lock = { timestamp: 0n, hostname: "héberge\u{1f5c4}", exclusive: true };
  assert.deepEqual(decodeLock(encodeLock(lock)), lock);
});

Deno.test("damage to a lock is an error that says so", () => {
  const bytes = fromHex(repository.lock_exclusive_msgpack);
  assertTruncationRefused(bytes, decodeLock);
  assertSturdy(bytes, decodeLock);
  assertHostileRefused(decodeLock);
});
