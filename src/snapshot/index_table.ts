/**
 * The pairs of an index that is being built: keys and the ids they lead to, compact enough for every path of
 * a large server.
 */

import { MAC_SIZE } from "../kloset/mac.ts";
import type { ByteString } from "../lib/byte_string.ts";
import { OWN_MEMORY, PagedBuffer } from "../lib/paged_buffer.ts";

const VALUES_A_PAGE = OWN_MEMORY / MAC_SIZE;

/** Keys with a 32-byte id each, read back in sorted order. */
export class IndexTable {
  readonly #keys: ByteString[] = [];
  readonly #values = new PagedBuffer(VALUES_A_PAGE * MAC_SIZE);
  #order: Uint32Array | undefined;

  /** How many pairs there are. */
  get length(): number {
    return this.#keys.length;
  }

  /**
   * Adds a pair.
   *
   * @param key the key, given once
   * @param value its 32-byte id, copied
   */
  add(key: ByteString, value: Uint8Array): void {
    this.#keys.push(key);
    const { bytes, offset } = this.#values.locate(this.#values.reserve(MAC_SIZE));
    bytes.set(value, offset);
  }

  /**
   * Sorts the pairs; from then on positions are those of the sorted order.
   *
   * @param compare the order of the index
   */
  sort(compare: (a: ByteString, b: ByteString) => number): void {
    const keys = this.#keys;
    this.#order = Uint32Array.from(keys, (_, i) => i).sort((a, b) => compare(keys[a], keys[b]));
  }

  /**
   * A key.
   *
   * @param i its position
   * @returns the key
   */
  key(i: number): ByteString {
    return this.#keys[this.#order ? this.#order[i] : i];
  }

  /**
   * A value.
   *
   * @param i its position
   * @returns the 32-byte id, a view
   */
  value(i: number): Uint8Array {
    const { bytes, offset } = this.#values.locate((this.#order ? this.#order[i] : i) * MAC_SIZE);
    return bytes.subarray(offset, offset + MAC_SIZE);
  }
}
