// How often each byte occurs. Bytes are counted in pairs: half as many additions, each of which has to wait for the
// one before if that was to the same count.

import { COUNTS, HISTOGRAM } from "./layout";

/** Bytes of the counts of one second byte with every first. */
const ROW_BYTES: usize = 1024;
const HISTOGRAM_BYTES: usize = 256 * ROW_BYTES;

/** Pairs of zeros that came in eights: sparse files are full of them. */
let zeros: u32 = 0;

@inline
function add(pair: u64): void {
  const slot = HISTOGRAM + (<usize>(pair & 0xffff) << 2);
  store<u32>(slot, load<u32>(slot) + 1);
}

/** Counts an even number of bytes. */
export function countPairs(p: usize, length: usize): void {
  const end = p + length;
  for (; p + 8 <= end; p += 8) {
    const word = load<u64>(p);
    if (word === 0) {
      zeros += 4;
      continue;
    }
    add(word);
    add(word >> 16);
    add(word >> 32);
    add(word >> 48);
  }
  for (; p < end; p += 2) add(load<u16>(p));
}

/** Writes how often each byte occurred to COUNTS, and begins again. */
export function takeCounts(): void {
  store<u32>(HISTOGRAM, load<u32>(HISTOGRAM) + zeros);
  zeros = 0;
  memory.fill(COUNTS, 0, ROW_BYTES);
  for (let second: usize = 0; second < 256; second++) {
    const row = HISTOGRAM + second * ROW_BYTES;
    let sum = i32x4.splat(0);
    for (let first: usize = 0; first < ROW_BYTES; first += 16) {
      const counted = v128.load(row + first);
      sum = i32x4.add(sum, counted);
      v128.store(COUNTS + first, i32x4.add(v128.load(COUNTS + first), counted));
    }
    const slot = COUNTS + (second << 2);
    store<u32>(
      slot,
      load<u32>(slot) + i32x4.extract_lane(sum, 0) + i32x4.extract_lane(sum, 1) +
        i32x4.extract_lane(sum, 2) + i32x4.extract_lane(sum, 3),
    );
  }
  memory.fill(HISTOGRAM, 0, HISTOGRAM_BYTES);
}
