// The compression function of BLAKE3: of one block, or of four inputs at once, one in each 32-bit lane.

import { BLAKE_STATE, BLAKE_WORK } from "./layout";

/** The key, or IV: where every chunk begins. */
export const KEY: usize = BLAKE_STATE; // 32 bytes
/** Bytes of a chaining value. */
export const CV: usize = 32;
/** Bytes of a block. */
export const BLOCK: usize = 64;

const MESSAGE: usize = BLAKE_WORK; // 16 vectors: word i of all four lanes

/** Where word i of the message lies in MESSAGE, for each of the seven rounds. */
const SCHEDULE = memory.data<u8>([
  0x00, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x80, 0x90, 0xa0, 0xb0, 0xc0, 0xd0, 0xe0, 0xf0,
  0x20, 0x60, 0x30, 0xa0, 0x70, 0x00, 0x40, 0xd0, 0x10, 0xb0, 0xc0, 0x50, 0x90, 0xe0, 0xf0, 0x80,
  0x30, 0x40, 0xa0, 0xc0, 0xd0, 0x20, 0x70, 0xe0, 0x60, 0x50, 0x90, 0x00, 0xb0, 0xf0, 0x80, 0x10,
  0xa0, 0x70, 0xc0, 0x90, 0xe0, 0x30, 0xd0, 0xf0, 0x40, 0x00, 0xb0, 0x20, 0x50, 0x80, 0x10, 0x60,
  0xc0, 0xd0, 0x90, 0xb0, 0xf0, 0xa0, 0xe0, 0x80, 0x70, 0x20, 0x50, 0x30, 0x00, 0x10, 0x60, 0x40,
  0x90, 0xe0, 0xb0, 0x50, 0x80, 0xc0, 0xf0, 0x10, 0xd0, 0x30, 0x00, 0xa0, 0x20, 0x60, 0x40, 0x70,
  0xb0, 0xf0, 0x50, 0x00, 0x10, 0x90, 0x80, 0x60, 0xe0, 0xa0, 0x20, 0xc0, 0x30, 0x40, 0x70, 0xd0,
]);

export const IV = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);

// Loaded, because measured to be faster in V8 than constants.
const ROTATE8 = memory.data<u8>([1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12], 16);
const ROTATE16 = memory.data<u8>([2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13], 16);

@inline
function add3(a: v128, b: v128, c: v128): v128 {
  return i32x4.add(i32x4.add(a, b), c);
}

@inline
function xor16(d: v128, a: v128): v128 {
  return i8x16.relaxed_swizzle(v128.xor(d, a), v128.load(ROTATE16));
}

@inline
function xor8(d: v128, a: v128): v128 {
  return i8x16.relaxed_swizzle(v128.xor(d, a), v128.load(ROTATE8));
}

@inline
function xor12(b: v128, c: v128): v128 {
  const x = v128.xor(b, c);
  return v128.or(i32x4.shr_u(x, 12), i32x4.shl(x, 20));
}

@inline
function xor7(b: v128, c: v128): v128 {
  const x = v128.xor(b, c);
  return v128.or(i32x4.shr_u(x, 7), i32x4.shl(x, 25));
}

@inline
function low32(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 0, 4, 1, 5);
}

@inline
function high32(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 2, 6, 3, 7);
}

@inline
function low64(a: v128, b: v128): v128 {
  return v128.shuffle<i64>(a, b, 0, 2);
}

@inline
function high64(a: v128, b: v128): v128 {
  return v128.shuffle<i64>(a, b, 1, 3);
}

/** Words 4·i to 4·i+3 of four blocks into MESSAGE, lane by lane. */

@inline
function transpose(p0: usize, p1: usize, p2: usize, p3: usize, to: usize): void {
  const a = v128.load(p0);
  const b = v128.load(p1);
  const c = v128.load(p2);
  const d = v128.load(p3);
  const ab0 = low32(a, b);
  const ab2 = high32(a, b);
  const cd0 = low32(c, d);
  const cd2 = high32(c, d);
  v128.store(to, low64(ab0, cd0));
  v128.store(to, high64(ab0, cd0), 16);
  v128.store(to, low64(ab2, cd2), 32);
  v128.store(to, high64(ab2, cd2), 48);
}

@inline
function m(schedule: usize, i: usize): v128 {
  return v128.load(MESSAGE + load<u8>(schedule + i));
}

/**
 * Hashes four inputs of the same number of blocks.
 *
 * @param blocks how many
 * @param counter of the first input
 * @param step what the counter grows by from input to input: 1 for chunks, 0 for parents
 * @param out where the four chaining values go
 */
