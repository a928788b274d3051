import assert from "node:assert/strict";
import type { ByteString } from "../../src/lib/byte_string.ts";
import { fromHex, toHex } from "../../src/lib/bytes.ts";
import { isPlakarError } from "../../src/lib/errors.ts";
import { MsgpackReader, ZERO_TIME } from "../../src/kloset/msgpack_reader.ts";
import { MsgpackWriter } from "../../src/kloset/msgpack_writer.ts";
import { assertBytes, msgpackVector, withSeed } from "./vectors.ts";

const reader = (hex: string) => new MsgpackReader(fromHex(hex), "test");
const corrupt = (error: unknown) => isPlakarError(error, "corrupt");

function written(write: (writer: MsgpackWriter) => void): string {
  const writer = new MsgpackWriter();
  write(writer);
  return toHex(writer.take());
}

const TIMES: [name: string, time: bigint][] = [
  ["time_sec", 1_700_000_000_000_000_000n],
  ["time_ns", 1_700_000_000_123_456_789n],
  ["time_epoch", 0n],
  ["time_zero", ZERO_TIME],
  ["time_neg", -500_000_000n],
];

Deno.test("times have the bytes that Go writes, and read back", () => {
  for (const [name, time] of TIMES) {
    assertBytes(fromHex(written((w) => w.time(time))), msgpackVector(name));
    assert.equal(new MsgpackReader(msgpackVector(name), name).time(), time);
  }
});

Deno.test("strings have the bytes that Go writes at each border of length", () => {
  for (const [name, length] of [["str31", 31], ["str32", 32], ["str256", 256]] as const) {
    const value = new MsgpackReader(msgpackVector(name), name).str();
    assert.equal(value.length, length);
    assertBytes(fromHex(written((w) => w.str(value))), msgpackVector(name));
  }
});

Deno.test("strings of every length border and any bytes survive", () => {
  withSeed((random) => {
    for (const length of [0, 1, 31, 32, 39, 40, 41, 255, 256, 65535, 65536]) {
      const value = String.fromCharCode(...random.bytes(Math.min(length, 1000))).padEnd(length, "\xff");
      const bytes = fromHex(written((w) => w.str(value as ByteString)));
      assert.equal(new MsgpackReader(bytes, "test").str(), value);
    }
  });
});

Deno.test("sized integers have full width", () => {
  assert.equal(written((w) => w.uint8(0)), "cc00");
  assert.equal(written((w) => w.uint16(1)), "cd0001");
  assert.equal(written((w) => w.uint32(0xffffffff)), "ceffffffff");
  assert.equal(written((w) => w.uint64(2 ** 53 - 1)), "cf001fffffffffffff");
  assert.equal(written((w) => w.uint64(2n ** 64n - 1n)), "cfffffffffffffffff");
  assert.equal(written((w) => w.int64(-1)), "d3ffffffffffffffff");
  assert.equal(written((w) => w.int64(-(2 ** 32) - 5)), "d3fffffffefffffffb");
  assert.equal(written((w) => w.int64(-(2n ** 63n))), "d38000000000000000");
});

Deno.test("plain integers take as few bytes as they need", () => {
  const cases: [number, string][] = [
    [0, "00"],
    [127, "7f"],
    [128, "cc80"],
    [256, "cd0100"],
    [65536, "ce00010000"],
    [2 ** 32, "cf0000000100000000"],
    [-1, "ff"],
    [-32, "e0"],
    [-33, "d0df"],
    [-129, "d1ff7f"],
    [-32769, "d2ffff7fff"],
    [-(2 ** 31) - 1, "d3ffffffff7fffffff"],
  ];
  for (const [value, hex] of cases) {
    assert.equal(written((w) => w.compactInt(value)), hex);
    assert.equal(reader(hex).integer(), value);
  }
});

Deno.test("integers of any width and nil are read for any integer", () => {
  assert.equal(reader("d3ffffffffffffffff").uint32(), 0xffffffff);
  assert.equal(reader("cf0000000100000002").uint32(), 2);
  assert.equal(reader("ff").uint64(), 2n ** 64n - 1n);
  assert.equal(reader("cfffffffffffffffff").int64(), -1n);
  assert.equal(reader("05").uint64(), 5n);
  assert.equal(reader("c0").uint64(), 0n);
  assert.equal(reader("c0").integer(), 0);
  assert.equal(reader("ca3f800000").float64(), 1);
  assert.equal(reader("cd0102").float64(), 258);
});

Deno.test("an integer past 2⁵³ is refused where a number is wanted", () => {
  assert.throws(() => reader("cf0020000000000000").integer(), corrupt);
  assert.throws(() => reader("d38000000000000000").integer(), corrupt);
});

