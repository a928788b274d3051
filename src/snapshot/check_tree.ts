/**
 * Reading all of a tree, node by node from its root down: unlike a scan from leaf to leaf, it goes on after a
 * node that is damaged.
 */

import { type BTreeNode, decodeBTree, decodeNode } from "../kloset/btree.ts";
import type { ResourceType } from "../kloset/resource.ts";
import type { ByteString } from "../lib/byte_string.ts";
import { equal } from "../lib/bytes.ts";
import { PlakarError } from "../lib/errors.ts";
import type { Repository } from "../repository/repository.ts";
import { type KeyOrder, MAX_TREE_DEPTH } from "./tree_reader.ts";

/** A tree of a snapshot. */
export interface StoredTree {
  /** What it is called in messages, as in "the index of summaries". */
  name: string;
  /** The resource type of its root blob. */
  rootType: ResourceType;
  /** The resource type of its nodes. */
  nodeType: ResourceType;
  /** The id of its root blob. */
  root: Uint8Array;
  /** The order of its keys, `undefined` if nobody relies on any. */
  compare: KeyOrder | undefined;
}

/** The keys that a node may have: from the first, which it may have, to the last, which it may not. */
interface KeyRange {
  from?: ByteString;
  to?: ByteString;
}

/**
 * Reads every node of a tree.
 *
 * @param repository where it is
 * @param tree the tree
 * @param failed told of every node that is damaged
 * @yields the pairs of all leaves that can be read
 */
export async function* readWholeTree(
  repository: Repository,
  tree: StoredTree,
  failed: (error: unknown) => void,
): AsyncGenerator<[key: ByteString, value: Uint8Array]> {
  /** The leaf that comes next, if the one before could be read. */
  const chain: { expected?: { leaf: Uint8Array | undefined } } = {};
  const wrong = (state: string) =>
    failed(new PlakarError("corrupt", `Cannot rely on ${tree.name} of the snapshot: ${state}`));

  async function* below(
    mac: Uint8Array,
    range: KeyRange,
    depth: number,
  ): AsyncGenerator<[key: ByteString, value: Uint8Array]> {
    let node: BTreeNode;
    try {
      if (depth > MAX_TREE_DEPTH) {
        throw new PlakarError("corrupt", `Cannot read ${tree.name}: it is too deep`);
      }
      node = decodeNode(await repository.readBlob(tree.nodeType, mac));
    } catch (error) {
      chain.expected = undefined;
      return failed(error);
    }
    const { keys, pointers, values } = node;
    if (tree.compare && !isOrdered(keys, range, tree.compare)) wrong("its keys are out of order");
    for (const [i, pointer] of pointers.entries()) {
      const from = i === 0 ? range.from : keys[i - 1];
      yield* below(pointer, { from, to: i === keys.length ? range.to : keys[i] }, depth + 1);
    }
    if (pointers.length > 0) return;
    const { expected } = chain;
    if (expected && !(expected.leaf && equal(expected.leaf, mac))) {
      wrong("its leaves do not follow each other");
    }
    chain.expected = { leaf: node.next };
    for (const [i, key] of keys.entries()) yield [key, values[i]];
  }

  try {
    yield* below(decodeBTree(await repository.readBlob(tree.rootType, tree.root)).root, {}, 0);
  } catch (error) {
    failed(error);
  }
  if (chain.expected?.leaf) wrong("its last leaf is followed by another");
}

/** Whether keys rise, from the first that may be there on, and stay below the last. */
function isOrdered(keys: readonly ByteString[], { from, to }: KeyRange, compare: KeyOrder): boolean {
  const bounded = [...(from === undefined ? [] : [from]), ...keys];
  const rises = bounded.every((key, i) =>
    i === 0 || compare(bounded[i - 1], key) < (i === 1 && from !== undefined ? 1 : 0)
  );
  const last = keys.at(-1);
  return rises && (to === undefined || last === undefined || compare(last, to) < 0);
}
