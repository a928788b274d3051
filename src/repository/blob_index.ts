/**
 * The map from a blob to the places where it is stored.
 *
 * A repository of a few million blobs must fit in tens of megabytes, so locations live in typed
 * arrays behind one open-addressing table, not in JavaScript objects.
 */

import { equal, toHex } from "../lib/bytes.ts";

/** Where a blob is stored. */
export interface BlobLocation {
  /** The packfile's id, hexadecimal. */
  packfile: string;
  /** First byte in the packfile's blob area. */
  offset: number;
  /** Encoded length. */
  length: number;
}

const EMPTY = -1;
/** So much of a MAC is kept: nobody can search for two that agree in 192 bits. */
const KEY_SIZE = 24;
/**
 * Rows lie in blocks of so many: nothing is ever copied to a larger array. A block has 41 MiB, of which only the pages
 * that are used cost anything: memory of this size is mapped for itself. Less would lie beside all that is read while
 * the table is made, and leave holes there, tens of megabytes of them.
 */
const BLOCK_BITS = 20;
const BLOCK_ROWS = 1 << BLOCK_BITS;

/** Some of the rows, column by column, in memory that other threads may look at. */
export interface BlobIndexRows {
  /** The beginnings of the MACs, one behind another. */
  readonly keys: Uint8Array;
  /** The resource types. */
  readonly types: Uint8Array;
  /** The packfiles' numbers. */
  readonly packfiles: Uint32Array;
  /** Where the blobs begin. */
  readonly offsets: Float64Array;
  /** Their encoded lengths. */
  readonly lengths: Uint32Array;
}

/**
 * What another thread makes an index of the same locations from, without a copy of them. Nothing may be added or
 * removed as long as it is used.
 */
export interface SharedBlobIndex {
  /** How many rows there are. */
  readonly size: number;
  /** The rows. */
  readonly blocks: readonly BlobIndexRows[];
  /** The table. */
  readonly slots: Int32Array;
  /** The ids of the packfiles, by number. */
  readonly packfileIds: string[];
  /** How far their blobs reach. */
  readonly extents: number[];
  /** Which of them count. */
  readonly usable: boolean[];
}

/** Blob locations by type and MAC; a blob may be in several packfiles. */
export class BlobIndex {
  #size = 0;
  readonly #blocks: BlobIndexRows[] = [];
  #slots = emptySlots(4096);
  readonly #packfileNumbers = new Map<string, number>();
  readonly #packfileIds: string[] = [];
  readonly #extents: number[] = [];
  #usable: boolean[] = [];
  #lastPackfile: Uint8Array = new Uint8Array(0);
  #lastNumber = 0;

  /**
   * Makes an index of what another thread has shared.
   *
   * @param shared what it has shared
   * @returns an index to look into
   */
  static of({ size, blocks, slots, packfileIds, extents, usable }: SharedBlobIndex): BlobIndex {
    const index = new BlobIndex();
    index.#size = size;
    index.#blocks.push(...blocks);
    index.#slots = slots;
    index.#packfileIds.push(...packfileIds);
    index.#extents.push(...extents);
    index.#usable = usable;
    for (const [number, id] of packfileIds.entries()) index.#packfileNumbers.set(id, number);
    return index;
  }

  /**
   * Shares the locations with other threads.
   *
   * @returns what can be posted to them
   */
  share(): SharedBlobIndex {
    return {
      size: this.#size,
      blocks: this.#blocks,
      slots: this.#slots,
      packfileIds: this.#packfileIds,
      extents: this.#extents,
      usable: this.#usable,
    };
  }

  /** How many locations there are, usable or not. */
  get size(): number {
    return this.#size;
  }

