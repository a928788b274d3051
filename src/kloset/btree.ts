/** Trees: what every list of a snapshot is kept in. One blob is the root, the others are nodes. */

import type { ByteString } from "../lib/byte_string.ts";
import { ZERO_MAC } from "../lib/bytes.ts";
import { MsgpackReader } from "./msgpack_reader.ts";
import { MsgpackWriter } from "./msgpack_writer.ts";

/** The order of all trees that are written: a node has fewer keys than this. */
export const BTREE_ORDER = 50;

/** The root blob of a tree. */
export interface BTree {
  /** How many pointers a node has at most. */
  order: number;
  /** The id of the root node. */
  root: Uint8Array;
}

/** A node. It is a leaf if it has no pointers. */
export interface BTreeNode {
  /** The keys of a leaf; of an inner node the smallest keys of all children but the first. */
  keys: ByteString[];
  /** The ids of the children of an inner node, one more than keys. */
  pointers: Uint8Array[];
  /** The values of a leaf, as many as keys. */
  values: Uint8Array[];
  /** The leaf to the right, if there is one. */
  next: Uint8Array | undefined;
}

const TREE_FIELDS = ["Version", "Order", "Count", "Root"] as const;
const NODE_FIELDS = ["version", "keys", "pointers", "values", "prev", "next"] as const;

const writer = new MsgpackWriter();

/**
 * Encodes the root blob of a tree byte for byte as plakar does.
 *
 * @param tree what to encode
 * @returns the plain blob
 */
export function encodeBTree(tree: BTree): Uint8Array {
  writer.reset();
  writer.mapHeader(TREE_FIELDS.length);
  writer.key("Version");
  writer.uint32(0);
  writer.key("Order");
  writer.compactInt(tree.order);
  writer.key("Count");
  writer.compactInt(0);
  writer.key("Root");
  writer.bin(tree.root);
  return writer.take();
}

/**
 * Decodes the root blob of a tree.
 *
 * @param bytes the plain blob, of which the id is a view
 * @returns the tree
 * @throws {PlakarError} `corrupt` if it is none
 */
export function decodeBTree(bytes: Uint8Array): BTree {
  const reader = new MsgpackReader(bytes, "tree");
  const tree: BTree = { order: 0, root: ZERO_MAC };
  reader.readMap(TREE_FIELDS, (field) => {
    if (field === "Order") tree.order = reader.integer();
    else if (field === "Root") tree.root = reader.mac();
    else reader.skip();
  });
  if (tree.order < 3) throw reader.error(`its order is ${tree.order}`);
  return tree;
}

/**
 * Encodes a node byte for byte as plakar does.
 *
 * @param node what to encode
 * @returns the plain blob
 */
export function encodeNode(node: BTreeNode): Uint8Array {
  writer.reset();
  writer.mapHeader(node.next === undefined ? 4 : 5);
  writer.key("version");
  writer.uint32(0);
  writer.key("keys");
  writeList(node.keys.length);
  for (const key of node.keys) writer.str(key);
  writer.key("pointers");
  writeList(node.pointers.length);
  for (const pointer of node.pointers) writer.bin(pointer);
  writer.key("values");
  writeList(node.values.length);
  for (const value of node.values) writer.bin(value);
  if (node.next !== undefined) {
    writer.key("next");
    writer.bin(node.next);
  }
  return writer.take();
}

/** Go never made the lists that stay empty, and writes them as nil. */
function writeList(length: number): void {
  if (length === 0) writer.nil();
  else writer.arrayHeader(length);
}

/**
 * Decodes a node. The order of its keys and where its pointers lead is not looked at.
 *
 * @param bytes the plain blob, of which ids and values are views
 * @returns the node
 * @throws {PlakarError} `corrupt` if it is none, or if keys, pointers and values do not belong together
 */
export function decodeNode(bytes: Uint8Array): BTreeNode {
  const reader = new MsgpackReader(bytes, "tree node");
  const node: BTreeNode = { keys: [], pointers: [], values: [], next: undefined };
  const macs = () => {
    const list: Uint8Array[] = [];
    reader.readArray(() => list.push(reader.mac()));
    return list;
  };
  reader.readMap(NODE_FIELDS, (field) => {
    switch (field) {
      case "keys":
        node.keys = reader.strings();
        break;
      case "pointers":
        node.pointers = macs();
        break;
      case "values":
        node.values = macs();
        break;
      case "next":
        node.next = reader.isNil() ? void reader.skip() : reader.mac();
        break;
      default:
        reader.skip();
    }
  });
  const { keys, pointers, values } = node;
  if (pointers.length === 0 ? values.length !== keys.length : pointers.length !== keys.length + 1) {
    throw reader.error(`${keys.length} keys with ${pointers.length} pointers and ${values.length} values`);
  }
  // Only the leaf of an empty tree is empty; a chain of empty leaves could lead in a circle.
  if (keys.length === 0 && node.next !== undefined) {
    throw reader.error("an empty leaf is followed by another");
  }
  return node;
}
