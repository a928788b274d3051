// BLAKE3, four chunks or four parents at a time, one in each 32-bit lane.

import { BLAKE_STATE, BLAKE_WORK } from "./layout";

const CHUNK_START: u32 = 1;
const CHUNK_END: u32 = 2;
const PARENT: u32 = 4;
const ROOT: u32 = 8;

const BLOCK: usize = 64;
const CHUNK: usize = 1024;
const CV: usize = 32;

// The state of one hash: all that is saved when another one takes its place.
const KEY: usize = BLAKE_STATE; // 32 bytes
const FLAGS: usize = BLAKE_STATE + 32; // u32
const DEPTH: usize = BLAKE_STATE + 36; // u32: entries of the stack
const COUNTER: usize = BLAKE_STATE + 40; // u64: chunks hashed
const WAITING: usize = BLAKE_STATE + 48; // u32: bytes in BUFFER
export const RESULT: usize = BLAKE_STATE + 64; // 32 bytes
const STACK: usize = BLAKE_STATE + 128; // 54 chaining values, one a level
const BUFFER: usize = BLAKE_STATE + 0x900; // 4 chunks
const GROUP: usize = 4 * CHUNK;

const MESSAGE: usize = BLAKE_WORK; // 16 vectors: word i of all four lanes
const CVS: usize = BLAKE_WORK + 0x200; // 16 chaining values
const NODE: usize = BLAKE_WORK + 0x600; // a block

/** Where word i of the message lies in MESSAGE, for each of the seven rounds. */
const SCHEDULE = memory.data<u8>([
  0x00,
  0x10,
  0x20,
  0x30,
  0x40,
  0x50,
  0x60,
  0x70,
  0x80,
  0x90,
  0xa0,
  0xb0,
  0xc0,
  0xd0,
  0xe0,
  0xf0,
  0x20,
  0x60,
  0x30,
  0xa0,
  0x70,
  0x00,
  0x40,
  0xd0,
  0x10,
  0xb0,
  0xc0,
  0x50,
  0x90,
  0xe0,
  0xf0,
  0x80,
  0x30,
  0x40,
  0xa0,
  0xc0,
  0xd0,
  0x20,
  0x70,
  0xe0,
  0x60,
  0x50,
  0x90,
  0x00,
  0xb0,
  0xf0,
  0x80,
  0x10,
  0xa0,
  0x70,
  0xc0,
  0x90,
  0xe0,
  0x30,
  0xd0,
  0xf0,
  0x40,
  0x00,
  0xb0,
  0x20,
  0x50,
  0x80,
  0x10,
  0x60,
  0xc0,
  0xd0,
  0x90,
  0xb0,
  0xf0,
  0xa0,
  0xe0,
  0x80,
  0x70,
  0x20,
  0x50,
  0x30,
  0x00,
  0x10,
  0x60,
  0x40,
  0x90,
  0xe0,
  0xb0,
  0x50,
  0x80,
  0xc0,
  0xf0,
  0x10,
  0xd0,
  0x30,
  0x00,
  0xa0,
  0x20,
  0x60,
  0x40,
  0x70,
  0xb0,
  0xf0,
  0x50,
  0x00,
  0x10,
  0x90,
  0x80,
  0x60,
  0xe0,
  0xa0,
  0x20,
  0xc0,
  0x30,
  0x40,
  0x70,
  0xd0,
]);

