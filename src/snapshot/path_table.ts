/**
 * Every path of a snapshot with the id of its entry, compact enough for a server of millions of files.
 *
 * Paths are kept as their directories' rows of names; whole paths are put together only when a tree is
 * written. The orders of the two trees over paths follow from the rows' own order, without sorting paths.
 */

import { Buffer } from "node:buffer";
import type { SortedPairs } from "../kloset/btree_load.ts";
import { GrowableBuffer } from "../kloset/growable_buffer.ts";
import { MAC_SIZE } from "../kloset/mac.ts";
import { compareBytes, comparePaths } from "../kloset/path_order.ts";
import { join } from "../lib/byte_path.ts";
import { type ByteString, ROOT } from "../lib/byte_string.ts";

/** One child of a directory. */
export interface PathRow {
  /** Its name. */
  name: ByteString;
  /** The id of its entry. */
  mac: Uint8Array;
  /** The part of its content type before the first `;`, `undefined` for a directory. */
  contentType?: string;
}

interface DirectoryRows {
  path: ByteString;
  first: number;
  count: number;
}

/** Paths and ids; filled a directory at a time, then read as trees. */
export class PathTable {
  readonly #directories: DirectoryRows[] = [];
  readonly #names = new GrowableBuffer();
  /** Where each name ends. */
  readonly #ends = new GrowableBuffer();
  readonly #macs = new GrowableBuffer();
  /** The number of each row's content type, 0 for a directory. */
  readonly #types = new GrowableBuffer();
  readonly #typeNumbers = new Map<string, number>();
  #length = 0;

  /**
   * Adds the children of a directory.
   *
   * @param path the directory, given once
   * @param children its children by name
   */
  addDirectory(path: ByteString, children: readonly PathRow[]): void {
    this.#directories.push({ path, first: this.#length, count: children.length });
    for (const { name, mac, contentType } of children) {
      this.#names.appendString(name);
      const end = this.#ends.reserve(4);
      this.#ends.view.setUint32(end, this.#names.length, true);
      this.#macs.append(mac);
      const type = this.#types.reserve(2);
      this.#types.view.setUint16(type, contentType === undefined ? 0 : this.#typeNumber(contentType), true);
      this.#length++;
    }
  }

  /**
   * All paths in the order of the vfs tree.
   *
   * @param root the id of the entry of `/`
   * @returns paths with the ids of their entries
   */
  byPath(root: Uint8Array): SortedPairs {
    // What is in one directory is together in this order, and sorted by name as it is here.
    const directories = this.#directories.map(({ path, first, count }) => ({
      prefix: below(path),
      path,
      first,
      count,
    }))
      .sort((a, b) => comparePaths(a.prefix, b.prefix));
    const starts: number[] = [];
    let length = 1;
    for (const { count } of directories) {
      starts.push(length);
      length += count;
    }
    const find = (i: number) => {
      const at = lastAtMost(starts, i);
      return { path: directories[at].path, row: directories[at].first + i - starts[at] };
    };
    return {
      length,
      key: (i) => {
        if (i === 0) return ROOT;
        const { path, row } = find(i);
        return join(path, this.#name(row));
      },
      value: (i) => i === 0 ? root : this.#mac(find(i).row),
    };
  }

  /**
   * All paths that are no directories in the order of the index by content type: a key is `/`, the type, the
   * path.
   *
   * @returns keys with the ids of entries
   */
  byContentType(): SortedPairs {
    const types = [...this.#typeNumbers].sort(([a], [b]) => compareBytes(below(a), below(b)));
    const rows = new Map(types.map(([, number]) => [number, [] as number[]]));
    for (const row of this.#filesInByteOrder()) rows.get(this.#type(row))?.push(row);
    const groups = types.map(([type, number]) => ({ prefix: "/" + type, rows: rows.get(number) ?? [] }));
    const starts: number[] = [];
    let length = 0;
    for (const { rows } of groups) {
      starts.push(length);
      length += rows.length;
    }
    const firsts = this.#directories.map(({ first }) => first);
    const find = (i: number) => {
      const at = lastAtMost(starts, i);
      return { prefix: groups[at].prefix, row: groups[at].rows[i - starts[at]] };
    };
    return {
      length,
      key: (i) => {
        const { prefix, row } = find(i);
        const directory = this.#directories[lastAtMost(firsts, row)];
        return prefix + join(directory.path, this.#name(row)) as ByteString;
      },
      value: (i) => this.#mac(find(i).row),
    };
  }

  /** The rows of files in the bytewise order of whole paths: a directory stands where its name and `/` would. */
  *#filesInByteOrder(): Generator<number> {
    const numbers = new Map(this.#directories.map(({ path }, number) => [path, number]));
    const enter = (number: number) => {
      const { path, first, count } = this.#directories[number];
      const keys = Array.from({ length: count }, (_, i) => {
        const name = this.#name(first + i);
        return { row: first + i, name, key: this.#type(first + i) === 0 ? below(name) : name };
      });
      return { path, children: keys.sort((a, b) => compareBytes(a.key, b.key)), next: 0 };
    };
    const root = numbers.get(ROOT);
    const stack = root === undefined ? [] : [enter(root)];
    for (let level = stack.at(-1); level; level = stack.at(-1)) {
      const child = level.children[level.next++];
      if (!child) {
        stack.pop();
      } else if (this.#type(child.row) !== 0) {
        yield child.row;
      } else {
        const number = numbers.get(join(level.path, child.name));
        if (number !== undefined) stack.push(enter(number));
      }
    }
  }

  #typeNumber(contentType: string): number {
    let number = this.#typeNumbers.get(contentType);
    if (number === undefined) this.#typeNumbers.set(contentType, number = this.#typeNumbers.size + 1);
    return number;
  }

  #name(row: number): ByteString {
    const start = row === 0 ? 0 : this.#ends.view.getUint32((row - 1) * 4, true);
    const end = this.#ends.view.getUint32(row * 4, true);
    return Buffer.from(this.#names.bytes.buffer, start, end - start).toString("latin1") as ByteString;
  }

  #mac(row: number): Uint8Array {
    return this.#macs.bytes.subarray(row * MAC_SIZE, (row + 1) * MAC_SIZE);
  }

  #type(row: number): number {
    return this.#types.view.getUint16(row * 2, true);
  }
}

/** What everything below a path begins with. */
function below(path: string): ByteString {
  return (path === "/" ? path : path + "/") as ByteString;
}

/** The position of the last start that is not behind a place; empty ranges before it are passed over. */
function lastAtMost(starts: readonly number[], place: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (starts[middle] <= place) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
