import assert from "node:assert/strict";
import { ResourceType } from "../../src/kloset/resource.ts";
import type { DeletableEntryType, StateVisitor } from "../../src/kloset/state.ts";
import { decodeState, StateEntryType } from "../../src/kloset/state.ts";
import { StateWriter } from "../../src/kloset/state_writer.ts";
import { VERSION_1_0_0, VERSION_1_1_0 } from "../../src/kloset/version.ts";
import { concat, fromHex, toHex, viewOf } from "../../src/lib/bytes.ts";
import { isPlakarError } from "../../src/lib/errors.ts";
import {
  assertBytes,
  assertSturdy,
  assertTruncationRefused,
  Random,
  repository,
  withSeed,
} from "./vectors.ts";

const STREAM = fromHex(repository.state_plain_lz4.stream);
const METADATA = {
  timestamp: 1_767_225_600_123_456_789n,
  serial: fromHex("00112233445566778899aabbccddeeff"),
};
const corrupt = (error: unknown) => isPlakarError(error, "corrupt");

/** A visitor that writes down every call, with arrays as hex. */
function recorder(): { calls: unknown[][]; visitor: Required<StateVisitor> } {
  const calls: unknown[][] = [];
  const record = (name: string) => (...values: unknown[]) =>
    void calls.push([name, ...values.map((value) => value instanceof Uint8Array ? toHex(value) : value)]);
  return {
    calls,
    visitor: {
      location: record("location"),
      coloured: record("coloured"),
      packfile: record("packfile"),
      deleted: record("deleted"),
    },
  };
}

function writeRandomEntries(random: Random, count: number, ...visitors: Required<StateVisitor>[]): void {
  for (let i = 0; i < count; i++) {
    const [a, b] = [random.bytes(32), random.bytes(32)];
    const [type, number] = [random.below(256), random.below(2 ** 32)];
    const when = BigInt.asIntN(64, random.bits64());
    const offset = number * random.pick(1, 2 ** 20);
    const deletable = random.pick<DeletableEntryType>(2, 3, 4);
    const kind = random.below(4);
    for (const visitor of visitors) {
      if (kind === 0) visitor.location(type, VERSION_1_0_0, a, b, offset, number);
      else if (kind === 1) visitor.coloured(type, a, when);
      else if (kind === 2) visitor.packfile(a, b, when);
      else visitor.deleted(deletable, type, a, b);
    }
  }
}

Deno.test("a state of Go's is read", () => {
  const { calls, visitor } = recorder();
  const { parent, metadata } = decodeState(STREAM, VERSION_1_1_0, visitor);
  const packfile = repository.state_plain_lz4.packfile_entry.slice(0, 64);
  assert.deepEqual(calls, [
    [
      "location",
      ResourceType.chunk,
      VERSION_1_0_0,
      "9b03baccde1ae6194a7312024f19de11452b01116ad7c719f513fa520a5e6cf6",
      packfile,
      0,
      24,
    ],
    ["packfile", packfile, "11".repeat(32), METADATA.timestamp],
  ]);
  assert.equal(toHex(parent), "00".repeat(32));
  assert.deepEqual(metadata, METADATA);
});

Deno.test("a state that is read into a writer has the bytes that Go wrote", () => {
  const writer = new StateWriter();
  const { metadata } = decodeState(STREAM, VERSION_1_1_0, writer);
  assert.equal(writer.entries, 2);
  assertBytes(writer.finish(metadata), STREAM);
});

Deno.test("a writer that is used again writes nothing of the state before", () => {
  const writer = new StateWriter(new Uint8Array(32).fill(7));
  withSeed((random) => writeRandomEntries(random, 100, writer, recorder().visitor));
  writer.finish(METADATA);
  const { parent, metadata } = decodeState(STREAM, VERSION_1_1_0, new StateWriter());
  writer.restart(parent);
  assert.equal(writer.entries, 0);
  decodeState(STREAM, VERSION_1_1_0, writer);
  assertBytes(writer.finish(metadata), STREAM);
});