const IV = memory.data<u32>([
  0x6a09e667,
  0xbb67ae85,
  0x3c6ef372,
  0xa54ff53a,
  0x510e527f,
  0x9b05688c,
  0x1f83d9ab,
  0x5be0cd19,
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
function hash4(
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
function compress(cv: usize, block: usize, length: u32, counter: u64, flags: u32, out: usize): void {
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

/** One chunk of any length, ROOT if it is the only one. */
function hashChunk(p: usize, length: usize, counter: u64, root: u32, out: usize): void {
  const flags = load<u32>(FLAGS);
  let cv = KEY;
  let start = CHUNK_START;
  while (length > BLOCK) {
    compress(cv, p, 64, counter, flags | start, out);
    cv = out;
    start = 0;
    p += BLOCK;
    length -= BLOCK;
  }
  if (length < BLOCK) {
    memory.fill(NODE, 0, BLOCK);
    memory.copy(NODE, p, length);
    p = NODE;
  }
  compress(cv, p, <u32> length, counter, flags | start | CHUNK_END | root, out);
}

/** n chunks in a row, 1 to 4 of them, each of full length. */
function hashChunks(p: usize, n: usize, counter: u64, out: usize): void {
  const p1 = n > 1 ? p + CHUNK : p;
  const p2 = n > 2 ? p + 2 * CHUNK : p;
  const p3 = n > 3 ? p + 3 * CHUNK : p;
  hash4(p, p1, p2, p3, 16, counter, 1, load<u32>(FLAGS), CHUNK_START, CHUNK_END, out);
}

/** n parents of 2·n chaining values that lie in a row; they take the place of the first of these. */
function hashParents(n: usize): void {
  const flags = load<u32>(FLAGS) | PARENT;
  if (n === 1) return compress(KEY, CVS, 64, 0, flags, CVS);
  for (let i: usize = 0; i < n; i += 4) {
    const p = CVS + i * BLOCK;
    hash4(p, p + BLOCK, p + 2 * BLOCK, p + 3 * BLOCK, 1, 0, 0, flags, 0, 0, CVS + i * CV);
  }
}

/** Puts the value of a subtree of `chunks` chunks on the stack, joining what is complete. */
function push(cv: usize, chunks: u64): void {
  let depth: usize = load<u32>(DEPTH);
  const counter = load<u64>(COUNTER) + chunks;
  store<u64>(COUNTER, counter);
  memory.copy(NODE + CV, cv, CV);
  for (let n = counter / chunks; (n & 1) === 0; n >>= 1) {
    depth--;
    memory.copy(NODE, STACK + depth * CV, CV);
    compress(KEY, NODE, 64, 0, load<u32>(FLAGS) | PARENT, NODE + CV);
  }
  memory.copy(STACK + depth * CV, NODE + CV, CV);
  store<u32>(DEPTH, <u32> depth + 1);
}

/** Sixteen chunks, the first of which is a multiple of sixteen. */
function pushSixteen(p: usize): void {
  const counter = load<u64>(COUNTER);
  for (let i: usize = 0; i < 4; i++) hashChunks(p + i * GROUP, 4, counter + 4 * i, CVS + 4 * i * CV);
  hashParents(8);
  hashParents(4);
  hashParents(2);
  hashParents(1);
  push(CVS, 16);
}

/** Four chunks, the first of which is a multiple of four. */
function pushFour(p: usize): void {
  hashChunks(p, 4, load<u64>(COUNTER), CVS);
  hashParents(2);
  hashParents(1);
  push(CVS, 4);
}

/** Hashes all groups but the last, which may be the end; returns how many bytes are left. */
function pushGroups(p: usize, length: usize): usize {
  while (length > GROUP) {
    if (length > 4 * GROUP && (load<u64>(COUNTER) & 15) === 0) {
      pushSixteen(p);
      p += 4 * GROUP;
      length -= 4 * GROUP;
    } else {
      pushFour(p);
      p += GROUP;
      length -= GROUP;
    }
  }
  return length;
}

/** Starts a hash: the key, if any, lies at `key`. */
export function blakeStart(key: usize): void {
  memory.copy(KEY, key === 0 ? IV : key, 32);
  store<u32>(FLAGS, key === 0 ? 0 : 16);
  store<u32>(DEPTH, 0);
  store<u64>(COUNTER, 0);
  store<u32>(WAITING, 0);
}

/** Takes bytes. A group is hashed once it is known that more follow it. */
export function blakeUpdate(p: usize, length: usize): void {
  let waiting: usize = load<u32>(WAITING);
  if (waiting > 0) {
    const take = min(GROUP - waiting, length);
    memory.copy(BUFFER + waiting, p, take);
    waiting += take;
    p += take;
    length -= take;
    if (length > 0) {
      pushFour(BUFFER);
      waiting = 0;
    }
  }
  const rest = pushGroups(p, length);
  p += length - rest;
  length = rest;
  if (length > 0) {
    memory.copy(BUFFER, p, length);
    waiting = length;
  }
  store<u32>(WAITING, <u32> waiting);
}

/** Hashes the last bytes, at most a group of them, and the way to the root; the state is used up. */
function finish(p: usize, length: usize): void {
  if (length <= CHUNK && load<u32>(DEPTH) === 0) return hashChunk(p, length, 0, ROOT, RESULT);
  const whole = length / CHUNK;
  const rest = length - whole * CHUNK;
  const counter = load<u64>(COUNTER);
  if (whole > 1) hashChunks(p, whole, counter, CVS);
  else if (whole === 1) hashChunk(p, CHUNK, counter, 0, CVS);
  if (rest > 0) hashChunk(p + whole * CHUNK, rest, counter + whole, 0, CVS + whole * CV);
  const last = whole + (rest > 0 ? 1 : 0) - 1;
  for (let i: usize = 0; i < last; i++) push(CVS + i * CV, 1);
  memory.copy(RESULT, CVS + last * CV, CV);
  for (let depth: usize = load<u32>(DEPTH); depth > 0;) {
    depth--;
    memory.copy(NODE, STACK + depth * CV, CV);
    memory.copy(NODE + CV, RESULT, CV);
    compress(KEY, NODE, 64, 0, load<u32>(FLAGS) | PARENT | (depth === 0 ? ROOT : 0), RESULT);
  }
}

/** Ends the hash; 32 bytes lie at RESULT. */
export function blakeFinish(): void {
  finish(BUFFER, load<u32>(WAITING));
}

/** The hash of bytes that are all at hand; 32 bytes lie at RESULT. */
export function blakeWhole(key: usize, p: usize, length: usize): void {
  blakeStart(key);
  const rest = pushGroups(p, length);
  finish(p + length - rest, rest);
}
