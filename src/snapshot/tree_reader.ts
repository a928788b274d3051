/** Reading a B+tree of a snapshot: point lookups and scans, with its nodes cached. */

import { type BTreeNode, decodeBTree, decodeNode } from "../kloset/btree.ts";
import { type MacKey, macKey } from "../kloset/mac.ts";
import type { ResourceType } from "../kloset/resource.ts";
import type { ByteString } from "../lib/byte_string.ts";
import { PlakarError } from "../lib/errors.ts";
import type { Repository } from "../repository/repository.ts";

const CACHED_NODES = 512;
/** A tree of 2^64 keys is not this deep. */
export const MAX_TREE_DEPTH = 64;

/** How keys of a tree are ordered. */
export type KeyOrder = (a: ByteString, b: ByteString) => number;

/** One tree. */
export class TreeReader {
  readonly #repository: Repository;
  readonly #nodeType: ResourceType;
  readonly #compare: KeyOrder;
  readonly #root: Uint8Array;
  readonly #nodes = new Map<MacKey, Promise<BTreeNode>>();

  private constructor(repository: Repository, nodeType: ResourceType, compare: KeyOrder, root: Uint8Array) {
    this.#repository = repository;
    this.#nodeType = nodeType;
    this.#compare = compare;
    this.#root = root;
  }

  /**
   * Opens a tree.
   *
   * @param repository where it is
   * @param rootType the resource type of its root blob
   * @param nodeType the resource type of its nodes
   * @param root the id of its root blob
   * @param compare the order of its keys
   * @returns the tree
   */
  static async open(
    repository: Repository,
    rootType: ResourceType,
    nodeType: ResourceType,
    root: Uint8Array,
    compare: KeyOrder,
  ): Promise<TreeReader> {
    const blob = decodeBTree(await repository.readBlob(rootType, root));
    return new TreeReader(repository, nodeType, compare, blob.root);
  }

  /**
   * Looks a key up.
   *
   * @param key the key
   * @returns its value, or `undefined` if the tree does not hold it
   */
  async get(key: ByteString): Promise<Uint8Array | undefined> {
    const { node, position } = await this.#descend(key);
    if (position < node.keys.length && node.keys[position] === key) return node.values[position];
    return undefined;
  }

  /**
   * Reads pairs in order.
   *
   * @param from the first key wanted, or the one after where it would be
   * @yields key and value
   */
  async *scan(from: ByteString): AsyncGenerator<[key: ByteString, value: Uint8Array]> {
    let { node, position } = await this.#descend(from);
    for (;;) {
      for (; position < node.keys.length; position++) yield [node.keys[position], node.values[position]];
      if (!node.next) return;
      const last = node.keys.at(-1);
      node = await this.#node(node.next);
      position = 0;
      if (last !== undefined && node.keys.length > 0 && this.#compare(last, node.keys[0]) >= 0) {
        throw new PlakarError("corrupt", "Cannot read an index of the snapshot: its keys are out of order");
      }
    }
  }

  async #descend(key: ByteString): Promise<{ node: BTreeNode; position: number }> {
    let node = await this.#node(this.#root);
    for (let depth = 0; depth < MAX_TREE_DEPTH; depth++) {
      const position = lowerBound(node.keys, key, this.#compare);
      if (node.pointers.length === 0) return { node, position };
      const isEqual = position < node.keys.length && node.keys[position] === key;
      node = await this.#node(node.pointers[isEqual ? position + 1 : position]);
    }
    throw new PlakarError("corrupt", "Cannot read an index of the snapshot: it is too deep");
  }

  #node(mac: Uint8Array): Promise<BTreeNode> {
    const key = macKey(mac);
    let node = this.#nodes.get(key);
    if (!node) {
      node = this.#repository.readBlob(this.#nodeType, mac).then(decodeNode);
      node.catch(() => this.#nodes.delete(key));
      this.#nodes.set(key, node);
      if (this.#nodes.size > CACHED_NODES) {
        for (const oldest of this.#nodes.keys()) {
          this.#nodes.delete(oldest);
          break;
        }
      }
    }
    return node;
  }
}

/** The position of the first key that is not before the given one. */
function lowerBound(keys: readonly ByteString[], key: ByteString, compare: KeyOrder): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(keys[middle], key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