  /**
   * Adds a location. The same blob in the same packfile is kept once.
   *
   * @param type the blob's resource type
   * @param mac the blob's MAC
   * @param packfile the packfile's id
   * @param offset first byte in the blob area
   * @param length encoded length
   */
  add(type: number, mac: Uint8Array, packfile: Uint8Array, offset: number, length: number): void {
    const number = this.#packfileNumber(packfile);
    let slot = this.#slotOf(type, mac);
    for (; this.#slots[slot] !== EMPTY; slot = (slot + 1) & (this.#slots.length - 1)) {
      const at = this.#slots[slot];
      if (this.#packfileOf(at) === number && this.#is(at, type, mac)) return;
    }
    const at = this.#size++;
    const row = at % BLOCK_ROWS;
    if (row === 0) this.#blocks.push(newRows());
    const block = this.#blockOf(at);
    block.keys.set(mac.subarray(0, KEY_SIZE), row * KEY_SIZE);
    block.types[row] = type;
    block.packfiles[row] = number;
    block.offsets[row] = offset;
    block.lengths[row] = length;
    this.#extents[number] = Math.max(this.#extents[number], offset + length);
    this.#slots[slot] = at;
    if (this.#size * 4 > this.#slots.length * 3) this.#growSlots();
  }

  /**
   * Forgets one location of a blob for good.
   *
   * @param type the blob's resource type
   * @param mac the blob's MAC
   * @param packfile the packfile it was in, hexadecimal
   */
  remove(type: number, mac: Uint8Array, packfile: string): void {
    const number = this.#packfileNumbers.get(packfile);
    for (const at of this.#find(type, mac)) {
      if (this.#packfileOf(at) !== number) continue;
      // No blob has this type: the row stays, and is found by nobody.
      this.#blockOf(at).types[at % BLOCK_ROWS] = 0;
    }
  }

  /**
   * Says which packfiles exist and are not marked as deleted; locations in others do not count.
   *
   * @param isUsable asked once for each packfile named by a location
   */
  setUsable(isUsable: (packfile: string) => boolean): void {
    this.#usable = this.#packfileIds.map(isUsable);
  }

  /**
   * The first usable place of a blob.
   *
   * @param type the blob's resource type
   * @param mac the blob's MAC
   * @returns its location, or `undefined` if it is nowhere
   */
  get(type: number, mac: Uint8Array): BlobLocation | undefined {
    const at = this.#firstUsable(type, mac);
    return at === EMPTY ? undefined : this.#location(at);
  }

  /**
   * Whether a blob is stored in a usable place.
   *
   * @param type the blob's resource type
   * @param mac the blob's MAC
   * @returns true if it is
   */
  has(type: number, mac: Uint8Array): boolean {
    return this.#firstUsable(type, mac) !== EMPTY;
  }

  /**
   * Every usable place of a blob, for a reader who wants a second try.
   *
   * @param type the blob's resource type
   * @param mac the blob's MAC
   * @returns its locations
   */
  all(type: number, mac: Uint8Array): BlobLocation[] {
    return [...this.#find(type, mac)].filter((at) => this.#usable[this.#packfileOf(at)])
      .map((at) => this.#location(at));
  }

  /**
   * How far the blobs of a packfile reach: what may be read ahead without passing the end of the file.
   *
   * @param packfile the packfile's id
   * @returns the end of its last known blob in the blob area, 0 if none is known
   */
  extent(packfile: string): number {
    const number = this.#packfileNumbers.get(packfile);
    return number === undefined ? 0 : this.#extents[number];
  }

  #firstUsable(type: number, mac: Uint8Array): number {
    for (let slot = this.#slotOf(type, mac);; slot = (slot + 1) & (this.#slots.length - 1)) {
      const at = this.#slots[slot];
      if (at === EMPTY || this.#usable[this.#packfileOf(at)] && this.#is(at, type, mac)) return at;
    }
  }

  *#find(type: number, mac: Uint8Array): Generator<number> {
    for (let slot = this.#slotOf(type, mac);; slot = (slot + 1) & (this.#slots.length - 1)) {
      const at = this.#slots[slot];
      if (at === EMPTY) return;
      if (this.#is(at, type, mac)) yield at;
    }
  }

  #blockOf(at: number): BlobIndexRows {
    return this.#blocks[at >>> BLOCK_BITS];
  }

  #packfileOf(at: number): number {
    return this.#blockOf(at).packfiles[at % BLOCK_ROWS];
  }

  #location(at: number): BlobLocation {
    const block = this.#blockOf(at);
    const row = at % BLOCK_ROWS;
    return {
      packfile: this.#packfileIds[block.packfiles[row]],
      offset: block.offsets[row],
      length: block.lengths[row],
    };
  }

  #is(at: number, type: number, mac: Uint8Array): boolean {
    const { types, keys } = this.#blockOf(at);
    const row = at % BLOCK_ROWS;
    if (types[row] !== type) return false;
    const start = row * KEY_SIZE;
    for (let i = 0; i < KEY_SIZE; i++) if (keys[start + i] !== mac[i]) return false;
    return true;
  }

  /** A MAC is random, so any four of its bytes are a good hash. */
  #slotOf(type: number, keys: Uint8Array, start = 0): number {
    const hash = keys[start] | keys[start + 1] << 8 | keys[start + 2] << 16 | keys[start + 3] << 24;
    return (hash ^ type * 0x9e3779b1) & (this.#slots.length - 1);
  }

  #packfileNumber(packfile: Uint8Array): number {
    // The blobs of a packfile are named one after another.
    if (equal(packfile, this.#lastPackfile)) return this.#lastNumber;
    const id = toHex(packfile);
    let number = this.#packfileNumbers.get(id);
    if (number === undefined) {
      number = this.#packfileIds.push(id) - 1;
      this.#extents.push(0);
      this.#packfileNumbers.set(id, number);
      this.#usable.push(true);
    }
    this.#lastPackfile = packfile.slice();
    return this.#lastNumber = number;
  }

  #growSlots(): void {
    this.#slots = emptySlots(this.#slots.length * 2);
    for (let at = 0; at < this.#size; at++) {
      const { types, keys } = this.#blockOf(at);
      const row = at % BLOCK_ROWS;
      let slot = this.#slotOf(types[row], keys, row * KEY_SIZE);
      while (this.#slots[slot] !== EMPTY) slot = (slot + 1) & (this.#slots.length - 1);
      this.#slots[slot] = at;
    }
  }
}

function newRows(): BlobIndexRows {
  const memory = new SharedArrayBuffer(BLOCK_ROWS * (8 + 4 + 4 + KEY_SIZE + 1));
  let end = 0;
  const column = (width: number) => (end += BLOCK_ROWS * width) - BLOCK_ROWS * width;
  return {
    offsets: new Float64Array(memory, column(8), BLOCK_ROWS),
    packfiles: new Uint32Array(memory, column(4), BLOCK_ROWS),
    lengths: new Uint32Array(memory, column(4), BLOCK_ROWS),
    keys: new Uint8Array(memory, column(KEY_SIZE), BLOCK_ROWS * KEY_SIZE),
    types: new Uint8Array(memory, column(1), BLOCK_ROWS),
  };
}

function emptySlots(count: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(count * Int32Array.BYTES_PER_ELEMENT)).fill(EMPTY);
}
