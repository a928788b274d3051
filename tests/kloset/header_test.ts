import assert from "node:assert/strict";
import type { ByteString } from "../../src/lib/byte_string.ts";
import type { Header } from "../../src/kloset/header.ts";
import { decodeHeader, encodeHeader } from "../../src/kloset/header.ts";
import { concat, fromHex, toHex } from "../../src/lib/bytes.ts";
import { isPlakarError } from "../../src/lib/errors.ts";
import {
  assertBytes,
  assertHostileRefused,
  assertSturdy,
  assertTruncationRefused,
  msgpackVector,
} from "./vectors.ts";

const BYTES = msgpackVector("header_min");

function fullHeader(): Header {
  const header = decodeHeader(BYTES);
  return {
    ...header,
    timestamp: -1n,
    duration: 2n ** 62n,
    identity: { identifier: new Uint8Array(16).fill(1), publicKey: new Uint8Array(32).fill(2) },
    name: "ночь",
    category: "c",
    environment: "e",
    perimeter: "p",
    job: "j",
    replicas: 2,
    dataset: "d",
    dataClasses: ["one", "two"],
    classifications: [{ analyzer: "a", classes: [{ name: "n", probability: 0.5 }] }],
    tags: Array.from({ length: 20 }, (_, i) => `tag ${i}`),
    sources: [
      {
        ...header.sources[0],
        importer: { type: "sftp", origin: "host:22" as ByteString, directory: "/\xff" as ByteString },
        context: [{ key: "k", value: "v" }],
      },
      header.sources[0],
    ],
  };
}

Deno.test("a header has the bytes that Go writes, and reads back", () => {
  assertBytes(encodeHeader(decodeHeader(BYTES)), BYTES);
});

Deno.test("a header holds what Go put in it", () => {
  const header = decodeHeader(BYTES);
  assert.equal(header.timestamp, 1_700_000_000_123_456_789n);
  assert.equal(header.duration, 1_500_000_000n);
  assert.equal(header.name, "default");
  assert.deepEqual(header.tags, ["daily"]);
  assert.deepEqual(header.context, [{ key: "Hostname", value: "h" }]);
  const [source] = header.sources;
  assert.deepEqual(source.importer, { type: "fs", origin: "h", directory: "/home/alice" });
  assert.deepEqual(Object.values(source.root).map((mac) => toHex(mac).slice(0, 2)), ["01", "02", "03"]);
  assert.deepEqual(source.indexes.map(({ name }) => name), ["content-type", "dirpack", "summary"]);
  assert.equal(source.summary.directory.files, 1);
});

Deno.test("a full header survives", () => {
  assert.deepEqual(decodeHeader(encodeHeader(fullHeader())), fullHeader());
});

Deno.test("a header of plakar 1.0 has no dataset and no data classes", () => {
  const hex = toHex(BYTES).replace("de0011", "8f").replace("a764617461736574a0", "")
    .replace("ac646174615f636c617373657390", "");
  assert.equal(hex.length, 2 * (BYTES.length - 2 - 9 - 14));
  const header = decodeHeader(fromHex(hex));
  assert.deepEqual(header, decodeHeader(BYTES));
});

Deno.test("a header without a source is corruption", () => {
  for (const hex of ["80", "81a7736f757263657390", "81a7736f7572636573c0"]) {
    assert.throws(() => decodeHeader(fromHex(hex)), (error) => isPlakarError(error, "corrupt"));
  }
});

Deno.test("what follows a header is ignored", () => {
  assert.deepEqual(decodeHeader(concat(BYTES, Uint8Array.of(0xc1))), decodeHeader(BYTES));
});

Deno.test("damage to a header is an error that says so", () => {
  assertTruncationRefused(BYTES, decodeHeader);
  assertSturdy(encodeHeader(fullHeader()), decodeHeader);
  assertHostileRefused(decodeHeader);
});
