// POLYVAL of RFC 8452: S := (S + X) · H · x^-128 for each block X, modulo x^128 + x^127 + x^126 + x^121 + 1.
//
// Few blocks are multiplied one by one, with 64-bit integer products whose carries fall into holes (as
// T. Pornin describes for constant-time GHASH). Many are taken sixteen at a time, each in a column of its own
// that is multiplied by H^16: byte q of sixteen blocks lies in one register, and sixteen nibbles at once are
// looked up in tables for H^16, one for each nibble p and byte q. No time depends on the data.

import { POLYVAL_STATE, POLYVAL_TABLE, POLYVAL_WORK } from "./layout";

/** The running value, and the key: 16 bytes each. */
export const SUM: usize = POLYVAL_STATE;
export const KEY: usize = POLYVAL_STATE + 16;
const POWER: usize = POLYVAL_STATE + 32;

const COLUMNS: usize = POLYVAL_WORK; // sixteen running values, byte by byte
const SPARE: usize = POLYVAL_WORK + 256;
const NIBBLES: usize = POLYVAL_WORK + 512;
const MULTIPLES: usize = POLYVAL_WORK + 1024;

/** From how many blocks on the tables pay. */
const MANY: usize = 48;
const GROUP: usize = 256;

const HOLES0: u64 = 0x1111111111111111;
const HOLES1: u64 = 0x2222222222222222;
const HOLES2: u64 = 0x4444444444444444;
const HOLES3: u64 = 0x8888888888888888;

/** The low 64 bits of the product without carries. */

@inline
function product(x: u64, y: u64): u64 {
  const x0 = x & HOLES0, x1 = x & HOLES1, x2 = x & HOLES2, x3 = x & HOLES3;
  const y0 = y & HOLES0, y1 = y & HOLES1, y2 = y & HOLES2, y3 = y & HOLES3;
  return (((x0 * y0) ^ (x1 * y3) ^ (x2 * y2) ^ (x3 * y1)) & HOLES0) |
    (((x0 * y1) ^ (x1 * y0) ^ (x2 * y3) ^ (x3 * y2)) & HOLES1) |
    (((x0 * y2) ^ (x1 * y1) ^ (x2 * y0) ^ (x3 * y3)) & HOLES2) |
    (((x0 * y3) ^ (x1 * y2) ^ (x2 * y1) ^ (x3 * y0)) & HOLES3);
}

/** The bits in the opposite order, by which the high half of a product is had from a low one. */

@inline
function reverse(x: u64): u64 {
  x = ((x >> 1) & 0x5555555555555555) | ((x & 0x5555555555555555) << 1);
  x = ((x >> 2) & 0x3333333333333333) | ((x & 0x3333333333333333) << 2);
  x = ((x >> 4) & 0x0f0f0f0f0f0f0f0f) | ((x & 0x0f0f0f0f0f0f0f0f) << 4);
  return bswap<u64>(x);
}

/** SUM := (SUM + X) · key · x^-128 for each of n blocks. */
function multiplyEach(p: usize, n: usize, key: usize): void {
  const h0 = load<u64>(key), h1 = load<u64>(key, 8);
  const r0 = reverse(h0), r1 = reverse(h1);
  const h2 = h0 ^ h1, r2 = r0 ^ r1;
  let s0 = load<u64>(SUM), s1 = load<u64>(SUM, 8);
  for (const end = p + 16 * n; p < end; p += 16) {
    s0 ^= load<u64>(p);
    s1 ^= load<u64>(p, 8);
    const t0 = reverse(s0), t1 = reverse(s1);
    const low0 = product(s0, h0), low1 = product(s1, h1);
    const low2 = product(s0 ^ s1, h2) ^ low0 ^ low1;
    const high0 = product(t0, r0), high1 = product(t1, r1);
    const high2 = product(t0 ^ t1, r2) ^ high0 ^ high1;
    let c1 = (reverse(high0) >> 1) ^ low2;
    let c2 = low1 ^ (reverse(high2) >> 1);
    let c3 = reverse(high1) >> 1;
    c2 ^= low0 ^ (low0 >> 1) ^ (low0 >> 2) ^ (low0 >> 7);
    c1 ^= (low0 << 63) ^ (low0 << 62) ^ (low0 << 57);
    c3 ^= c1 ^ (c1 >> 1) ^ (c1 >> 2) ^ (c1 >> 7);
    c2 ^= (c1 << 63) ^ (c1 << 62) ^ (c1 << 57);
    s0 = c2;
    s1 = c3;
  }
  store<u64>(SUM, s0);
  store<u64>(SUM, s1, 8);
}

