/**
 * Every path of a snapshot with the id of its entry, compact enough for a server of millions of files.
 *
 * Paths are kept as their directories' rows of names; whole paths are put together only when a tree is
 * written. The orders of the two trees over paths follow from the rows' own order, without sorting paths.
 */

import type { SortedPairs } from "../kloset/btree_load.ts";
import { MAC_SIZE } from "../kloset/mac.ts";
import { compareBytes, comparePaths } from "../kloset/path_order.ts";
import { join } from "../lib/byte_path.ts";
import { type ByteString, fromBytes, ROOT, writeBytes } from "../lib/byte_string.ts";
import { OWN_MEMORY, PagedBuffer, type PagePosition } from "../lib/paged_buffer.ts";

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

/** What a row consists of: where its name is, the number of its content type (0 for a directory), its id. */
const NAME = 0;
const TYPE = 4;
const MAC = 6;
const ROW_SIZE = MAC + MAC_SIZE;
const ROWS_A_PAGE = Math.floor(OWN_MEMORY / ROW_SIZE);
/** Before a name is its length. */
const LENGTH_SIZE = 4;

/** Paths and ids; filled a directory at a time, then read as trees. */
export class PathTable {
  readonly #directories: DirectoryRows[] = [];
  readonly #rows = new PagedBuffer(ROWS_A_PAGE * ROW_SIZE);
  readonly #names = new PagedBuffer(OWN_MEMORY);
  readonly #typeNumbers = new Map<string, number>();
  /** How many rows have each type; there are directories, too. */
  readonly #typeCounts = [0];
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
      const { bytes, view, offset } = this.#rows.locate(this.#rows.reserve(ROW_SIZE));
      view.setUint32(offset + NAME, this.#addName(name), true);
      const type = contentType === undefined ? 0 : this.#typeNumber(contentType);
      view.setUint16(offset + TYPE, type, true);
      this.#typeCounts[type]++;
      bytes.set(mac, offset + MAC);
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
    const starts: number[] = [];
    /** Where the next row of a type goes. */
    const next: number[] = [];
    let length = 0;
    for (const [, number] of types) {
      starts.push(length);
      next[number] = length;
      length += this.#typeCounts[number];
    }
    const rows = new Uint32Array(length);
    for (const row of this.#filesInByteOrder()) rows[next[this.#type(row)]++] = row;
    const firsts = this.#directories.map(({ first }) => first);
    return {
      length,
      key: (i) => {
        const [type] = types[lastAtMost(starts, i)];
        const { path } = this.#directories[lastAtMost(firsts, rows[i])];
        return "/" + type + join(path, this.#name(rows[i])) as ByteString;
      },
      value: (i) => this.#mac(rows[i]),
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
    if (number === undefined) {
      number = this.#typeCounts.push(0) - 1;
      this.#typeNumbers.set(contentType, number);
    }
    return number;
  }

  #addName(name: ByteString): number {
    const { length } = name;
    const at = this.#names.reserve(LENGTH_SIZE + length);
    const { bytes, view, offset } = this.#names.locate(at);
    view.setUint32(offset, length, true);
    writeBytes(name, bytes, offset + LENGTH_SIZE);
    return at;
  }

  #name(row: number): ByteString {
    const { view, offset } = this.#row(row);
    const name = this.#names.locate(view.getUint32(offset + NAME, true));
    const length = name.view.getUint32(name.offset, true);
    const start = name.offset + LENGTH_SIZE;
    return fromBytes(name.bytes.subarray(start, start + length));
  }

  #mac(row: number): Uint8Array {
    const { bytes, offset } = this.#row(row);
    return bytes.subarray(offset + MAC, offset + ROW_SIZE);
  }

  #type(row: number): number {
    const { view, offset } = this.#row(row);
    return view.getUint16(offset + TYPE, true);
  }

  #row(row: number): PagePosition {
    return this.#rows.locate(row * ROW_SIZE);
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
