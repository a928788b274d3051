import assert from "node:assert/strict";
import { decodeBTree, decodeNode, encodeBTree, encodeNode } from "../../src/kloset/btree.ts";
import { fromHex } from "../../src/lib/bytes.ts";
import { isPlakarError } from "../../src/lib/errors.ts";
import {
  assertBytes,
  assertHostileRefused,
  assertSturdy,
  assertTruncationRefused,
  msgpackVector,
  treeMac,
  trees,
} from "./vectors.ts";

const corrupt = (error: unknown) => isPlakarError(error, "corrupt");

Deno.test("nodes and roots have the bytes that Go writes, and read back", () => {
  for (const name of ["node_empty", "node_leaf", "node_leaf_next", "node_internal"]) {
    assertBytes(encodeNode(decodeNode(msgpackVector(name))), msgpackVector(name));
  }
  assertBytes(encodeBTree(decodeBTree(msgpackVector("btree_root"))), msgpackVector("btree_root"));
});

Deno.test("every node of plakar's trees reads back to its bytes and its id", () => {
  for (const tree of trees) {
    for (const { hex, mac, leaf, nkeys, first, last } of tree.nodes_in_put_order) {
      // The largest tree gives only ids, which the tests of loading whole trees compare.
      if (hex === undefined) continue;
      const node = decodeNode(fromHex(hex));
      assert.equal(node.pointers.length === 0, leaf);
      assert.equal(node.keys.length, nkeys);
      assert.equal(node.keys[0] ?? "", first);
      assert.equal(node.keys.at(-1) ?? "", last);
      assertBytes(encodeNode(node), hex);
      assertBytes(treeMac(fromHex(hex)), mac);
    }
    const root = decodeBTree(fromHex(tree.btree_root_blob_hex));
    assert.equal(root.order, 50);
    assertBytes(root.root, tree.root_node_mac);
    assertBytes(encodeBTree(root), tree.btree_root_blob_hex);
    assertBytes(treeMac(encodeBTree(root)), tree.btree_root_mac);
  }
});

Deno.test("a tree of an order below three is corruption", () => {
  assert.throws(() => decodeBTree(encodeBTree({ order: 2, root: new Uint8Array(32) })), corrupt);
  assert.throws(() => decodeBTree(fromHex("80")), corrupt);
});

Deno.test("keys, pointers and values that do not belong together are corruption", () => {
  const mac = new Uint8Array(32);
  const key = decodeNode(msgpackVector("node_leaf")).keys[0];
  const wrong = [
    { keys: [key], pointers: [], values: [] },
    { keys: [], pointers: [], values: [mac] },
    { keys: [key], pointers: [mac], values: [] },
    { keys: [key], pointers: [mac, mac, mac], values: [] },
  ];
  for (const node of wrong) {
    assert.throws(() => decodeNode(encodeNode({ ...node, next: undefined })), corrupt);
  }
});

Deno.test("an empty leaf has no neighbour", () => {
  const node = { keys: [], pointers: [], values: [], next: new Uint8Array(32) };
  assert.throws(() => decodeNode(encodeNode(node)), corrupt);
});

Deno.test("damage to a node or root is an error that says so", () => {
  for (const name of ["node_leaf_next", "node_internal"]) {
    assertTruncationRefused(msgpackVector(name), decodeNode);
    assertSturdy(msgpackVector(name), decodeNode);
  }
  assertTruncationRefused(msgpackVector("btree_root"), decodeBTree);
  assertSturdy(msgpackVector("btree_root"), decodeBTree);
  assertHostileRefused(decodeNode);
  assertHostileRefused(decodeBTree);
});
