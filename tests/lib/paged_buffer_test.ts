import assert from "node:assert/strict";
import { PagedBuffer } from "../../src/lib/paged_buffer.ts";

Deno.test("what is reserved at once lies in one page, and stays where it is", () => {
  const buffer = new PagedBuffer(100);
  const sizes = [1, 99, 60, 41, 100, 7, 93];
  const written = sizes.map((size, i) => {
    const at = buffer.reserve(size);
    const { bytes, offset } = buffer.locate(at);
    bytes.fill(i + 1, offset, offset + size);
    assert.ok(offset + size <= 100);
    return at;
  });
  assert.deepEqual(written, [0, 1, 100, 200, 300, 400, 407]);
  sizes.forEach((size, i) => {
    const { bytes, view, offset } = buffer.locate(written[i]);
    assert.deepEqual(bytes.subarray(offset, offset + size), new Uint8Array(size).fill(i + 1));
    assert.equal(view.getUint8(offset), i + 1);
  });
});

Deno.test("rows of equal size follow each other without a gap", () => {
  const buffer = new PagedBuffer(4 * 38);
  for (let row = 0; row < 30; row++) assert.equal(buffer.reserve(38), row * 38);
});

Deno.test("more than a page cannot be reserved at once", () => {
  const buffer = new PagedBuffer(10);
  buffer.reserve(10);
  assert.throws(() => buffer.reserve(11), RangeError);
  assert.equal(buffer.reserve(10), 10);
});
