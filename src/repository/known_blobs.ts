/**
 * The set of blobs that are stored or about to be: one table in shared memory, asked by every pipeline
 * without a message.
 *
 * A slot is claimed with one atomic operation, so of several pipelines that meet the same new chunk exactly
 * one stores it. Keys are the first 16 bytes of the MAC with the type mixed in: MACs are keyed, so nobody
 * outside can make two that agree there. The table grows by segments, each twice the size of the one before,
 * whose places in the (growable) buffer are fixed: no pipeline needs to be told.
 */

const FIRST_SEGMENT_SLOTS = 1 << 16;
const KEY_WORDS = 4;
/** Slot words: one for its state, four for the key. */
const SLOT_WORDS = 1 + KEY_WORDS;
/** Header words: number of segments, lock, then one count for each segment. */
const HEADER_WORDS = 64;
const MAX_SEGMENTS = 10;

const FREE = 0;
const WRITING = 1;
const FULL = 2;

function segmentSlots(segment: number): number {
  return FIRST_SEGMENT_SLOTS * 2 ** segment;
}

function segmentStart(segment: number): number {
  return HEADER_WORDS + FIRST_SEGMENT_SLOTS * (2 ** segment - 1) * SLOT_WORDS;
}

/** A set of (type, MAC) in shared memory. */
export class KnownBlobs {
  /** What other threads make their own {@linkcode KnownBlobs} from. */
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
   * @returns true for the one caller, of all threads, that has to store it
   */
  add(type: number, mac: Uint8Array): boolean {
    const view = new DataView(mac.buffer, mac.byteOffset, mac.byteLength);
    const key = [
      view.getInt32(0, true),
      view.getInt32(4, true),
      view.getInt32(8, true),
      view.getInt32(12, true) ^ type,
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
      let state = Atomics.load(this.#words, at);
      if (state === FREE) {
        if (!insert) return "absent";
        state = Atomics.compareExchange(this.#words, at, FREE, WRITING);
        if (state === FREE) {
          for (let i = 0; i < KEY_WORDS; i++) this.#words[at + 1 + i] = key[i];
          Atomics.store(this.#words, at, FULL);
          return "added";
        }
      }
      // Another thread is between claiming the slot and writing four words: that takes nanoseconds.
      while (state === WRITING) state = Atomics.load(this.#words, at);
      let same = true;
      for (let i = 0; i < KEY_WORDS; i++) same &&= this.#words[at + 1 + i] === key[i];
      if (same) return "present";
    }
    return "absent";
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