export function hash4(
  p0: usize,
  p1: usize,
  p2: usize,
  p3: usize,
  blocks: usize,
  counter: u64,
  step: u64,
  flags: u32,
  first: u32,
  last: u32,
  out: usize,
): void {
  let h0 = v128.load32_splat(KEY);
  let h1 = v128.load32_splat(KEY, 4);
  let h2 = v128.load32_splat(KEY, 8);
  let h3 = v128.load32_splat(KEY, 12);
  let h4 = v128.load32_splat(KEY, 16);
  let h5 = v128.load32_splat(KEY, 20);
  let h6 = v128.load32_splat(KEY, 24);
  let h7 = v128.load32_splat(KEY, 28);
  const counter1 = counter + step;
  const counter2 = counter1 + step;
  const counter3 = counter2 + step;
  let low = i32x4.splat(<i32> counter);
  low = i32x4.replace_lane(low, 1, <i32> counter1);
  low = i32x4.replace_lane(low, 2, <i32> counter2);
  low = i32x4.replace_lane(low, 3, <i32> counter3);
  let high = i32x4.splat(<i32> (counter >> 32));
  high = i32x4.replace_lane(high, 1, <i32> (counter1 >> 32));
  high = i32x4.replace_lane(high, 2, <i32> (counter2 >> 32));
  high = i32x4.replace_lane(high, 3, <i32> (counter3 >> 32));
  let blockFlags = flags | first;
  for (let block: usize = 0; block < blocks; block++) {
    if (block + 1 === blocks) blockFlags |= last;
    transpose(p0, p1, p2, p3, MESSAGE);
    transpose(p0 + 16, p1 + 16, p2 + 16, p3 + 16, MESSAGE + 64);
    transpose(p0 + 32, p1 + 32, p2 + 32, p3 + 32, MESSAGE + 128);
    transpose(p0 + 48, p1 + 48, p2 + 48, p3 + 48, MESSAGE + 192);
    p0 += BLOCK;
    p1 += BLOCK;
    p2 += BLOCK;
    p3 += BLOCK;
    let a0 = h0, a1 = h1, a2 = h2, a3 = h3, b0 = h4, b1 = h5, b2 = h6, b3 = h7;
    let c0 = i32x4.splat(0x6a09e667), c1 = i32x4.splat(0xbb67ae85);
    let c2 = i32x4.splat(0x3c6ef372), c3 = i32x4.splat(0xa54ff53a);
    let d0 = low, d1 = high, d2 = i32x4.splat(64), d3 = i32x4.splat(blockFlags);
    for (let s = SCHEDULE; s < SCHEDULE + 112; s += 16) {
      a0 = add3(a0, b0, m(s, 0));
      a1 = add3(a1, b1, m(s, 2));
      a2 = add3(a2, b2, m(s, 4));
      a3 = add3(a3, b3, m(s, 6));
      d0 = xor16(d0, a0);
      d1 = xor16(d1, a1);
      d2 = xor16(d2, a2);
      d3 = xor16(d3, a3);
      c0 = i32x4.add(c0, d0);
      c1 = i32x4.add(c1, d1);
      c2 = i32x4.add(c2, d2);
      c3 = i32x4.add(c3, d3);
      b0 = xor12(b0, c0);
      b1 = xor12(b1, c1);
      b2 = xor12(b2, c2);
      b3 = xor12(b3, c3);
      a0 = add3(a0, b0, m(s, 1));
      a1 = add3(a1, b1, m(s, 3));
      a2 = add3(a2, b2, m(s, 5));
      a3 = add3(a3, b3, m(s, 7));
      d0 = xor8(d0, a0);
      d1 = xor8(d1, a1);
      d2 = xor8(d2, a2);
      d3 = xor8(d3, a3);
      c0 = i32x4.add(c0, d0);
      c1 = i32x4.add(c1, d1);
      c2 = i32x4.add(c2, d2);
      c3 = i32x4.add(c3, d3);
      b0 = xor7(b0, c0);
      b1 = xor7(b1, c1);
      b2 = xor7(b2, c2);
      b3 = xor7(b3, c3);

      a0 = add3(a0, b1, m(s, 8));
      a1 = add3(a1, b2, m(s, 10));
      a2 = add3(a2, b3, m(s, 12));
      a3 = add3(a3, b0, m(s, 14));
      d3 = xor16(d3, a0);
      d0 = xor16(d0, a1);
      d1 = xor16(d1, a2);
      d2 = xor16(d2, a3);
      c2 = i32x4.add(c2, d3);
      c3 = i32x4.add(c3, d0);
      c0 = i32x4.add(c0, d1);
      c1 = i32x4.add(c1, d2);
      b1 = xor12(b1, c2);
      b2 = xor12(b2, c3);
      b3 = xor12(b3, c0);
      b0 = xor12(b0, c1);
      a0 = add3(a0, b1, m(s, 9));
      a1 = add3(a1, b2, m(s, 11));
      a2 = add3(a2, b3, m(s, 13));
      a3 = add3(a3, b0, m(s, 15));
      d3 = xor8(d3, a0);
      d0 = xor8(d0, a1);
      d1 = xor8(d1, a2);
      d2 = xor8(d2, a3);
      c2 = i32x4.add(c2, d3);
      c3 = i32x4.add(c3, d0);
      c0 = i32x4.add(c0, d1);
      c1 = i32x4.add(c1, d2);
      b1 = xor7(b1, c2);
      b2 = xor7(b2, c3);
      b3 = xor7(b3, c0);
      b0 = xor7(b0, c1);
    }
    h0 = v128.xor(a0, c0);
    h1 = v128.xor(a1, c1);
    h2 = v128.xor(a2, c2);
    h3 = v128.xor(a3, c3);
    h4 = v128.xor(b0, d0);
    h5 = v128.xor(b1, d1);
    h6 = v128.xor(b2, d2);
    h7 = v128.xor(b3, d3);
    blockFlags = flags;
  }
  storeLanes(h0, h1, h2, h3, out);
  storeLanes(h4, h5, h6, h7, out + 16);
}

