import assert from "node:assert/strict";
import type { FileInfo } from "../../src/kloset/file_info.ts";
import { readFileInfo, writeFileInfo } from "../../src/kloset/file_info.ts";
import { fromHex } from "../../src/lib/bytes.ts";
import type { ByteString } from "../../src/lib/byte_string.ts";
import { MsgpackReader, ZERO_TIME } from "../../src/kloset/msgpack_reader.ts";
import { MsgpackWriter } from "../../src/kloset/msgpack_writer.ts";
import {
  assertBytes,
  assertHostileRefused,
  assertSturdy,
  assertTruncationRefused,
  msgpackVector,
  withSeed,
} from "./vectors.ts";

const decode = (bytes: Uint8Array) => readFileInfo(new MsgpackReader(bytes, "file info"));

function encode(info: FileInfo): Uint8Array {
  const writer = new MsgpackWriter();
  writeFileInfo(writer, info);
  return writer.take();
}

Deno.test("a file info has the bytes that Go writes, and reads back", () => {
  const info = decode(msgpackVector("fileinfo"));
  assert.deepEqual(info, {
    name: "hello.txt",
    size: 5,
    mode: 0o644,
    mtime: 1_700_000_000_123_456_789n,
    dev: 0x801n,
    ino: 0x20001n,
    uid: 1000,
    gid: 1000,
    nlink: 1,
    username: "alice",
    groupname: "users",
  });
  assertBytes(encode(info), msgpackVector("fileinfo"));
});

Deno.test("any file info survives", () => {
  withSeed((random) => {
    for (let i = 0; i < 200; i++) {
      const name = () => String.fromCharCode(...random.bytes(random.below(300))) as ByteString;
      const info: FileInfo = {
        name: name(),
        size: random.pick(-1, 0, random.below(2 ** 32), 2 ** 53 - 1),
        mode: random.below(2 ** 32),
        mtime: BigInt.asIntN(64, random.bits64()) * 4n,
        dev: random.bits64(),
        ino: random.bits64(),
        uid: random.below(2 ** 32),
        gid: random.below(2 ** 32),
        nlink: random.below(2 ** 16),
        username: name(),
        groupname: name(),
      };
      assert.deepEqual(decode(encode(info)), info);
    }
  });
});

Deno.test("what a file info lacks is zero, empty, or the zero time", () => {
  const info = decode(fromHex("80"));
  assert.equal(info.mtime, ZERO_TIME);
  assert.equal(info.name, "");
  assert.equal(info.dev, 0n);
});

Deno.test("damage to a file info is an error that says so", () => {
  assertTruncationRefused(msgpackVector("fileinfo"), decode);
  assertSturdy(msgpackVector("fileinfo"), decode);
  assertHostileRefused(decode);
});
