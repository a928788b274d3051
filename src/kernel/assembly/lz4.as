// LZ4 blocks. Sixteen bytes are copied at a time, past the end where need be: every place data may lie at has
// as many bytes of the kernel's own behind it.

import { LZ4_TABLE } from "./layout";

const MIN_MATCH: usize = 4;
const LAST_LITERALS: usize = 5;
const SEARCH_MARGIN: usize = 12;
const MAX_OFFSET: u32 = 65535;
const HASH_BITS: u64 = 13;
const TABLE_BYTES: usize = 0x8000;
/** Misses before steps grow by one, as a power of two. */
const SKIP_BITS: u32 = 6;

/**
 * What is added to positions in the table, more for each block than any position of the block before could
 * reach: what the table still holds of it is too far away, and need not be cleared.
 */
let epoch: u32 = MAX_OFFSET + 1;

@inline
function slotOf(word: u64): usize {
  // Five bytes, spread by the golden ratio.
  return LZ4_TABLE + (<usize>(((word << 24) * 0x9e3779b97f4a7c15) >> (64 - HASH_BITS)) << 2);
}

@inline
function copy(to: usize, from: usize, length: usize): void {
  const end = to + length;
  do {
    v128.store(to, v128.load(from));
    to += 16;
    from += 16;
  } while (to < end);
}

@inline
function writeLength(to: usize, length: usize): usize {
  for (; length >= 255; length -= 255) store<u8>(to++, 255);
  store<u8>(to, <u8>length);
  return to + 1;
}

/** How many bytes at a and b agree, a not going past `end`. */
@inline
function agreement(a: usize, b: usize, end: usize): usize {
  const start = a;
  while (a + 8 <= end) {
    const difference = load<u64>(a) ^ load<u64>(b);
    if (difference !== 0) return a - start + (<usize>ctz(difference) >> 3);
    a += 8;
    b += 8;
  }
  while (a < end && load<u8>(a) === load<u8>(b)) a++, b++;
  return a - start;
}

/** Compresses a block of at most 4 MiB into `capacity` bytes; returns its length, 0 if it does not fit. */
export function compressBlock(from: usize, length: usize, to: usize, capacity: usize): usize {
  if (epoch > 0xf0000000) {
    memory.fill(LZ4_TABLE, 0, TABLE_BYTES);
    epoch = MAX_OFFSET + 1;
  }
  const base: u32 = epoch - <u32>from;
  epoch += <u32>length + MAX_OFFSET + 1;
  const end = from + length;
  const start = to;
  const limit = to + capacity;
  const searchEnd = end - SEARCH_MARGIN;
  let at = from;
  let anchor = from;
  let misses: u32 = 1 << SKIP_BITS;
  while (at < searchEnd) {
    const word = load<u64>(at);
    const slot = slotOf(word);
    const position = <u32>at + base;
    const distance = position - load<u32>(slot);
    store<u32>(slot, position);
    if (distance > MAX_OFFSET || load<u32>(at - distance) !== <u32>word) {
      at += misses++ >> SKIP_BITS;
      continue;
    }
    let candidate = at - distance;
    while (at > anchor && candidate > from && load<u8>(at - 1) === load<u8>(candidate - 1)) at--, candidate--;
    const matched = MIN_MATCH + agreement(at + MIN_MATCH, candidate + MIN_MATCH, end - LAST_LITERALS);
    const literals = at - anchor;
    if (to + literals + literals / 255 + matched / 255 + 5 > limit) return 0;
    const token = to++;
    if (literals >= 15) to = writeLength(to, literals - 15);
    copy(to, anchor, literals);
    to += literals;
    store<u16>(to, <u16>distance);
    to += 2;
    const extra = matched - MIN_MATCH;
    store<u8>(token, <u8>((min<usize>(literals, 15) << 4) | min<usize>(extra, 15)));
    if (extra >= 15) to = writeLength(to, extra - 15);
    at += matched;
    anchor = at;
    misses = 1 << SKIP_BITS;
    if (at < searchEnd) store<u32>(slotOf(load<u64>(at - 2)), <u32>at - 2 + base);
  }
  const literals = end - anchor;
  if (to + literals + literals / 255 + 2 > limit) return 0;
  store<u8>(to++, <u8>(min<usize>(literals, 15) << 4));
  if (literals >= 15) to = writeLength(to, literals - 15);
  copy(to, anchor, literals);
  return to + literals - start;
}

/** Copies what lies `offset` bytes before, which may overlap with what is written. */
@inline
function repeat(to: usize, offset: usize, length: usize): void {
  if (offset >= 16) return copy(to, to - offset, length);
  for (let i: usize = 0; i < 16; i++) store<u8>(to + i, load<u8>(to + i - offset));
  if (length <= 16) return;
  // The pattern repeats after any multiple of its length: take one that is far enough away.
  let far = offset;
  while (far < 16) far += offset;
  copy(to + 16, to + 16 - far, length - 16);
}

/**
 * Decompresses a block that may refer to what lies from `history` on; returns how many bytes it holds, -1 if
 * it is not valid, -2 if it holds more than `capacity`.
 */
export function decompressBlock(from: usize, length: usize, to: usize, capacity: usize, history: usize): i32 {
  const start = to;
  const end = from + length;
  const limit = to + capacity;
  while (from < end) {
    const token: usize = load<u8>(from++);
    let literals = token >> 4;
    if (literals === 15) {
      let more: usize = 255;
      while (more === 255 && from < end) {
        more = load<u8>(from++);
        literals += more;
      }
      if (more === 255) return -1;
    }
    if (literals > end - from) return -1;
    if (literals > limit - to) return -2;
    copy(to, from, literals);
    from += literals;
    to += literals;
    if (from === end) return <i32>(to - start);
    if (end - from < 2) return -1;
    const offset: usize = load<u16>(from);
    from += 2;
    if (offset === 0 || offset > to - history) return -1;
    let matched = (token & 15) + MIN_MATCH;
    if (matched === 15 + MIN_MATCH) {
      let more: usize = 255;
      while (more === 255 && from < end) {
        more = load<u8>(from++);
        matched += more;
      }
      if (more === 255) return -1;
    }
    if (matched > limit - to) return -2;
    repeat(to, offset, matched);
    to += matched;
  }
  return -1;
}

/** Writes a block of a frame, stored as it is if that is shorter; returns how many bytes it takes. */
export function writeBlock(from: usize, length: usize, to: usize): usize {
  const compressed = compressBlock(from, length, to + 4, length - 1);
  if (compressed > 0) {
    store<u32>(to, <u32>compressed);
    return compressed + 4;
  }
  store<u32>(to, <u32>length | 0x80000000);
  memory.copy(to + 4, from, length);
  return length + 4;
}
