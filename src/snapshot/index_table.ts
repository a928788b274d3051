/**
 * The pairs of an index that is being built: keys and the ids they lead to, compact enough for every path of
 * a large server.
 */

import type { ByteString } from "../lib/byte_string.ts";

const MAC_SIZE = 32;

/** Keys with a 32-byte id each, read back in sorted order. */
export class IndexTable {
  readonly #keys: ByteString[] = [];
  #values = new Uint8Array(256 * MAC_SIZE);
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
    const at = this.#keys.push(key) - 1;
    if ((at + 1) * MAC_SIZE > this.#values.length) {
      const larger = new Uint8Array(this.#values.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values.set(value, at * MAC_SIZE);
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
    const at = this.#order ? this.#order[i] : i;
    return this.#values.subarray(at * MAC_SIZE, (at + 1) * MAC_SIZE);
  }
}
