import assert from "node:assert/strict";
import { lz4 } from "../../src/compression/lz4_frame.ts";
import { xxHash32 } from "../../src/compression/xxhash32.ts";
import { concat, fromHex, toHex } from "../../src/lib/bytes.ts";
import { isPlakarError } from "../../src/lib/errors.ts";
import { noise, prose, vectors } from "../crypto/vectors.ts";
import { withSeed } from "../kloset/vectors.ts";

const corrupt = (error: unknown) => isPlakarError(error, "corrupt");
const hello = new TextEncoder().encode("hello");

interface FrameOptions {
  flags?: number;
  blockCode?: number;
  contentSize?: number;
}

function u32(value: number): Uint8Array {
  return Uint8Array.of(value, value >> 8, value >> 16, value >>> 24);
}

/** A frame of raw and ready-made blocks, with whatever the flags ask for. */
function frame(
  content: Uint8Array,
  blocks: { raw?: Uint8Array; lz4?: Uint8Array }[],
  options: FrameOptions = {},
) {
  const { flags = 0x64, blockCode = 7, contentSize } = options;
  const size = contentSize === undefined ? [] : [u32(contentSize), u32(0)];
  const descriptor = concat(
    Uint8Array.of(flags | (contentSize === undefined ? 0 : 8), blockCode << 4),
    ...size,
  );
  const parts = [fromHex("04224d18"), descriptor, Uint8Array.of(xxHash32(descriptor) >> 8)];
  for (const { raw, lz4 } of blocks) {
    const bytes = raw ?? lz4 ?? new Uint8Array(0);
    parts.push(u32(raw === undefined ? bytes.length : bytes.length | 0x80000000), bytes);
    if (flags & 16) parts.push(u32(xxHash32(bytes)));
  }
  parts.push(u32(0));
  if (flags & 4) parts.push(u32(xxHash32(content)));
  return concat(...parts);
}

Deno.test("xxHash32 gives its published results", () => {
  assert.equal(xxHash32(new Uint8Array(0)), 0x02cc5d05);
  assert.equal(xxHash32(new TextEncoder().encode("abc")), 0x32d153ff);
  const text = "Nobody inspects the spammish repetition";
  assert.equal(xxHash32(new TextEncoder().encode(text)), 0xe2293b2f);
});

Deno.test("small frames are the ones plakar writes", () => {
  assert.equal(toHex(lz4.compress(hello)), vectors.lz4_hello_writerto);
  assert.equal(toHex(lz4.compress(new Uint8Array(0))), vectors.lz4_empty_writerto);
});

Deno.test("plakar's frames are read", () => {
  const abc = new TextEncoder().encode("abc".repeat(100));
  assert.deepEqual(lz4.decompress(fromHex(vectors.lz4_abc100_writerto), 300), abc);
  assert.equal(lz4.decompress(fromHex(vectors.lz4_empty_readfrom), 0).length, 0);
  const state = fromHex(vectors.state_plain_lz4.file).slice(16, -32);
  assert.equal(toHex(lz4.decompress(state, 10_000)), vectors.state_plain_lz4.stream);
});

Deno.test("what is compressed is decompressed again, at any length and alignment", () => {
  withSeed((random) => {
    const lengths = [0, 1, 4, 5, 11, 12, 13, 14, 64, 65535, 65536, 65537, 70_000];
    for (let i = 0; i < 200; i++) lengths.push(random.below(5000));
    for (const length of lengths) {
      const start = random.below(9);
      for (const make of [noise, prose, (n: number) => new Uint8Array(n)]) {
        const data = make(length + start, length + 1).subarray(start);
        assert.deepEqual(
          lz4.decompress(lz4.compress(data).slice(), length),
          data.slice(),
          `${make.name} ${length}`,
        );
      }
    }
  });
});

Deno.test("frames of several blocks, compressible, not, and mixed, are decompressed again", () => {
  const mixed = concat(prose(3_000_000), noise(3_000_000), new Uint8Array(3_000_000), prose(1_000));
  for (const data of [mixed, mixed.subarray(0, 4 << 20), noise(4 << 20), new Uint8Array(9_000_001)]) {
    const compressed = lz4.compress(data).slice();
    assert.deepEqual(lz4.decompress(compressed, data.length), data.slice());
  }
});

Deno.test("text shrinks, noise grows by a few bytes a block", () => {
  assert.ok(lz4.compress(prose(100_000)).length < 50_000);
  assert.equal(lz4.compress(noise(100_000)).length, 100_000 + 7 + 4 + 8);
});

