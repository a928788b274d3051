import assert from "node:assert/strict";
import type { ByteString } from "../../src/lib/byte_string.ts";
import { type Attributes, decodeAttributes, encodeAttributes } from "../../src/sftp/attributes.ts";
import { MAX_PACKET_LENGTH, PacketAssembler } from "../../src/sftp/packet_assembler.ts";
import { PacketReader } from "../../src/sftp/packet_reader.ts";
import { PacketWriter } from "../../src/sftp/packet_writer.ts";

function encoded(write: (writer: PacketWriter) => void): Uint8Array {
  const writer = new PacketWriter();
  writer.begin(7);
  write(writer);
  writer.end();
  const pieces: Uint8Array[] = [];
  for (let piece = writer.take(); piece; piece = writer.take()) pieces.push(piece);
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

Deno.test("a stream is cut into the same packets wherever it is split", () => {
  const stream = new Uint8Array([0, 0, 0, 1, 65, 0, 0, 0, 3, 66, 67, 68, 0, 0, 0, 2, 69, 70]);
  for (let first = 0; first <= stream.length; first++) {
    for (let second = first; second <= stream.length; second++) {
      const packets: string[] = [];
      const assembler = new PacketAssembler((packet) => packets.push(new TextDecoder().decode(packet)));
      for (const [from, to] of [[0, first], [first, second], [second, stream.length]]) {
        assembler.push(stream.subarray(from, to));
      }
      assert.deepEqual(packets, ["A", "BCD", "EF"]);
    }
  }
});

Deno.test("packets of any allowed length are put together", () => {
  for (const length of [1, 65_531, 65_532, 65_533, 200_000, MAX_PACKET_LENGTH]) {
    const stream = new Uint8Array(4 + length).fill(7);
    new DataView(stream.buffer).setUint32(0, length);
    const lengths: number[] = [];
    const assembler = new PacketAssembler((packet) => {
      assert.ok(packet.every((byte) => byte === 7));
      lengths.push(packet.length);
    });
    for (let at = 0; at < stream.length; at += 32_768) assembler.push(stream.subarray(at, at + 32_768));
    assembler.push(stream);
    assert.deepEqual(lengths, [length, length]);
  }
});

Deno.test("a length that no packet has is refused before anything is allocated", () => {
  for (const length of [0, MAX_PACKET_LENGTH + 1, 0x7fff_ffff, 0xffff_ffff]) {
    const header = new Uint8Array(4);
    new DataView(header.buffer).setUint32(0, length);
    for (const pieces of [[header], [header.subarray(0, 1), header.subarray(1)]]) {
      const assembler = new PacketAssembler(() => assert.fail());
      assert.throws(() => pieces.forEach((piece) => assembler.push(piece)), { code: "protocol" });
    }
  }
});

Deno.test("fields are read as they were written", () => {
  const packet = encoded((writer) => {
    writer.uint8(255);
    writer.uint32(0xffff_ffff);
    writer.uint64(Number.MAX_SAFE_INTEGER);
    writer.uint64(0x1_0000_0000);
    writer.string("\0\xff/" as ByteString);
    writer.bytes(new Uint8Array([1, 2]));
  });
  const reader = new PacketReader(packet, 5);
  assert.equal(reader.uint8(), 255);
  assert.equal(reader.uint32(), 0xffff_ffff);
  assert.equal(reader.uint64(), Number.MAX_SAFE_INTEGER);
  assert.equal(reader.bigUint64(), 0x1_0000_0000n);
  assert.equal(reader.string(), "\0\xff/");
  assert.deepEqual(reader.bytes(), new Uint8Array([1, 2]));
  assert.equal(reader.remaining, 0);
});

Deno.test("a number above what can be counted exactly is read as the largest that can", () => {
  const packet = new Uint8Array(8).fill(0xff);
  assert.equal(new PacketReader(packet).uint64(), Number.MAX_SAFE_INTEGER);
  assert.equal(
    new PacketReader(new Uint8Array([0x80, 0, 0, 0, 0, 0, 0, 0])).uint64(),
    Number.MAX_SAFE_INTEGER,
  );
});

Deno.test("attributes are read as they were written, and never past a packet that was cut", () => {
  const all: Attributes = {
    size: 2 ** 40,
    uid: 1,
    gid: 2,
    permissions: 0o100644,
    atime: 3,
    mtime: 0xffff_ffff,
  };
  const { size, permissions } = all;
  for (const attributes of [{}, all, { size }, { permissions }, { uid: 7, gid: 8 }, { atime: 0, mtime: 1 }]) {
    const packet = encoded((writer) => encodeAttributes(writer, attributes));
    assert.deepEqual(decodeAttributes(new PacketReader(packet, 5)), attributes);
    for (let length = 5; length < packet.length; length++) {
      const cut = new PacketReader(packet.subarray(0, length), 5);
      assert.throws(() => decodeAttributes(cut), { code: "protocol" });
    }
  }
});

Deno.test("extended attributes are passed over, however many are claimed", () => {
  const extended = (count: number) =>
    encoded((writer) => {
      writer.uint32(0x8000_0004);
      writer.uint32(0o644);
      writer.uint32(count);
      writer.string("name" as ByteString);
      writer.string("value" as ByteString);
    });
  const reader = new PacketReader(extended(1), 5);
  assert.deepEqual(decodeAttributes(reader), { permissions: 0o644 });
  assert.equal(reader.remaining, 0);
  assert.throws(() => decodeAttributes(new PacketReader(extended(0xffff_ffff), 5)), { code: "protocol" });
});

Deno.test("what was taken from a writer does not change, however much is written after", () => {
  const writer = new PacketWriter();
  const taken: { piece: Uint8Array; copy: Uint8Array }[] = [];
  for (let i = 0; i < 500; i++) {
    writer.begin(i & 0xff);
    writer.bytes(new Uint8Array((i * 997) % 3000).fill(i));
    writer.end();
    if (i % 7 !== 0) continue;
    for (let piece = writer.take(); piece; piece = writer.take()) taken.push({ piece, copy: piece.slice() });
  }
  for (const { piece, copy } of taken) assert.deepEqual(piece, copy);
  const types: number[] = [];
  const assembler = new PacketAssembler((packet) => {
    const reader = new PacketReader(packet);
    types.push(reader.uint8());
    const i = types.length - 1;
    assert.ok(reader.bytes().every((byte) => byte === (i & 0xff)));
  });
  for (const { piece } of taken) assembler.push(piece);
  for (let piece = writer.take(); piece; piece = writer.take()) assembler.push(piece);
  assert.deepEqual(types, Array.from({ length: 500 }, (_, i) => i & 0xff));
});
