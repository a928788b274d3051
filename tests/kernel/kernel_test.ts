import assert from "node:assert/strict";
import { Kernel, kernelArena, useKernel } from "../../src/kernel/kernel.ts";
import { FastCdc, LEGACY_MASKS, masksFor } from "../../src/chunking/fastcdc.ts";
import { lz4 } from "../../src/compression/lz4_frame.ts";
import { createMac } from "../../src/crypto/mac.ts";
import { equal } from "../../src/lib/bytes.ts";
import { noise, prose } from "../crypto/vectors.ts";
import { type Random, withSeed } from "../kloset/vectors.ts";
import { ReferenceBlake3 } from "./reference/blake3.ts";
import { cutPlainly } from "./reference/fastcdc.ts";
import { compressPlainly, decompressPlainly } from "./reference/lz4_block.ts";

/** Data of any length and kind, at any alignment, outside the kernel or in its arena. */
function anyData(random: Random): Uint8Array {
  const length = random.below(random.bool() ? 5000 : 200_000);
  const data = random.pick(noise, prose, (n: number) => new Uint8Array(n))(length, random.below(2 ** 31));
  const start = random.below(17);
  const home = random.bool() ? kernelArena() : new Uint8Array(length + start);
  home.set(data, start);
  return home.subarray(start, start + length);
}

Deno.test("the code is what its source builds", async () => {
  const script = new URL("../../scripts/kernels.ts", import.meta.url).pathname;
  const args = ["run", "--allow-read", "--allow-write", "--allow-env", script, "--check"];
  const { success, stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "null" }).output();
  assert.ok(success, new TextDecoder().decode(stdout));
});

Deno.test("hashing agrees with the reference", () => {
  withSeed((random) => {
    const key = random.bytes(32);
    const mac = createMac("BLAKE3", key);
    for (let round = 0; round < 60; round++) {
      const data = anyData(random);
      const reference = new ReferenceBlake3(key);
      reference.update(data);
      assert.deepEqual(mac.mac(data), reference.digest(), `length ${data.length}`);
    }
  });
});

Deno.test("cuts agree with the reference", () => {
  withSeed((random) => {
    for (let round = 0; round < 200; round++) {
      const data = anyData(random);
      const [min, normal, max] = random.pick([64, 256, 4096], [2048, 8192, 65536], [1000, 70_000, 150_000]);
      const masks = random.pick(LEGACY_MASKS, masksFor(min, normal, max));
      const cut = new FastCdc(min, normal, max, masks).cut(data, 0, data.length);
      assert.equal(cut, cutPlainly(data, min, normal, max, masks), `length ${data.length}`);
    }
  });
});

Deno.test("blocks of the kernel are read by the reference, and the other way round", () => {
  const kernel = useKernel();
  const { STAGE: stage, OUTPUT: output } = kernel.at;
  withSeed((random) => {
    for (let round = 0; round < 200; round++) {
      const data = anyData(random);
      if (data.length === 0) continue;
      const frame = lz4.compress(data).slice();
      const size = new DataView(frame.buffer).getUint32(7, true);
      const block = frame.subarray(11, 11 + (size & 0x7fffffff));
      const out = new Uint8Array(data.length);
      if (size >= 2 ** 31) out.set(block);
      else assert.equal(decompressPlainly(block, out, 0, out.length, 0), data.length);
      assert.ok(equal(out, data), `length ${data.length}`);

      const plain = new Uint8Array(data.length + (data.length >> 4) + 64);
      const length = compressPlainly(data, plain);
      kernel.memory.set(plain.subarray(0, length), stage);
      const got = kernel.run.decompressBlock(stage, length, output, data.length, output);
      assert.equal(got, data.length);
      assert.ok(equal(kernel.memory.subarray(output, output + got), data), `length ${data.length}`);
    }
  });
});

Deno.test("long blocks in a row do not match what earlier ones left in the table", () => {
  for (let i = 0; i < 40; i++) {
    const data = i % 2 === 0 ? prose(3_000_000, 5) : prose(70_000, i);
    assert.ok(equal(lz4.decompress(lz4.compress(data).slice(), data.length), data), `block ${i}`);
  }
});

Deno.test("what lies in the arena is neither moved nor changed by any work on it", () => {
  const data = prose(9_000_000);
  const arena = kernelArena();
  arena.set(data);
  const view = arena.subarray(0, data.length);
  const frame = lz4.compress(view).slice();
  createMac("BLAKE3", noise(32)).mac(view);
  lz4.decompress(frame, data.length);
  assert.ok(equal(view, data));
});

Deno.test("the kernel's memory is bounded and does not grow", () => {
  const { memory } = useKernel();
  assert.ok(memory.length <= 24 * 2 ** 20);
  lz4.decompress(lz4.compress(new Uint8Array(20_000_000)).slice(), 20_000_000);
  assert.equal(useKernel().memory.buffer.byteLength, memory.length);
});

Deno.test("kernels are apart: one instance does not see another's work", () => {
  const [a, b] = [new Kernel(), new Kernel()];
  a.memory.fill(7, a.at.ARENA, a.at.ARENA + 100);
  assert.equal(b.memory[b.at.ARENA], 0);
});

Deno.test("workers have a kernel each", async () => {
  const workers = [1, 2, 3].map(() =>
    new Worker(new URL("./mac_worker.ts", import.meta.url), { type: "module" })
  );
  try {
    const mac = createMac("BLAKE3", new Uint8Array(32));
    const replies = workers.map((worker, i) =>
      new Promise<Uint8Array>((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = reject;
        worker.postMessage(noise(200_000, i + 1));
      })
    );
    const macs = await Promise.all(replies);
    macs.forEach((reply, i) => assert.deepEqual(reply, mac.mac(noise(200_000, i + 1))));
  } finally {
    for (const worker of workers) worker.terminate();
  }
});
