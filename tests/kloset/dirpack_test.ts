import assert from "node:assert/strict";
import type { DirpackFrame } from "../../src/kloset/dirpack.ts";
import { decodeDirpack, DirpackFrameType, DirpackReader, DirpackWriter } from "../../src/kloset/dirpack.ts";
import { concat, fromHex, toHex } from "../../src/lib/bytes.ts";
import { isPlakarError } from "../../src/lib/errors.ts";
import { assertBytes, assertSturdy, msgpackVector, Random, treeMac, withSeed } from "./vectors.ts";

const corrupt = (error: unknown) => isPlakarError(error, "corrupt");
const shown = ({ type, entry, mac }: DirpackFrame) => [type, toHex(entry), toHex(mac)];

function randomDirpack(random: Random): { bytes: Uint8Array; frames: unknown[] } {
  const writer = new DirpackWriter();
  const frames: unknown[] = [];
  for (let i = random.below(20); i > 0; i--) {
    const frame = { type: random.pick(1, 2), entry: random.bytes(random.below(500)), mac: random.bytes(32) };
    writer.add(frame.type, frame.entry, frame.mac);
    frames.push(shown(frame));
  }
  return { bytes: writer.take(), frames };
}

Deno.test("a frame is type, length, entry and MAC", () => {
  const entry = msgpackVector("entry_file");
  const writer = new DirpackWriter();
  writer.add(DirpackFrameType.other, entry, treeMac(entry));
  const header = Uint8Array.of(2, (entry.length + 32) & 0xff, (entry.length + 32) >> 8, 0, 0);
  assertBytes(writer.take(), concat(header, entry, treeMac(entry)));
});

Deno.test("any dirpack survives, whole and in pieces of any size", () => {
  withSeed((random) => {
    for (let i = 0; i < 50; i++) {
      const { bytes, frames } = randomDirpack(random);
      assert.deepEqual([...decodeDirpack(bytes)].map(shown), frames);
      const reader = new DirpackReader();
      const got: unknown[] = [];
      for (let at = 0; at < bytes.length;) {
        const piece = bytes.slice(at, at + 1 + random.below(700));
        at += piece.length;
        for (const frame of reader.push(piece)) got.push(shown(frame));
      }
      reader.finish();
      assert.deepEqual(got, frames);
    }
  });
});

Deno.test("the dirpack of an empty directory is empty", () => {
  assert.equal(new DirpackWriter().take().length, 0);
  assert.deepEqual([...decodeDirpack(new Uint8Array(0))], []);
});

Deno.test("a dirpack that ends within a frame is corruption", () => {
  const writer = new DirpackWriter();
  writer.add(DirpackFrameType.directory, Uint8Array.of(1, 2, 3), new Uint8Array(32));
  const bytes = writer.take();
  for (let length = 1; length < bytes.length; length++) {
    assert.throws(() => [...decodeDirpack(bytes.slice(0, length))], corrupt);
  }
  assertSturdy(bytes, (damaged) => [...decodeDirpack(damaged)]);
});

Deno.test("a frame too short for its MAC or absurdly long is refused at once", () => {
  for (const header of ["011f000000", "01ffffffff", "0101000004"]) {
    assert.throws(() => [...new DirpackReader().push(fromHex(header))], corrupt);
  }
});