@inline
function storeLanes(a: v128, b: v128, c: v128, d: v128, out: usize): void {
  const ab0 = low32(a, b);
  const ab2 = high32(a, b);
  const cd0 = low32(c, d);
  const cd2 = high32(c, d);
  v128.store(out, low64(ab0, cd0));
  v128.store(out + CV, high64(ab0, cd0));
  v128.store(out + 2 * CV, low64(ab2, cd2));
  v128.store(out + 3 * CV, high64(ab2, cd2));
}

@inline
function gather(block: usize, s: usize, i: usize): v128 {
  let v = v128.load32_zero(block + (load<u8>(s + i) >> 2));
  v = v128.load_lane<u32>(block + (load<u8>(s + i + 2) >> 2), v, 1);
  v = v128.load_lane<u32>(block + (load<u8>(s + i + 4) >> 2), v, 2);
  return v128.load_lane<u32>(block + (load<u8>(s + i + 6) >> 2), v, 3);
}

/** Compresses one block; the chaining value of `cv` goes to `out`. */
export function compress(cv: usize, block: usize, length: u32, counter: u64, flags: u32, out: usize): void {
  let a = v128.load(cv);
  let b = v128.load(cv, 16);
  let c = v128.load(IV);
  let d = i32x4.splat(<i32> counter);
  d = i32x4.replace_lane(d, 1, <i32> (counter >> 32));
  d = i32x4.replace_lane(d, 2, length);
  d = i32x4.replace_lane(d, 3, flags);
  for (let s = SCHEDULE; s < SCHEDULE + 112; s += 16) {
    a = add3(a, b, gather(block, s, 0));
    d = xor16(d, a);
    c = i32x4.add(c, d);
    b = xor12(b, c);
    a = add3(a, b, gather(block, s, 1));
    d = xor8(d, a);
    c = i32x4.add(c, d);
    b = xor7(b, c);
    b = v128.shuffle<i32>(b, b, 1, 2, 3, 0);
    c = v128.shuffle<i32>(c, c, 2, 3, 0, 1);
    d = v128.shuffle<i32>(d, d, 3, 0, 1, 2);
    a = add3(a, b, gather(block, s, 8));
    d = xor16(d, a);
    c = i32x4.add(c, d);
    b = xor12(b, c);
    a = add3(a, b, gather(block, s, 9));
    d = xor8(d, a);
    c = i32x4.add(c, d);
    b = xor7(b, c);
    b = v128.shuffle<i32>(b, b, 3, 0, 1, 2);
    c = v128.shuffle<i32>(c, c, 2, 3, 0, 1);
    d = v128.shuffle<i32>(d, d, 1, 2, 3, 0);
  }
  v128.store(out, v128.xor(a, c));
  v128.store(out, v128.xor(b, d), 16);
}
