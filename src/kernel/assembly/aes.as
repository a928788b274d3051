// AES-256 in constant time, one block at a time or two. See aes_tables.as for the way the state is held.

import {
  A_OVER,
  BACK_CONSTANT,
  BACK_FINAL_I,
  BACK_FINAL_J,
  BACK_IN_HIGH,
  BACK_IN_LOW,
  BACK_MIX,
  FINAL_I,
  FINAL_J,
  IN_HIGH,
  IN_LOW,
  INVERSE,
  multiply,
  SBOX_CONSTANT,
  SBOX_I,
  SBOX_J,
  TWICE_I,
  TWICE_J,
} from "./aes_tables";

/** Bytes of a schedule: fifteen round keys. */
export const SCHEDULE_BYTES: usize = 240;

@inline
function lookup(table: usize, nibbles: v128): v128 {
  return i8x16.relaxed_swizzle(v128.load(table), nibbles);
}

@inline
function low(x: v128): v128 {
  return v128.and(x, v128.load(NIBBLE));
}

@inline
function high(x: v128): v128 {
  return v128.and(i16x8.shr_u(x, 4), v128.load(NIBBLE));
}

/** Of AES bytes the nibbles that these tables give, which are linear. */

@inline
function convert(lowTable: usize, highTable: usize, x: v128): v128 {
  return v128.xor(lookup(lowTable, low(x)), lookup(highTable, high(x)));
}

@inline
function invertI(i: v128, k: v128, j: v128): v128 {
  return v128.xor(lookup(INVERSE, v128.xor(lookup(INVERSE, i), lookup(A_OVER, k))), j);
}

@inline
function invertJ(i: v128, k: v128, j: v128): v128 {
  return v128.xor(lookup(INVERSE, v128.xor(lookup(INVERSE, j), lookup(A_OVER, k))), i);
}

@inline
function pair(tableI: usize, tableJ: usize, io: v128, jo: v128): v128 {
  return v128.xor(lookup(tableI, io), lookup(tableJ, jo));
}

// Constant shuffles are loaded too: measured to be faster in V8 than constants.
const NIBBLE = memory.data<u8>([15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15], 16);

/** ShiftRows, with each column turned by 0 to 3 rows. */
const SHIFT = memory.data<u8>([
  0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11,
  5, 10, 15, 0, 9, 14, 3, 4, 13, 2, 7, 8, 1, 6, 11, 12,
  10, 15, 0, 5, 14, 3, 4, 9, 2, 7, 8, 13, 6, 11, 12, 1,
  15, 0, 5, 10, 3, 4, 9, 14, 7, 8, 13, 2, 11, 12, 1, 6,
], 16);

/** The inverse of ShiftRows, with each column turned by 0 to 3 rows. */
const UNSHIFT = memory.data<u8>([
  0, 13, 10, 7, 4, 1, 14, 11, 8, 5, 2, 15, 12, 9, 6, 3,
  13, 10, 7, 0, 1, 14, 11, 4, 5, 2, 15, 8, 9, 6, 3, 12,
  10, 7, 0, 13, 14, 11, 4, 1, 2, 15, 8, 5, 6, 3, 12, 9,
  7, 0, 13, 10, 11, 4, 1, 14, 15, 8, 5, 2, 3, 12, 9, 6,
], 16);

@inline
function shuffle(x: v128, table: usize): v128 {
  return i8x16.relaxed_swizzle(x, v128.load(table));
}

@inline
function round(x: v128, key: v128): v128 {
  const k = low(x);
  const i = high(x);
  const j = v128.xor(i, k);
  const io = invertI(i, k, j);
  const jo = invertJ(i, k, j);
  const once = pair(SBOX_I, SBOX_J, io, jo);
  const twice = pair(TWICE_I, TWICE_J, io, jo);
  const rest = v128.xor(v128.xor(shuffle(twice, SHIFT), key), v128.xor(shuffle(once, SHIFT + 32), shuffle(once, SHIFT + 48)));
  return v128.xor(shuffle(v128.xor(once, twice), SHIFT + 16), rest);
}

@inline
function lastRound(x: v128, key: v128): v128 {
  const k = low(x);
  const i = high(x);
  const j = v128.xor(i, k);
  return v128.xor(shuffle(pair(FINAL_I, FINAL_J, invertI(i, k, j), invertJ(i, k, j)), SHIFT), key);
}

/** One block, AES bytes in and out. */

@inline
export function encrypt(schedule: usize, block: v128): v128 {
  let x = v128.xor(convert(IN_LOW, IN_HIGH, block), v128.load(schedule));
  for (let at = schedule + 16; at < schedule + 224; at += 16) x = round(x, v128.load(at));
  return lastRound(x, v128.load(schedule, 224));
}

