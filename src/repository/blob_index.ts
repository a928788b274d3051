/**
 * The map from a blob to the places where it is stored.
 *
 * A repository of a few million blobs must fit in tens of megabytes, so locations live in parallel typed
 * arrays behind one open-addressing table, not in JavaScript objects.
 */

import { toHex } from "../lib/bytes.ts";

/** Where a blob is stored. */
export interface BlobLocation {
  /** The packfile's id, hexadecimal. */
  packfile: string;
  /** First byte in the packfile's blob area. */
  offset: number;
  /** Encoded length. */
  length: number;
}

const MAC_SIZE = 32;
const EMPTY = -1;

/** Blob locations by type and MAC; a blob may be in several packfiles. */
export class BlobIndex {
  #size = 0;
  #macs = new Uint8Array(1024 * MAC_SIZE);
  #types = new Uint8Array(1024);
  #packfiles = new Uint32Array(1024);
  #offsets = new Float64Array(1024);
  #lengths = new Uint32Array(1024);
  #slots = new Int32Array(4096).fill(EMPTY);
  readonly #packfileNumbers = new Map<string, number>();
  readonly #packfileIds: string[] = [];
  readonly #extents: number[] = [];
  #usable: boolean[] = [];

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
    const number = this.#packfileNumber(toHex(packfile));
    let slot = this.#slotOf(type, mac);
    for (; this.#slots[slot] !== EMPTY; slot = (slot + 1) & (this.#slots.length - 1)) {
      const at = this.#slots[slot];
      if (this.#packfiles[at] === number && this.#is(at, type, mac)) return;
    }
    if (this.#size === this.#types.length) this.#growColumns();
    const at = this.#size++;
    this.#extents[number] = Math.max(this.#extents[number], offset + length);
    this.#macs.set(mac, at * MAC_SIZE);
    this.#types[at] = type;
    this.#packfiles[at] = number;
    this.#offsets[at] = offset;
    this.#lengths[at] = length;
    this.#slots[slot] = at;
    if (this.#size * 2 > this.#slots.length) this.#growSlots();
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
      if (this.#packfiles[at] === number) this.#lengths[at] = this.#types[at] = 0;
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
    for (const at of this.#find(type, mac)) {
      if (this.#usable[this.#packfiles[at]]) return this.#location(at);
    }
    return undefined;
  }

  /**
   * Whether a blob is stored in a usable place.
   *
   * @param type the blob's resource type
   * @param mac the blob's MAC
   * @returns true if it is
   */
  has(type: number, mac: Uint8Array): boolean {
    for (let slot = this.#slotOf(type, mac);; slot = (slot + 1) & (this.#slots.length - 1)) {
      const at = this.#slots[slot];
      if (at === EMPTY) return false;
      if (this.#usable[this.#packfiles[at]] && this.#is(at, type, mac)) return true;
    }
  }

  /**
   * Every usable place of a blob, for a reader who wants a second try.
   *
   * @param type the blob's resource type
   * @param mac the blob's MAC
   * @returns its locations
   */
  all(type: number, mac: Uint8Array): BlobLocation[] {
    return [...this.#find(type, mac)].filter((at) => this.#usable[this.#packfiles[at]])
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

  /**
   * The MACs of all usable blobs of some types.
   *
   * @param types the resource types
   * @yields type and MAC; the array is only valid until the next step
   */
  *macs(...types: number[]): Generator<[type: number, mac: Uint8Array]> {
    for (let at = 0; at < this.#size; at++) {
      if (types.includes(this.#types[at]) && this.#usable[this.#packfiles[at]]) {
        yield [this.#types[at], this.#macs.subarray(at * MAC_SIZE, (at + 1) * MAC_SIZE)];
      }
    }
  }

  *#find(type: number, mac: Uint8Array): Generator<number> {
    for (let slot = this.#slotOf(type, mac);; slot = (slot + 1) & (this.#slots.length - 1)) {
      const at = this.#slots[slot];
      if (at === EMPTY) return;
      if (this.#is(at, type, mac)) yield at;
    }
  }

  #location(at: number): BlobLocation {
    return {
      packfile: this.#packfileIds[this.#packfiles[at]],
      offset: this.#offsets[at],
      length: this.#lengths[at],
    };
  }

  #is(at: number, type: number, mac: Uint8Array): boolean {
    if (this.#types[at] !== type) return false;
    const start = at * MAC_SIZE;
    for (let i = 0; i < MAC_SIZE; i++) if (this.#macs[start + i] !== mac[i]) return false;
    return true;
  }

  /** A MAC is random, so any four of its bytes are a good hash. */
  #slotOf(type: number, mac: Uint8Array): number {
    const hash = mac[0] | mac[1] << 8 | mac[2] << 16 | mac[3] << 24;
    return (hash ^ type * 0x9e3779b1) & (this.#slots.length - 1);
  }

  #packfileNumber(id: string): number {
    let number = this.#packfileNumbers.get(id);
    if (number === undefined) {
      number = this.#packfileIds.push(id) - 1;
      this.#extents.push(0);
      this.#packfileNumbers.set(id, number);
      this.#usable.push(true);
    }
    return number;
  }

  #growColumns(): void {
    const capacity = this.#types.length * 2;
    const grow = <A extends Uint8Array | Uint32Array | Float64Array>(to: A, from: A): A => {
      to.set(from);
      return to;
    };
    this.#macs = grow(new Uint8Array(capacity * MAC_SIZE), this.#macs);
    this.#types = grow(new Uint8Array(capacity), this.#types);
    this.#packfiles = grow(new Uint32Array(capacity), this.#packfiles);
    this.#offsets = grow(new Float64Array(capacity), this.#offsets);
    this.#lengths = grow(new Uint32Array(capacity), this.#lengths);
  }

  #growSlots(): void {
    this.#slots = new Int32Array(this.#slots.length * 2).fill(EMPTY);
    for (let at = 0; at < this.#size; at++) {
      const mac = this.#macs.subarray(at * MAC_SIZE, (at + 1) * MAC_SIZE);
      let slot = this.#slotOf(this.#types[at], mac);
      while (this.#slots[slot] !== EMPTY) slot = (slot + 1) & (this.#slots.length - 1);
      this.#slots[slot] = at;
    }
  }
}
