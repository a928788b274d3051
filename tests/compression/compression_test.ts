import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { createCompression } from "../../src/compression/compression.ts";
import { concat } from "../../src/lib/bytes.ts";
import { isPlakarError } from "../../src/lib/errors.ts";
import { noise, prose } from "../crypto/vectors.ts";

const corrupt = (error: unknown) => isPlakarError(error, "corrupt");

Deno.test("every compression gives back what it was given", () => {
  for (const name of ["LZ4", "GZIP", undefined]) {
    const compression = createCompression(name);
    for (const data of [new Uint8Array(0), noise(1), noise(5000), prose(200_000)]) {
      const compressed = compression.compress(data).slice();
      assert.deepEqual(new Uint8Array(compression.decompress(compressed, data.length)), data);
    }
  }
});

Deno.test("every compression refuses more bytes than expected", () => {
  for (const name of ["LZ4", "GZIP", undefined]) {
    const compression = createCompression(name);
    const compressed = compression.compress(prose(1000)).slice();
    assert.throws(() => compression.decompress(compressed, 999), corrupt, `${name}`);
    assert.throws(() => compression.decompress(compressed, 0), corrupt, `${name}`);
  }
});

Deno.test("GZIP is one member that others read, and several members are read", () => {
  const gzip = createCompression("GZIP");
  const data = prose(1000);
  const member = gzip.compress(data).slice();
  assert.deepEqual(new Uint8Array(gunzipSync(member)), data);
  assert.deepEqual(new Uint8Array(gzip.decompress(concat(member, member), 2000)), concat(data, data));
});

Deno.test("GZIP that is damaged, cut off or followed by garbage is refused", () => {
  const gzip = createCompression("GZIP");
  const member = gzip.compress(prose(1000)).slice();
  const damaged = new Uint8Array(member);
  damaged[damaged.length - 6] ^= 1;
  for (const bad of [damaged, member.subarray(0, -1), concat(member, noise(3)), new Uint8Array(0)]) {
    assert.throws(() => gzip.decompress(bad, 2000), corrupt);
  }
});

Deno.test("unknown compressions are refused", () => {
  for (const name of ["ZSTD", "lz4", ""]) {
    assert.throws(() => createCompression(name), (error) => isPlakarError(error, "unsupported"));
  }
});