/** Two blocks at `from` to `to`. */
export function encryptTwo(schedule: usize, a: v128, b: v128, to: usize): void {
  let x = v128.xor(convert(IN_LOW, IN_HIGH, a), v128.load(schedule));
  let y = v128.xor(convert(IN_LOW, IN_HIGH, b), v128.load(schedule));
  for (let at = schedule + 16; at < schedule + 224; at += 16) {
    const key = v128.load(at);
    x = round(x, key);
    y = round(y, key);
  }
  const key = v128.load(schedule, 224);
  v128.store(to, lastRound(x, key));
  v128.store(to, lastRound(y, key), 16);
}

/** The S-box on each byte of a word. */
function substitute(word: u32): u32 {
  const x = convert(IN_LOW, IN_HIGH, i32x4.splat(word));
  const k = low(x);
  const i = high(x);
  const j = v128.xor(i, k);
  const out = pair(FINAL_I, FINAL_J, invertI(i, k, j), invertJ(i, k, j));
  return i32x4.extract_lane(out, 0) ^ 0x63636363;
}

/** The fifteen round keys of a key of 32 bytes, as AES has them. */
function expand(key: usize, schedule: usize): void {
  memory.copy(schedule, key, 32);
  let word = load<u32>(schedule, 28);
  let constant: u32 = 1;
  for (let at = schedule + 32; at < schedule + SCHEDULE_BYTES; at += 16) {
    if (((at - schedule) & 16) === 0) {
      word = substitute(rotr<u32>(word, 8)) ^ constant;
      constant <<= 1;
    } else {
      word = substitute(word);
    }
    for (let i: usize = 0; i < 16; i += 4) {
      word ^= load<u32>(at + i - 32);
      store<u32>(at + i, word);
    }
  }
}

/** The schedule for encrypting: round keys in nibbles, with what the S-box adds. */
export function prepare(key: usize, schedule: usize): void {
  expand(key, schedule);
  const constant = v128.load(SBOX_CONSTANT);
  v128.store(schedule, convert(IN_LOW, IN_HIGH, v128.load(schedule)));
  for (let at = schedule + 16; at < schedule + 224; at += 16) {
    v128.store(at, v128.xor(convert(IN_LOW, IN_HIGH, v128.load(at)), constant));
  }
  v128.store(schedule, v128.xor(v128.load(schedule, 224), i8x16.splat(0x63)), 224);
}

/** The inverse of MixColumns on a round key. */
function unmix(key: usize): void {
  for (let column = key; column < key + 16; column += 4) {
    const word = load<u32>(column);
    let mixed: u32 = 0;
    for (let row: u32 = 0; row < 4; row++) {
      const turned = rotr<u32>(word, 8 * row);
      const byte = multiply(turned & 255, 14) ^ multiply((turned >> 8) & 255, 11) ^
        multiply((turned >> 16) & 255, 13) ^ multiply(turned >> 24, 9);
      mixed |= byte << (8 * row);
    }
    store<u32>(column, mixed);
  }
}

/** The schedule for decrypting, in the order of encrypting. */
export function prepareBack(key: usize, schedule: usize): void {
  expand(key, schedule);
  const constant = v128.load(BACK_CONSTANT);
  for (let at = schedule + 16; at < schedule + SCHEDULE_BYTES; at += 16) {
    if (at < schedule + 224) unmix(at);
    v128.store(at, v128.xor(convert(BACK_IN_LOW, BACK_IN_HIGH, v128.load(at)), constant));
  }
}

@inline
function roundBack(x: v128, key: v128): v128 {
  const k = low(x);
  const i = high(x);
  const j = v128.xor(i, k);
  const io = invertI(i, k, j);
  const jo = invertJ(i, k, j);
  const fourteen = shuffle(pair(BACK_MIX, BACK_MIX + 16, io, jo), UNSHIFT);
  const eleven = shuffle(pair(BACK_MIX + 32, BACK_MIX + 48, io, jo), UNSHIFT + 16);
  const thirteen = shuffle(pair(BACK_MIX + 64, BACK_MIX + 80, io, jo), UNSHIFT + 32);
  const nine = shuffle(pair(BACK_MIX + 96, BACK_MIX + 112, io, jo), UNSHIFT + 48);
  return v128.xor(v128.xor(v128.xor(fourteen, eleven), v128.xor(thirteen, nine)), key);
}

/** One block back. */
export function decrypt(schedule: usize, block: v128): v128 {
  let x = v128.xor(convert(BACK_IN_LOW, BACK_IN_HIGH, block), v128.load(schedule, 224));
  for (let at = schedule + 208; at > schedule; at -= 16) x = roundBack(x, v128.load(at));
  const k = low(x);
  const i = high(x);
  const j = v128.xor(i, k);
  const out = pair(BACK_FINAL_I, BACK_FINAL_J, invertI(i, k, j), invertJ(i, k, j));
  return v128.xor(shuffle(out, UNSHIFT), v128.load(schedule));
}
