/** Builds whole trees from sorted pairs, node by node, without ever holding more than the ids of one level. */

import type { ByteString } from "../lib/byte_string.ts";
import type { BTreeNode } from "./btree.ts";
import { BTREE_ORDER, encodeBTree, encodeNode } from "./btree.ts";
import type { MacFunction } from "./mac.ts";

/** Keys in the order of the tree, without repetition, and their values. */
export interface SortedPairs {
  /** How many pairs there are. */
  readonly length: number;
  /** The key of a pair. */
  key(index: number): ByteString;
  /** The value of a pair: the id of a blob. */
  value(index: number): Uint8Array;
}

/** A blob of a tree. */
export interface TreeBlob {
  /** Which of the tree's two resource types it has. */
  kind: "node" | "root";
  /** Its id. */
  mac: Uint8Array;
  /** The plain blob. */
  bytes: Uint8Array;
}

/**
 * Decides how many of `count` keys or children go into each node of a level, from right to left, at least one
 * and never more than `capacity` in each.
 */
export type TreeShape = (count: number, capacity: number) => number[];

/** A node overflows when it has this many keys, and is split. */
const LEAF_CAPACITY = BTREE_ORDER - 1;
const INNER_CAPACITY = BTREE_ORDER;
/** How much plakar leaves in the right half of a split. */
const RIGHT_HALF = 26;

/**
 * The fewest nodes, evenly filled.
 *
 * @param count how many keys or children there are
 * @param capacity how many a node may have
 * @returns how many each node has, from right to left
 */
export function packedShape(count: number, capacity: number): number[] {
  const nodes = Math.ceil(count / capacity);
  return Array.from(
    { length: nodes },
    (_, i) => Math.floor((count * (i + 1)) / nodes) - Math.floor((count * i) / nodes),
  );
}

/**
 * The shape in which plakar leaves a tree whose keys were inserted in descending order, so that the nodes of
 * equal lists have equal ids.
 *
 * @param count how many keys or children there are
 * @param capacity how many a node may have
 * @returns how many each node has, from right to left
 */
export function plakarShape(count: number, capacity: number): number[] {
  const splits = Math.max(0, Math.ceil((count - capacity) / RIGHT_HALF));
  const sizes = new Array<number>(splits).fill(RIGHT_HALF);
  if (count > 0) sizes.push(count - splits * RIGHT_HALF);
  return sizes;
}

/**
 * Builds a tree. Blobs come in the order in which they can be stored: what a blob refers to before it, the
 * root last.
 *
 * @param pairs what the tree holds
 * @param mac the MAC of the repository
 * @param shape how full nodes are
 * @returns every blob of the tree; the last is the root, whose id is that of the tree
 */
export function* bulkLoad(
  pairs: SortedPairs,
  mac: MacFunction,
  shape: TreeShape = packedShape,
): Generator<TreeBlob> {
  // The children of the next level from right to left: their ids, and which pair is the first below each.
  let macs: Uint8Array[] = [];
  let firsts: number[] = [];
  const emit = (node: BTreeNode, first: number): TreeBlob => {
    const bytes = encodeNode(node);
    const blob: TreeBlob = { kind: "node", mac: mac(bytes), bytes };
    macs.push(blob.mac);
    firsts.push(first);
    return blob;
  };

  let end = pairs.length;
  for (const size of end === 0 ? [0] : shape(end, LEAF_CAPACITY)) {
    const leaf: BTreeNode = { keys: [], pointers: [], values: [], next: macs.at(-1) };
    for (let i = end - size; i < end; i++) {
      leaf.keys.push(pairs.key(i));
      leaf.values.push(pairs.value(i));
    }
    end -= size;
    yield emit(leaf, end);
  }

  while (macs.length > 1) {
    const [childMacs, childFirsts] = [macs, firsts];
    [macs, firsts] = [[], []];
    let at = 0;
    for (const size of shape(childMacs.length, INNER_CAPACITY)) {
      const node: BTreeNode = { keys: [], pointers: [], values: [], next: undefined };
      const leftmost = at + size - 1;
      for (let i = leftmost; i >= at; i--) {
        node.pointers.push(childMacs[i]);
        if (i < leftmost) node.keys.push(pairs.key(childFirsts[i]));
      }
      at += size;
      yield emit(node, childFirsts[leftmost]);
    }
  }

  const bytes = encodeBTree({ order: BTREE_ORDER, root: macs[0] });
  yield { kind: "root", mac: mac(bytes), bytes };
}