Deno.test("str stands for bin and bin for str", () => {
  assert.equal(reader("c4026162").str(), "ab");
  assert.deepEqual([...reader("a26162").bin() ?? []], [0x61, 0x62]);
  assert.equal(reader("c0").str(), "");
  assert.equal(reader("c0").bin(), undefined);
});

Deno.test("a short MAC is filled with zeros, a long one refused", () => {
  assert.equal(toHex(reader("c401ab").mac()), "ab".padEnd(64, "0"));
  assert.equal(toHex(reader("c0").mac()), "".padEnd(64, "0"));
  assert.throws(() => reader("c421" + "00".repeat(33)).mac(), corrupt);
});

Deno.test("a UUID has sixteen bytes or is nil", () => {
  assert.equal(toHex(reader("c0").uuid()), "".padEnd(32, "0"));
  assert.throws(() => reader("c40f" + "00".repeat(15)).uuid(), corrupt);
});

Deno.test("a time is extension -1 and never nil", () => {
  for (const hex of ["c0", "00", "a0", "d60000000000", "c703ff000000", "d80000"]) {
    assert.throws(() => reader(hex).time(), corrupt, hex);
  }
  assert.equal(reader("c704ff00000001").time(), 1_000_000_000n);
});

Deno.test("a struct is read with keys in any order, unknown ones skipped, the last of two kept", () => {
  const seen: [string, number][] = [];
  const read = (hex: string) => {
    seen.length = 0;
    const r = reader(hex);
    r.readMap(["a", "b", "c"], (field) => seen.push([field, r.integer()]));
    return [...seen];
  };
  assert.deepEqual(read("83a16303a17801a16101"), [["c", 3], ["a", 1]]);
  assert.deepEqual(read("82a16101a16102"), [["a", 1], ["a", 2]]);
  assert.deepEqual(read("81c4016105"), [["a", 5]]);
  assert.deepEqual(read("93010203"), [["a", 1], ["b", 2], ["c", 3]]);
  assert.deepEqual(read("c0"), []);
  assert.throws(() => read("920102"), corrupt);
  assert.throws(() => read("810101"), corrupt);
});

Deno.test("values of every kind can be skipped", () => {
  const kinds = [
    "00",
    "ff",
    "80",
    "90",
    "a161",
    "c0",
    "c2",
    "c3",
    "c40161",
    "c5000161",
    "c60000000161",
    "c7010561",
    "c800010561",
    "c9000000010561",
    "ca00000000",
    "cb0000000000000000",
    "cc00",
    "cd0000",
    "ce00000000",
    "cf0000000000000000",
    "d000",
    "d10000",
    "d200000000",
    "d30000000000000000",
    "d40500",
    "d5050000",
    "d60500000000",
    "d7050000000000000000",
    "d805" + "00".repeat(16),
    "d90161",
    "da000161",
    "db0000000161",
    "dc000100",
    "dd0000000100",
    "de00010000",
    "df000000010000",
    "81a16193c0810102a0",
  ];
  for (const hex of kinds) {
    const r = reader(hex + "2a");
    assert.equal(toHex(r.raw()), hex);
    assert.equal(r.integer(), 42, hex);
  }
});

Deno.test("skipping costs no stack at any depth and believes no count", () => {
  const deep = reader("91".repeat(10_000) + "c0");
  deep.skip();
  assert.equal(deep.offset, 10_001);
  for (
    const hex of ["91".repeat(10_000), "df80000000", "ddffffffff00", "dbffffffff", "c9ffffffff00", "c1", ""]
  ) {
    assert.throws(() => reader(hex).skip(), corrupt);
  }
});

Deno.test("an announced count beyond the bytes at hand is refused before anything is read", () => {
  let visits = 0;
  assert.throws(() => reader("dd80000000" + "00".repeat(100)).readArray(() => visits++), corrupt);
  assert.throws(() => reader("df80000000" + "00".repeat(100)).readMap([], () => visits++), corrupt);
  assert.equal(visits, 0);
});

Deno.test("an error says what was being decoded", () => {
  assert.throws(() => reader("a5").str(), { message: /^Cannot decode test: 5 bytes expected at byte 1/ });
});

Deno.test("a writer is used again after its bytes were taken", () => {
  const writer = new MsgpackWriter();
  writer.str("first" as ByteString);
  const first = writer.take();
  writer.str("other" as ByteString);
  assert.equal(toHex(first), "a56669727374");
  assert.equal(toHex(writer.peek()), "a56f74686572");
});