Deno.test("any state survives", () => {
  withSeed((random) => {
    const parent = random.bytes(32);
    const writer = new StateWriter(parent);
    const wanted = recorder();
    writeRandomEntries(random, 300, writer, wanted.visitor);
    const got = recorder();
    const frame = decodeState(writer.finish(METADATA), VERSION_1_1_0, got.visitor);
    assert.deepEqual(got.calls, wanted.calls);
    assert.deepEqual(frame, { parent, metadata: METADATA });
  });
});

Deno.test("a state of plakar 1.0 has no parent", () => {
  const { calls, visitor } = recorder();
  const { parent } = decodeState(STREAM.subarray(32), VERSION_1_0_0, visitor);
  assert.equal(calls.length, 2);
  assert.equal(toHex(parent), "00".repeat(32));
});

Deno.test("entries of unknown types and configuration entries are skipped", () => {
  const unknown = Uint8Array.of(77, 3, 0, 0, 0, 1, 1, 1);
  const configuration = Uint8Array.of(5, 1, 0, 0, 0, 9);
  const stream = concat(STREAM.subarray(0, 32), unknown, configuration, STREAM.subarray(32));
  const { calls, visitor } = recorder();
  decodeState(stream, VERSION_1_1_0, visitor);
  assert.equal(calls.length, 2);
});

Deno.test("the smallest state has sixty-one bytes", () => {
  const stream = new StateWriter().finish(METADATA);
  assert.equal(stream.length, 61);
  assert.deepEqual(decodeState(stream, VERSION_1_1_0, {}).metadata, METADATA);
});

Deno.test("what follows the metadata is ignored", () => {
  assert.deepEqual(decodeState(concat(STREAM, Uint8Array.of(1)), VERSION_1_1_0, {}).metadata, METADATA);
});

Deno.test("an entry of another length than its type has is corruption", () => {
  for (const [type, right] of [[2, 85], [3, 41], [4, 72], [6, 66]]) {
    for (const length of [right - 1, right + 1]) {
      const entry = new Uint8Array(5 + length);
      entry[0] = type;
      viewOf(entry).setUint32(1, length, true);
      const stream = concat(new Uint8Array(32), entry, new StateWriter().finish(METADATA).subarray(32));
      assert.throws(() => decodeState(stream, VERSION_1_1_0, {}), corrupt, `type ${type}, ${length} bytes`);
    }
  }
});

Deno.test("only locations, colours and packfiles can be deleted", () => {
  for (let type = 0; type < 256; type++) {
    const writer = new StateWriter();
    writer.deleted(type as DeletableEntryType, 0, new Uint8Array(32), new Uint8Array(32));
    const read = () => decodeState(writer.finish(METADATA), VERSION_1_1_0, {});
    const allowed: number[] = [StateEntryType.location, StateEntryType.coloured, StateEntryType.packfile];
    if (allowed.includes(type)) read();
    else assert.throws(read, corrupt);
  }
});

Deno.test("a location past 2⁵³ is corruption", () => {
  const stream = STREAM.slice().fill(0xff, 32 + 5 + 69, 32 + 5 + 77);
  assert.throws(() => decodeState(stream, VERSION_1_1_0, {}), corrupt);
});

Deno.test("damage to a state is an error that says so", () => {
  const { visitor } = recorder();
  assertTruncationRefused(STREAM, (bytes) => decodeState(bytes, VERSION_1_1_0, visitor));
  assertSturdy(STREAM, (bytes) => decodeState(bytes, VERSION_1_1_0, visitor));
  for (const bytes of ["", "02ffffffff", "4dffffffff00"].map((hex) => fromHex("00".repeat(32) + hex))) {
    assert.throws(() => decodeState(bytes, VERSION_1_1_0, visitor), corrupt);
  }
});
