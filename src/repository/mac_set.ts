/**
 * A set of blobs in shared memory, which every thread asks without a message.
 *
 * A slot is claimed with one atomic operation, so of several threads that meet the same blob exactly one adds it. Keys are 126 bits of the MAC with the type mixed in: MACs are keyed, so nobody outside can make two
 * that agree there. The table grows by segments, each twice the size of the one before,
 * whose places in the (growable) buffer are fixed: no thread needs to be told.
 */

const FIRST_SEGMENT_SLOTS = 1 << 16;
/** A slot is a key. Its first word claims it and its last word completes it: neither is zero in a key. */
const SLOT_WORDS = 4;
const NOT_ZERO = 1;
/** Header words: number of segments, lock, then one count for each segment. */
const HEADER_WORDS = 64;
const MAX_SEGMENTS = 10;

const FREE = 0;

function segmentSlots(segment: number): number {
  return FIRST_SEGMENT_SLOTS * 2 ** segment;
}

function segmentStart(segment: number): number {
  return HEADER_WORDS + FIRST_SEGMENT_SLOTS * (2 ** segment - 1) * SLOT_WORDS;
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
    const view = new DataView(mac.buffer, mac.byteOffset, mac.byteLength);
    const key = [
      view.getInt32(0, true) | NOT_ZERO,
      view.getInt32(4, true),
      view.getInt32(8, true) ^ type,
      view.getInt32(12, true) | NOT_ZERO,
    ];
    const hash = view.getUint32(16, true);
    for (;;) {
      const segments = Atomics.load(this.#words, 0);
      const last = segments - 1;
      for (let segment = 0; segment < last; segment++) {
        if (this.#probe(segment, hash, key, false) === "present") return false;
      }
      const outcome = this.#probe(last, hash, key, true);
      if (outcome === "present") return false;
      if (outcome === "added") {
        const count = Atomics.add(this.#words, 2 + last, 1) + 1;
        if (count * 3 > segmentSlots(last) * 2) this.#grow(segments);
        return true;
      }
      // The table cannot grow any more: storing a blob twice is legal, only wasteful.
      if (segments === MAX_SEGMENTS) return true;
    }
  }

  #probe(segment: number, hash: number, key: number[], insert: boolean): "present" | "added" | "absent" {
    const slots = segmentSlots(segment);
    const start = segmentStart(segment);
    for (let probe = 0, slot = hash & (slots - 1); probe < slots; probe++, slot = (slot + 1) & (slots - 1)) {
      const at = start + slot * SLOT_WORDS;
      let first = Atomics.load(this.#words, at);
      if (first === FREE) {
        if (!insert) return "absent";
        first = Atomics.compareExchange(this.#words, at, FREE, key[0]);
        if (first === FREE) {
          this.#words[at + 1] = key[1];
          this.#words[at + 2] = key[2];
          Atomics.store(this.#words, at + 3, key[3]);
          return "added";
        }
      }
      if (first === key[0] && this.#holdsRest(at, key)) return "present";
    }
    return "absent";
  }

  #holdsRest(at: number, key: number[]): boolean {
    let last = 0;
    // Another thread may be between claiming the slot and writing three words: that takes nanoseconds.
    while (last === 0) last = Atomics.load(this.#words, at + 3);
    return last === key[3] && this.#words[at + 1] === key[1] && this.#words[at + 2] === key[2];
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
