import assert from "node:assert/strict";
import { compareBytes, comparePaths } from "../../src/kloset/path_order.ts";
import { join } from "../../src/lib/byte_path.ts";
import { type ByteString, ROOT } from "../../src/lib/byte_string.ts";
import { type PathRow, PathTable } from "../../src/snapshot/path_table.ts";

const NAMES = ["a", "a-b", "a.b", "a b", "a0", "A", "b", "\xff", "\x01", "a\xe9"] as ByteString[];
const TYPES = ["text/plain", "text/plain-x", "image/png", "application/x-not-regular-file"];

function macOf(n: number): Uint8Array {
  const mac = new Uint8Array(32);
  new DataView(mac.buffer).setUint32(0, n);
  return mac;
}

function keysOf(pairs: { length: number; key(i: number): ByteString }): ByteString[] {
  return Array.from({ length: pairs.length }, (_, i) => pairs.key(i));
}

/** A random tree, and what its two indexes must hold. */
function randomTree(random: () => number) {
  const table = new PathTable();
  const byPath = new Map<ByteString, Uint8Array>([[ROOT, macOf(0)]]);
  const byType = new Map<ByteString, Uint8Array>();
  const directories: { path: ByteString; rows: PathRow[] }[] = [];
  const fill = (path: ByteString, depth: number) => {
    const rows: PathRow[] = [];
    for (const name of NAMES.filter(() => random() < 0.6).sort()) {
      const mac = macOf(byPath.size);
      const child = join(path, name);
      byPath.set(child, mac);
      if (depth < 4 && random() < 0.4) {
        rows.push({ name, mac });
        fill(child, depth + 1);
      } else {
        const contentType = TYPES[Math.floor(random() * TYPES.length)];
        rows.push({ name, mac, contentType });
        byType.set("/" + contentType + child as ByteString, mac);
      }
    }
    directories.push({ path, rows });
  };
  fill(ROOT, 0);
  directories.sort(() => random() - 0.5);
  for (const { path, rows } of directories) table.addDirectory(path, rows);
  return { table, byPath, byType };
}

Deno.test("both trees come out in their own order, with the right ids, whatever order directories came in", () => {
  for (let seed = 1; seed <= 40; seed++) {
    let state = seed * 2654435761 >>> 0;
    const random = () => (state = (state * 1664525 + 1013904223) >>> 0) / 2 ** 32;
    const { table, byPath, byType } = randomTree(random);
    const paths = table.byPath(macOf(0));
    assert.deepEqual(keysOf(paths), [...byPath.keys()].sort(comparePaths), `seed ${seed}`);
    const types = table.byContentType();
    assert.deepEqual(keysOf(types), [...byType.keys()].sort(compareBytes), `seed ${seed}`);
    for (let i = 0; i < paths.length; i++) assert.deepEqual(paths.value(i), byPath.get(paths.key(i)));
    for (let i = 0; i < types.length; i++) assert.deepEqual(types.value(i), byType.get(types.key(i)));
  }
});

Deno.test("tables of many rows keep every name and id", () => {
  const table = new PathTable();
  const expected = new Map<ByteString, Uint8Array>([[ROOT, macOf(0)]]);
  const rows = Array.from({ length: 20_000 }, (_, i) => {
    const name = String(i).padStart(i % 50 === 0 ? 255 : 8, "0") as ByteString;
    expected.set(join(ROOT, name), macOf(i + 1));
    return { name, mac: macOf(i + 1), contentType: "text/plain" };
  });
  table.addDirectory(ROOT, rows.sort((a, b) => compareBytes(a.name, b.name)));
  const paths = table.byPath(macOf(0));
  assert.equal(paths.length, expected.size);
  for (let i = 0; i < paths.length; i++) assert.deepEqual(paths.value(i), expected.get(paths.key(i)));
});

Deno.test("a snapshot of nothing has the root only", () => {
  const table = new PathTable();
  table.addDirectory(ROOT, []);
  assert.deepEqual(keysOf(table.byPath(macOf(0))), ["/"]);
  assert.equal(table.byContentType().length, 0);
});
