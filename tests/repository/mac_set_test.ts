import assert from "node:assert/strict";
import { MacSet } from "../../src/repository/mac_set.ts";
import { randomBytes } from "../../src/crypto/random.ts";

Deno.test("only the first who adds a blob is told so", () => {
  const set = new MacSet();
  const mac = randomBytes(32);
  assert.equal(set.add(9, mac), true);
  assert.equal(set.add(9, mac), false);
  assert.equal(set.add(7, mac), true, "another type is another blob");
});

Deno.test("the set grows past its first segment and forgets nothing", () => {
  const set = new MacSet();
  const macs = Array.from({ length: 100_000 }, () => randomBytes(32));
  for (const mac of macs) assert.equal(set.add(9, mac), true);
  for (const mac of macs) assert.equal(set.add(9, mac), false);
});

Deno.test("only the first who marks a blob is told so, and what was not added cannot be marked", () => {
  const set = new MacSet();
  const macs = Array.from({ length: 200_000 }, () => randomBytes(32));
  for (const mac of macs) assert.equal(set.mark(9, mac), undefined);
  for (const mac of macs) assert.equal(set.add(9, mac), true);
  for (const [i, mac] of macs.entries()) if (i % 2 === 0) assert.equal(set.mark(9, mac), true);
  for (const [i, mac] of macs.entries()) assert.equal(set.mark(9, mac), i % 2 === 1);
  for (const mac of macs) assert.equal(set.add(9, mac), false);
  assert.equal(set.mark(7, macs[0]), undefined, "another type is another blob");
});

Deno.test("blobs are told apart by every bit of the first half of their MACs", () => {
  const set = new MacSet();
  const mac = new Uint8Array(32).fill(0xff);
  assert.equal(set.add(9, mac), true);
  for (let bit = 0; bit < 128; bit++) {
    const other = mac.slice();
    other[bit >>> 3] ^= 1 << (bit & 7);
    assert.equal(set.add(9, other), true, `bit ${bit}`);
  }
  for (const value of [0, 1]) assert.equal(set.add(9, new Uint8Array(32).fill(value)), true);
  assert.equal(set.add(9, new Uint8Array(32)), false);
});

Deno.test("of several workers that meet the same blobs, exactly one adds each and one marks it", async () => {
  const set = new MacSet();
  const count = 50_000;
  const macs = randomBytes(count * 32);
  const source = `
    import { MacSet } from ${
    JSON.stringify(new URL("../../src/repository/mac_set.ts", import.meta.url).href)
  };
    self.onmessage = ({ data }) => {
      const set = new MacSet(data.buffer);
      let added = 0;
      let marked = 0;
      for (let i = 0; i < ${count}; i++) {
        const mac = data.macs.subarray(i * 32, i * 32 + 32);
        if (set.add(9, mac)) added++;
        if (set.mark(9, mac)) marked++;
      }
      self.postMessage([added, marked]);
      self.close();
    };`;
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const counts = await Promise.all([1, 2, 3].map(() => {
    const worker = new Worker(url, { type: "module" });
    return new Promise<[number, number]>((resolve) => {
      worker.onmessage = ({ data }) => {
        worker.terminate();
        resolve(data);
      };
      worker.postMessage({ buffer: set.buffer, macs });
    });
  }));
  URL.revokeObjectURL(url);
  assert.equal(counts.reduce((sum, [added]) => sum + added, 0), count);
  assert.equal(counts.reduce((sum, [, marked]) => sum + marked, 0), count);
});
