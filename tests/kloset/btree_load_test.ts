import assert from "node:assert/strict";
import type { ByteString } from "../../src/lib/byte_string.ts";
import { toBytes } from "../../src/lib/byte_string.ts";
import { decodeBTree, decodeNode } from "../../src/kloset/btree.ts";
import type { SortedPairs, TreeBlob, TreeShape } from "../../src/kloset/btree_load.ts";
import { bulkLoad, packedShape, plakarShape } from "../../src/kloset/btree_load.ts";
import { macKey } from "../../src/kloset/mac.ts";
import { toHex } from "../../src/lib/bytes.ts";
import { treeMac, trees, withSeed } from "./vectors.ts";

/** Pairs of keys and, as in the vectors, the MACs of the keys. */
function pairsOf(keys: string[]): SortedPairs {
  return {
    length: keys.length,
    key: (index) => keys[index] as ByteString,
    value: (index) => treeMac(toBytes(keys[index] as ByteString)),
  };
}

const numbered = (count: number) =>
  Array.from({ length: count }, (_, i) => `/d/f${String(i).padStart(5, "0")}`);

/** Checks everything that a reader relies on, and returns all keys as a scan meets them. */
function scan(blobs: TreeBlob[]): string[] {
  const byMac = new Map(blobs.map(({ mac, bytes }) => [macKey(mac), bytes]));
  const read = (mac: Uint8Array) => {
    const bytes = byMac.get(macKey(mac));
    assert.ok(bytes, "a node refers to a blob that was never given");
    return decodeNode(bytes);
  };
  const depths = new Set<number>();
  const leaves: string[] = [];
  /** Checks a subtree whose keys must lie from `low` to before `high`. */
  const check = (mac: Uint8Array, low: string, high: string | undefined, depth: number) => {
    const node = read(mac);
    assert.ok(node.keys.length < 50);
    for (let i = 1; i < node.keys.length; i++) assert.ok(node.keys[i - 1] < node.keys[i]);
    for (const key of node.keys) assert.ok(low <= key && (high === undefined || key < high));
    if (node.pointers.length === 0) {
      depths.add(depth);
      leaves.push(toHex(mac));
      assert.ok(node.keys.length > 0 || depth === 0, "only the root may be an empty leaf");
      return;
    }
    assert.ok(node.pointers.length >= 2);
    assert.equal(node.next, undefined);
    node.pointers.forEach((child, i) =>
      check(child, node.keys[i - 1] ?? low, node.keys[i] ?? high, depth + 1)
    );
  };
  const root = blobs.at(-1);
  assert.equal(root?.kind, "root");
  const first = decodeBTree(root?.bytes ?? new Uint8Array());
  check(first.root, "", undefined, 0);
  assert.equal(depths.size, 1);

  let leaf = read(first.root);
  while (leaf.pointers.length > 0) leaf = read(leaf.pointers[0]);
  const keys: string[] = [];
  const chain: string[] = [];
  for (;;) {
    keys.push(...leaf.keys);
    leaf.keys.forEach((key, i) => assert.equal(toHex(leaf.values[i]), toHex(treeMac(toBytes(key)))));
    if (leaf.next === undefined) break;
    chain.push(toHex(leaf.next));
    leaf = read(leaf.next);
  }
  assert.deepEqual(chain, leaves.slice(1), "the chain of leaves is not their order in the tree");
  return keys;
}

const SHAPES: [string, TreeShape][] = [["packed", packedShape], ["plakar's", plakarShape]];
const COUNTS = [0, 1, 2, 48, 49, 50, 51, 75, 76, 98, 99, 100, 1274, 1275, 1350, 2450, 2451, 2500];

for (const [name, shape] of SHAPES) {
  Deno.test(`a tree of ${name} shape keeps what readers rely on, whatever its size`, () => {
    withSeed((random) => {
      for (const count of [...COUNTS, random.below(4000)]) {
        const keys = numbered(count);
        assert.deepEqual(scan([...bulkLoad(pairsOf(keys), treeMac, shape)]), keys, `${count} keys`);
      }
    });
  });
}

Deno.test("a tree of three levels of inner nodes keeps what readers rely on", () => {
  const keys = numbered(40_000);
  assert.deepEqual(scan([...bulkLoad(pairsOf(keys), treeMac, plakarShape)]), keys);
});

Deno.test("plakar's shape gives plakar's nodes and roots to the byte", () => {
  const cases = [["empty", []], ["three-desc", ["/", "/a", "/b"]]] as [string, string[]][];
  for (const count of [49, 50, 120, 5000]) cases.push([`${count}-desc`, numbered(count)]);
  for (const [name, keys] of cases) {
    const vector = trees.find((tree) => tree.name === name);
    assert.ok(vector);
    const blobs = [...bulkLoad(pairsOf(keys), treeMac, plakarShape)];
    const nodes = blobs.slice(0, -1).map(({ mac }) => toHex(mac));
    assert.deepEqual(nodes.sort(), vector.nodes_in_put_order.map(({ mac }) => mac).sort(), name);
    assert.equal(toHex(blobs.at(-1)?.mac ?? new Uint8Array()), vector.btree_root_mac);
  }
});

Deno.test("a packed tree has the fewest leaves, evenly filled", () => {
  for (let count = 1; count < 500; count++) {
    const sizes = packedShape(count, 49);
    assert.equal(sizes.length, Math.ceil(count / 49));
    assert.equal(sizes.reduce((a, b) => a + b), count);
    assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1 && Math.max(...sizes) <= 49);
  }
});

Deno.test("no blob comes before one that it refers to", () => {
  const seen = new Set<string>();
  for (const { mac, bytes, kind } of bulkLoad(pairsOf(numbered(3000)), treeMac)) {
    const node = kind === "node" ? decodeNode(bytes) : undefined;
    const needed = node ? [...node.pointers, ...(node.next ? [node.next] : [])] : [decodeBTree(bytes).root];
    for (const id of needed) assert.ok(seen.has(toHex(id)));
    seen.add(toHex(mac));
  }
});