@inline
function mergeLow(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

@inline
function mergeHigh(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/** One of four equal steps by which sixteen rows become sixteen columns. */

@inline
function mergeRows(from: usize, to: usize): void {
  for (let i: usize = 0; i < 128; i += 16) {
    const a = v128.load(from + i);
    const b = v128.load(from + i, 128);
    v128.store(to + 2 * i, mergeLow(a, b));
    v128.store(to + 2 * i, mergeHigh(a, b), 16);
  }
}

/** Rows to columns; `from` may be `to`, SPARE is used. */
function transpose(from: usize, to: usize): void {
  mergeRows(from, SPARE);
  mergeRows(SPARE, to);
  mergeRows(to, SPARE);
  mergeRows(SPARE, to);
}

/** The tables for multiplying by the value at POWER. */
function makeTable(): void {
  let h0 = load<u64>(POWER), h1 = load<u64>(POWER, 8);
  for (let table = POLYVAL_TABLE; table < POLYVAL_TABLE + 32 * GROUP; table += GROUP) {
    v128.store(MULTIPLES, i64x2.splat(0));
    for (let bit: usize = 16; bit < GROUP; bit <<= 1) {
      const value = i64x2.replace_lane(i64x2.splat(h0), 1, h1);
      for (let i: usize = 0; i < bit; i += 16) {
        v128.store(MULTIPLES + bit + i, v128.xor(v128.load(MULTIPLES + i), value));
      }
      const carry = h1 >> 63;
      h1 = ((h1 << 1) | (h0 >> 63)) ^ (carry * 0xc200000000000000);
      h0 = (h0 << 1) ^ carry;
    }
    transpose(MULTIPLES, table);
  }
}

/** Bytes q to q + 7 of the columns' products. */

@inline
function multiplyColumns(table: usize, to: usize): void {
  let a = i64x2.splat(0), b = a, c = a, d = a, e = a, f = a, g = a, h = a;
  for (let nibble = NIBBLES; nibble < NIBBLES + 512; nibble += 16) {
    const n = v128.load(nibble);
    a = v128.xor(a, i8x16.relaxed_swizzle(v128.load(table), n));
    b = v128.xor(b, i8x16.relaxed_swizzle(v128.load(table, 16), n));
    c = v128.xor(c, i8x16.relaxed_swizzle(v128.load(table, 32), n));
    d = v128.xor(d, i8x16.relaxed_swizzle(v128.load(table, 48), n));
    e = v128.xor(e, i8x16.relaxed_swizzle(v128.load(table, 64), n));
    f = v128.xor(f, i8x16.relaxed_swizzle(v128.load(table, 80), n));
    g = v128.xor(g, i8x16.relaxed_swizzle(v128.load(table, 96), n));
    h = v128.xor(h, i8x16.relaxed_swizzle(v128.load(table, 112), n));
    table += GROUP;
  }
  v128.store(to, a);
  v128.store(to, b, 16);
  v128.store(to, c, 32);
  v128.store(to, d, 48);
  v128.store(to, e, 64);
  v128.store(to, f, 80);
  v128.store(to, g, 96);
  v128.store(to, h, 112);
}

/** x · y · x^-128 to POWER, from POWER and SPARE; SUM is kept. */
function multiplyPower(): void {
  const sum = v128.load(SUM);
  v128.store(SUM, i64x2.splat(0));
  multiplyEach(SPARE, 1, POWER);
  v128.store(POWER, v128.load(SUM));
  v128.store(SUM, sum);
}

/** H^16 to POWER, without the factor x^-128 that a table look-up does not bring. */
function preparePower(): void {
  v128.store(POWER, v128.load(KEY));
  for (let i = 0; i < 4; i++) {
    v128.store(SPARE, v128.load(POWER));
    multiplyPower();
  }
  v128.store(SPARE, i64x2.replace_lane(i64x2.splat(0), 0, 1));
  multiplyPower();
}

/** Groups of sixteen blocks, at least one. */
function multiplyGroups(p: usize, groups: usize): void {
  preparePower();
  makeTable();
  memory.copy(MULTIPLES, p, GROUP);
  v128.store(MULTIPLES, v128.xor(v128.load(MULTIPLES), v128.load(SUM)));
  transpose(MULTIPLES, COLUMNS);
  const mask = i8x16.splat(15);
  for (const end = p + groups * GROUP; (p += GROUP) < end;) {
    for (let i: usize = 0; i < GROUP; i += 16) {
      const column = v128.load(COLUMNS + i);
      v128.store(NIBBLES + 2 * i, v128.and(column, mask));
      v128.store(NIBBLES + 2 * i, v128.and(i16x8.shr_u(column, 4), mask), 16);
    }
    multiplyColumns(POLYVAL_TABLE, COLUMNS);
    multiplyColumns(POLYVAL_TABLE + 128, COLUMNS + 128);
    transpose(p, MULTIPLES);
    for (let i: usize = 0; i < GROUP; i += 16) {
      v128.store(COLUMNS + i, v128.xor(v128.load(COLUMNS + i), v128.load(MULTIPLES + i)));
    }
  }
  transpose(COLUMNS, MULTIPLES);
  v128.store(SUM, i64x2.splat(0));
  multiplyEach(MULTIPLES, 16, KEY);
}

/** Takes bytes into SUM; the last block is filled with zeros. */
export function polyval(p: usize, length: usize): void {
  let blocks = length >> 4;
  const rest = length & 15;
  if (blocks >= MANY) {
    const groups = blocks >> 4;
    multiplyGroups(p, groups);
    p += groups * GROUP;
    blocks &= 15;
  }
  if (blocks > 0) multiplyEach(p, blocks, KEY);
  if (rest > 0) {
    v128.store(SPARE, i64x2.splat(0));
    memory.copy(SPARE, p + 16 * blocks, rest);
    multiplyEach(SPARE, 1, KEY);
  }
}
