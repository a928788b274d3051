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

Deno.test("of several workers that meet the same blobs, exactly one adds each", async () => {
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
      for (let i = 0; i < ${count}; i++) if (set.add(9, data.macs.subarray(i * 32, i * 32 + 32))) added++;
      self.postMessage(added);
      self.close();
    };`;
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const added = await Promise.all([1, 2, 3].map(() => {
    const worker = new Worker(url, { type: "module" });
    return new Promise<number>((resolve) => {
      worker.onmessage = ({ data }) => {
        worker.terminate();
        resolve(data);
      };
      worker.postMessage({ buffer: set.buffer, macs });
    });
  }));
  URL.revokeObjectURL(url);
  assert.equal(added.reduce((a, b) => a + b), count);
});
