/**
 * A set of blobs in shared memory, which every thread asks without a message.
 *
 * A slot is claimed with one atomic operation, so of several threads that meet the same blob exactly one adds it.
 * A key is 128 bits of the MAC with the type mixed in, and its place is chosen by 32 others: nobody can make two blobs
 * that are taken for one, not even where MACs are not keyed. The table grows by segments, each twice the size of the
 * one before, whose places in the (growable) buffer are fixed: no thread needs to be told.
 */

const FIRST_SEGMENT_SLOTS = 1 << 16;
/** A slot is a key. Its first word claims it and its last word completes it: neither is zero in a key. */
const SLOT_WORDS = 4;
/** Behind the slots of a segment is a bit for each of them: its mark. */
const FIRST_SEGMENT_WORDS = FIRST_SEGMENT_SLOTS * SLOT_WORDS + FIRST_SEGMENT_SLOTS / 32;
/** Header words: number of segments, lock, then one count for each segment. */
const HEADER_WORDS = 64;
const MAX_SEGMENTS = 10;

const FREE = 0;
/** What probing finds where it does not find a slot with the key. */
const ABSENT = -1;
const ADDED = -2;

function segmentSlots(segment: number): number {
  return FIRST_SEGMENT_SLOTS * 2 ** segment;
}

function segmentStart(segment: number): number {
  return HEADER_WORDS + FIRST_SEGMENT_WORDS * (2 ** segment - 1);
}

/** What is kept of a blob, and the number that chooses its place. */
interface Key {
  readonly words: readonly number[];
  readonly hash: number;
}

function keyOf(type: number, mac: Uint8Array): Key {
  const view = new DataView(mac.buffer, mac.byteOffset, mac.byteLength);
  const words = [
    view.getInt32(0, true) || 1,
    view.getInt32(4, true),
    view.getInt32(8, true) ^ type,
    view.getInt32(12, true) || 1,
  ];
  return { words, hash: view.getUint32(16, true) };
}

/** A set of (type, MAC) in shared memory. */
export class MacSet {
  /** What other threads make their own {@linkcode MacSet} from. */
  readonly buffer: SharedArrayBuffer;
  #words: Int32Array;

  /**
   * Joins a set, or makes a new one.
   *
   * @param buffer the shared memory of an existing set; a new set without it
   */
  constructor(buffer?: SharedArrayBuffer) {
    this.buffer = buffer ?? new SharedArrayBuffer(segmentStart(1) * 4, {
      maxByteLength: segmentStart(MAX_SEGMENTS) * 4,
    });
    this.#words = new Int32Array(this.buffer);
    if (!buffer) this.#words[0] = 1;
  }

  /**
   * Adds a blob.
   *
   * @param type its resource type
   * @param mac its MAC
   * @returns true for the one caller, of all threads, that adds it
   */
  add(type: number, mac: Uint8Array): boolean {
    const key = keyOf(type, mac);
    for (;;) {
      const segments = Atomics.load(this.#words, 0);
      const last = segments - 1;
      for (let segment = 0; segment < last; segment++) {
        if (this.#probe(segment, key, false) !== ABSENT) return false;
      }
      const found = this.#probe(last, key, true);
      if (found === ADDED) {
        const count = Atomics.add(this.#words, 2 + last, 1) + 1;
        if (count * 4 > segmentSlots(last) * 3) this.#grow(segments);
        return true;
      }
      if (found !== ABSENT) return false;
      // The table cannot grow any more: storing a blob twice is legal, only wasteful.
      if (segments === MAX_SEGMENTS) return true;
    }
  }

  /**
   * Marks a blob that was added.
   *
   * @param type its resource type
   * @param mac its MAC
   * @returns true for the one caller, of all threads, that marks it; `undefined` if it is not in the set
   */
  mark(type: number, mac: Uint8Array): boolean | undefined {
    const key = keyOf(type, mac);
    const segments = Atomics.load(this.#words, 0);
    for (let segment = 0; segment < segments; segment++) {
      const slot = this.#probe(segment, key, false);
      if (slot === ABSENT) continue;
      const marks = segmentStart(segment) + segmentSlots(segment) * SLOT_WORDS;
      const bit = 1 << (slot & 31);
      return (Atomics.or(this.#words, marks + (slot >>> 5), bit) & bit) === 0;
    }
    return undefined;
  }

  /** Looks for a key: its slot, or what there is instead. */
  #probe(segment: number, key: Key, insert: boolean): number {
    const { words, hash } = key;
    const slots = segmentSlots(segment);
    const start = segmentStart(segment);
    for (let probe = 0, slot = hash & (slots - 1); probe < slots; probe++, slot = (slot + 1) & (slots - 1)) {
      const at = start + slot * SLOT_WORDS;
      let first = Atomics.load(this.#words, at);
      if (first === FREE) {
        if (!insert) return ABSENT;
        first = Atomics.compareExchange(this.#words, at, FREE, words[0]);
        if (first === FREE) {
          this.#words[at + 1] = words[1];
          this.#words[at + 2] = words[2];
          Atomics.store(this.#words, at + 3, words[3]);
          return ADDED;
        }
      }
      if (first === words[0] && this.#holdsRest(at, words)) return slot;
    }
    return ABSENT;
  }

  #holdsRest(at: number, words: readonly number[]): boolean {
    let last = 0;
    // Another thread may be between claiming the slot and writing three words: that takes nanoseconds.
    while (last === 0) last = Atomics.load(this.#words, at + 3);
    return last === words[3] && this.#words[at + 1] === words[1] && this.#words[at + 2] === words[2];
  }

  #grow(segments: number): void {
    if (
      segments === MAX_SEGMENTS ||
      Atomics.compareExchange(this.#words, 1, segments - 1, segments) !== segments - 1
    ) {
      return;
    }
    this.buffer.grow(segmentStart(segments + 1) * 4);
    Atomics.store(this.#words, 0, segments + 1);
  }
}