Deno.test("every legal frame is read", () => {
  const data = noise(1000);
  const blocks = [{ raw: data.subarray(0, 600) }, { raw: data.subarray(600) }];
  for (const blockCode of [4, 5, 6, 7]) {
    for (const flags of [0x60, 0x64, 0x70, 0x74, 0x40, 0x44]) {
      for (const contentSize of [undefined, 1000]) {
        assert.deepEqual(lz4.decompress(frame(data, blocks, { flags, blockCode, contentSize }), 1000), data);
      }
    }
  }
});

Deno.test("empty raw blocks are passed over, anywhere", () => {
  const empty = { raw: new Uint8Array(0) };
  assert.deepEqual(lz4.decompress(frame(hello, [empty, { raw: hello }, empty, empty]), 5), hello);
});

Deno.test("linked blocks refer to the block before, independent ones must not", () => {
  // A literal-free match of 4 at distance 5, then five literals.
  const block = Uint8Array.of(0x00, 5, 0, 0x50, ...hello);
  const content = new TextEncoder().encode("hellohellhello");
  const blocks = [{ raw: hello }, { lz4: block }];
  assert.deepEqual(lz4.decompress(frame(content, blocks, { flags: 0x44 }), 100), content);
  assert.throws(() => lz4.decompress(frame(content, blocks), 100), corrupt);
});

Deno.test("frames to be skipped are passed over, what follows the first frame is not read", () => {
  const skipped = concat(fromHex("5a2a4d1803000000"), Uint8Array.of(1, 2, 3));
  assert.deepEqual(lz4.decompress(concat(skipped, lz4.compress(hello), hello), 5), hello);
});

Deno.test("no bytes at all decompress to none", () => {
  assert.equal(lz4.decompress(new Uint8Array(0), 0).length, 0);
});

Deno.test("more bytes than expected are refused, without being made", () => {
  const bomb = lz4.compress(new Uint8Array(4 << 20)).slice();
  for (const limit of [0, 1, 1000, (4 << 20) - 1]) {
    assert.throws(
      () => lz4.decompress(bomb, limit),
      (e) => corrupt(e) && /expected/.test(String(e)),
      `${limit}`,
    );
  }
  assert.equal(lz4.decompress(bomb, 4 << 20).length, 4 << 20);
  assert.throws(() => lz4.decompress(lz4.compress(noise(100)).slice(), 99), corrupt);
});

Deno.test("damage never passes: any changed byte, any cut", () => {
  for (const data of [prose(300), noise(50)]) {
    const whole = lz4.compress(data).slice();
    for (let at = 0; at < whole.length; at++) {
      assert.throws(() => lz4.decompress(whole.slice(0, at || 1), data.length), corrupt, `cut at ${at}`);
      for (const bit of [1, 16, 128]) {
        const damaged = whole.slice();
        damaged[at] ^= bit;
        try {
          // A match may by chance be as good at another distance.
          assert.deepEqual(lz4.decompress(damaged, data.length), data);
        } catch (error) {
          assert.ok(corrupt(error), `byte ${at}, bit ${bit}: ${error}`);
        }
      }
    }
  }
});

Deno.test("damaged blocks never write outside their place nor read outside the block", () => {
  withSeed((random) => {
    const blocks = [prose(2000), new Uint8Array(3000), noise(64)].map((data) => lz4.compress(data).slice());
    for (let round = 0; round < 3000; round++) {
      const whole = random.pick(...blocks);
      const damaged = whole.slice();
      for (let i = 0; i <= random.below(3); i++) {
        damaged[11 + random.below(whole.length - 19)] = random.below(256);
      }
      try {
        assert.ok(lz4.decompress(damaged, 3000).length <= 3000);
      } catch (error) {
        assert.ok(corrupt(error), String(error));
      }
    }
  });
});

Deno.test("headers that are not legal are refused", () => {
  for (const flags of [0x24, 0xa4, 0x66, 0x65]) {
    assert.throws(() => lz4.decompress(frame(hello, [{ raw: hello }], { flags }), 100), corrupt);
  }
  for (const blockCode of [0, 3, 8, 15]) {
    assert.throws(() => lz4.decompress(frame(hello, [{ raw: hello }], { blockCode }), 100), corrupt);
  }
  assert.throws(() => lz4.decompress(frame(hello, [{ raw: hello }], { contentSize: 4 }), 100), corrupt);
  assert.throws(() => lz4.decompress(frame(hello, [{ raw: hello }], { contentSize: 2 ** 31 }), 100), corrupt);
  const tooBig = frame(noise(65537), [{ raw: noise(65537) }], { blockCode: 4 });
  assert.throws(() => lz4.decompress(tooBig, 70_000), corrupt);
});
