// The tables of AES by nibble look-ups (after M. Hamburg, "Accelerating AES with vector permute
// instructions", 2009): the S-box is an inversion in GF(2^8), done in GF(2^4) by sixteen-entry tables that
// lie in registers, so that its time does not depend on the data.
//
// A byte x is held as two nibbles (i, k) with x = i·t + k, where t² + a·t + a = 0 over GF(2^4). With
// j = i + k and N = a·i² + a·i·k + k², which is the norm of x,
//
//   io = 1/(1/i + a/k) + j = N / (k + a·i)      jo = 1/(1/j + a/k) + i = N / (k + a·j)
//
// and 1/x is linear in 1/io and 1/jo. Zero has the inverse ∞, written 0x80, which every look-up turns to 0.

import { AES_TABLES } from "./layout";

const INFINITY: u8 = 0x80;

export const INVERSE: usize = AES_TABLES; // 1/n
export const A_OVER: usize = AES_TABLES + 16; // a/n
export const IN_LOW: usize = AES_TABLES + 32; // a byte of AES to nibbles, by its low nibble
export const IN_HIGH: usize = AES_TABLES + 48;
// From io and jo: the S-box once and twice in nibbles, and in bytes of AES.
export const SBOX_I: usize = AES_TABLES + 64;
export const SBOX_J: usize = AES_TABLES + 80;
export const TWICE_I: usize = AES_TABLES + 96;
export const TWICE_J: usize = AES_TABLES + 112;
export const FINAL_I: usize = AES_TABLES + 128;
export const FINAL_J: usize = AES_TABLES + 144;
/** What the S-box adds, in nibbles: added to the round keys instead. */
export const SBOX_CONSTANT: usize = AES_TABLES + 160;
// The same for the inverse cipher, whose state is held as what the inversion takes.
export const BACK_IN_LOW: usize = AES_TABLES + 192;
export const BACK_IN_HIGH: usize = AES_TABLES + 208;
export const BACK_CONSTANT: usize = AES_TABLES + 224;
export const BACK_FINAL_I: usize = AES_TABLES + 240;
export const BACK_FINAL_J: usize = AES_TABLES + 256;
/** Times 14, 11, 13 and 9: two tables each. */
export const BACK_MIX: usize = AES_TABLES + 272;

/** The product in GF(2^8) of AES. */
export function multiply(x: u32, y: u32): u32 {
  let product: u32 = 0;
  for (; y !== 0; y >>= 1) {
    if (y & 1) product ^= x;
    x <<= 1;
    if (x & 0x100) x ^= 0x11b;
  }
  return product;
}

function invert(x: u32): u32 {
  // x^254
  let power = x;
  let result: u32 = 1;
  for (let i = 0; i < 7; i++) {
    power = multiply(power, power);
    result = multiply(result, power);
  }
  return result;
}

/** The linear part of the S-box. */
function affine(x: u32): u32 {
  return (x ^ (x << 1) ^ (x << 2) ^ (x << 3) ^ (x << 4) ^ (x >> 7) ^ (x >> 6) ^ (x >> 5) ^ (x >> 4)) & 0xff;
}

/** The inverse of the linear part of the S-box. */
function affineBack(x: u32): u32 {
  return ((x << 1) ^ (x << 3) ^ (x << 6) ^ (x >> 7) ^ (x >> 5) ^ (x >> 2)) & 0xff;
}

// While the tables are made: the nibble map of GF(2^8), and its inverse for the subfield.
const TO_NIBBLES: usize = AES_TABLES + 512;
const ELEMENT: usize = AES_TABLES + 512 + 256;

function nibbles(x: u32): u8 {
  return load<u8>(TO_NIBBLES + x);
}

/** Chooses a and t, and fills TO_NIBBLES; returns a. */
function chooseBasis(): u32 {
  // 3 generates GF(2^8), so its 17th power generates GF(2^4).
  let g: u32 = 1;
  for (let i = 0; i < 17; i++) g = multiply(g, 3);
  const g2 = multiply(g, g);
  const g3 = multiply(g2, g);
  for (let n: u32 = 0; n < 16; n++) {
    store<u8>(ELEMENT + n, (n & 1) ^ (n & 2 ? g : 0) ^ (n & 4 ? g2 : 0) ^ (n & 8 ? g3 : 0));
  }
  // The first t outside the subfield whose trace over it is its norm: both are a.
  let t: u32 = 1;
  let a: u32 = 0;
  for (; t < 256; t++) {
    let conjugate = t;
    for (let i = 0; i < 4; i++) conjugate = multiply(conjugate, conjugate);
    a = conjugate ^ t;
    if (conjugate !== t && a === multiply(conjugate, t)) break;
  }
  for (let i: u32 = 0; i < 16; i++) {
    for (let k: u32 = 0; k < 16; k++) {
      store<u8>(TO_NIBBLES + (multiply(load<u8>(ELEMENT + i), t) ^ load<u8>(ELEMENT + k)), (i << 4) | k);
    }
  }
  store<u8>(ELEMENT + 16, t);
  return a;
}

/** Makes all tables. */
export function makeTables(): void {
  const a = chooseBasis();
  const t: u32 = load<u8>(ELEMENT + 16);
  const overA = invert(a);
  for (let n: usize = 0; n < 16; n++) {
    const element: u32 = load<u8>(ELEMENT + n);
    const inverse = invert(element);
    store<u8>(INVERSE + n, n === 0 ? INFINITY : nibbles(inverse));
    store<u8>(A_OVER + n, n === 0 ? INFINITY : nibbles(multiply(a, inverse)));
    store<u8>(IN_LOW + n, nibbles(<u32> n));
    store<u8>(IN_HIGH + n, nibbles(<u32> n << 4));
    store<u8>(SBOX_CONSTANT + n, nibbles(0x63));
    store<u8>(BACK_IN_LOW + n, nibbles(affineBack(<u32> n)));
    store<u8>(BACK_IN_HIGH + n, nibbles(affineBack(<u32> n << 4)));
    store<u8>(BACK_CONSTANT + n, nibbles(affineBack(0x63)));
    // u = 1/io and v = 1/jo: k/N = (u + v)/a, i/N = (u + k/N)/a, 1/x = (i·(t + a) + k)/N
    const share = multiply(inverse, overA);
    const fromI = multiply(multiply(inverse ^ share, overA), t ^ a) ^ share;
    const fromJ = multiply(multiply(share, overA), t ^ a) ^ share;
    store<u8>(SBOX_I + n, nibbles(affine(fromI)));
    store<u8>(SBOX_J + n, nibbles(affine(fromJ)));
    store<u8>(TWICE_I + n, nibbles(multiply(affine(fromI), 2)));
    store<u8>(TWICE_J + n, nibbles(multiply(affine(fromJ), 2)));
    store<u8>(FINAL_I + n, affine(fromI));
    store<u8>(FINAL_J + n, affine(fromJ));
    store<u8>(BACK_FINAL_I + n, fromI);
    store<u8>(BACK_FINAL_J + n, fromJ);
    for (let i: usize = 0; i < 4; i++) {
      const factor = (0x090d0b0e >> (8 * <u32> i)) & 15;
      store<u8>(BACK_MIX + 32 * i + n, nibbles(affineBack(multiply(factor, fromI))));
      store<u8>(BACK_MIX + 32 * i + 16 + n, nibbles(affineBack(multiply(factor, fromJ))));
    }
  }
}
