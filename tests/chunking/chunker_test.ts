import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { type Chunker, createChunker } from "../../src/chunking/chunker.ts";
import { isPlakarError } from "../../src/lib/errors.ts";
import { noise } from "../crypto/vectors.ts";
import { withSeed } from "../kloset/vectors.ts";

interface ChunkingVector {
  algorithm: string;
  data: string;
  lengths: number[];
  min: number;
  normal: number;
  max: number;
}

function read<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8"));
}

/** SHA256(LE64(0)) || SHA256(LE64(1)) || … */
function counterStream(length: number): Uint8Array {
  const bytes = new Uint8Array(Math.ceil(length / 32) * 32);
  const counter = new Uint8Array(8);
  for (let i = 0; i * 32 < length; i++) {
    new DataView(counter.buffer).setUint32(0, i, true);
    bytes.set(createHash("sha256").update(counter).digest(), i * 32);
  }
  return bytes.subarray(0, length);
}

const stream = counterStream(33554432);

function vectorData(name: string): Uint8Array {
  const [kind, length] = name.split(":");
  return kind === "zeros" ? new Uint8Array(Number(length)) : stream.subarray(0, Number(length));
}

function cutAll(chunker: Chunker, data: Uint8Array): number[] {
  const lengths: number[] = [];
  let at = 0;
  do {
    const length = chunker.cut(data, at, data.length);
    lengths.push(length);
    at += length;
  } while (at < data.length);
  return lengths;
}

Deno.test("every algorithm cuts where plakar's chunker cuts", () => {
  for (const vector of read<{ chunking: ChunkingVector[] }>("repository").chunking) {
    const { algorithm, min, normal, max } = vector;
    const chunker = createChunker({ algorithm, minSize: min, normalSize: normal, maxSize: max });
    const name = `${algorithm} ${vector.data} ${min}/${normal}/${max}`;
    // A vector may have been made of the beginning of its data only.
    const total = vector.lengths.reduce((sum, length) => sum + length, 0);
    const lengths = cutAll(chunker, vectorData(vector.data).subarray(0, total));
    assert.deepEqual(lengths, vector.lengths, name);
  }
});

Deno.test("the cuts of FastCDC on an xorshift stream are plakar's", () => {
  const vector = read<{ params: Record<string, number>; chunk_lengths: number[] }>("fastcdc-cuts");
  const words = new Uint32Array(3 << 20);
  let x = 2463534242;
  for (let i = 0; i < words.length; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    words[i] = x;
  }
  const { min, normal, max } = vector.params;
  const chunker = createChunker({
    algorithm: "FASTCDC-v1.0.0",
    minSize: min,
    normalSize: normal,
    maxSize: max,
  });
  const lengths = cutAll(chunker, new Uint8Array(words.buffer));
  assert.deepEqual(lengths.slice(0, vector.chunk_lengths.length), vector.chunk_lengths);
});

Deno.test("where a chunk ends depends neither on what is before it nor on where it lies", () => {
  withSeed((random) => {
    for (const algorithm of ["fastcdc-v1.0.0", "fastcdc", "ultracdc"]) {
      const chunker = createChunker({ algorithm, minSize: 128, normalSize: 1024, maxSize: 4096 });
      for (let round = 0; round < 100; round++) {
        const data = noise(random.below(6000), round + 1);
        const shifted = noise(data.length + 300, 99);
        const start = random.below(300);
        shifted.set(data, start);
        const expected = chunker.cut(data, 0, data.length);
        assert.equal(chunker.cut(shifted, start, start + data.length), expected);
        assert.ok(expected <= Math.min(4096, data.length));
        assert.ok(expected >= Math.min(128, data.length));
      }
    }
  });
});

Deno.test("sizes of zero stand for the defaults", () => {
  const chunker = createChunker({ algorithm: "fastcdc", minSize: 0, normalSize: 0, maxSize: 0 });
  assert.deepEqual([chunker.minSize, chunker.normalSize, chunker.maxSize], [2048, 8192, 65536]);
});

Deno.test("unknown algorithms and impossible sizes are refused", () => {
  const sizes = { minSize: 128, normalSize: 1024, maxSize: 4096 };
  const refused = (params: Parameters<typeof createChunker>[0]) =>
    assert.throws(() => createChunker(params), (error) => isPlakarError(error, "unsupported"));
  refused({ algorithm: "jc", ...sizes });
  refused({ algorithm: "fastcdc", ...sizes, minSize: 1 });
  refused({ algorithm: "fastcdc", ...sizes, maxSize: 1000 });
  refused({ algorithm: "fastcdc", ...sizes, maxSize: 2 ** 31 });
  refused({ algorithm: "fastcdc", ...sizes, normalSize: 1000.5 });
});
