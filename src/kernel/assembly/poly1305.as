// Poly1305, RFC 8439. The key's factor has 28 bits of every 32, so that products of 32-bit limbs can be added up
// before carries are taken, and the limbs above 2^130 come back multiplied by 5/4 without a remainder.

import { POLY1305_TAG } from "./layout";

const LOW: u64 = 0xffffffff;

/** The tag of `length` bytes under the key of 32 bytes, to POLY1305_TAG. Sixteen bytes behind them are overwritten. */
export function poly1305(key: usize, p: usize, length: usize): void {
  const r0 = load<u64>(key) & 0x0fffffff, r1 = (load<u64>(key) >> 32) & 0x0ffffffc;
  const r2 = load<u64>(key, 8) & 0x0ffffffc, r3 = (load<u64>(key, 8) >> 32) & 0x0ffffffc;
  const s1 = r1 + (r1 >> 2), s2 = r2 + (r2 >> 2), s3 = r3 + (r3 >> 2);
  let h0: u64 = 0, h1: u64 = 0, h2: u64 = 0, h3: u64 = 0, h4: u64 = 0;
  const end = p + length;
  const whole = p + (length & ~15);
  let top: u64 = 1;
  while (p < end) {
    if (p === whole) {
      // The last block, which is not full, ends with a one and zeros.
      memory.fill(end, 0, 16);
      store<u8>(end, 1);
      top = 0;
    }
    h0 += load<u32>(p);
    h1 += load<u32>(p, 4);
    h2 += load<u32>(p, 8);
    h3 += load<u32>(p, 12);
    h4 += top;
    const d0 = h0 * r0 + h1 * s3 + h2 * s2 + h3 * s1;
    const d1 = h0 * r1 + h1 * r0 + h2 * s3 + h3 * s2 + h4 * s1 + (d0 >> 32);
    const d2 = h0 * r2 + h1 * r1 + h2 * r0 + h3 * s3 + h4 * s2 + (d1 >> 32);
    const d3 = h0 * r3 + h1 * r2 + h2 * r1 + h3 * r0 + h4 * s3 + (d2 >> 32);
    const d4 = h4 * r0 + (d3 >> 32);
    // What is above 2^130 comes back five times at the bottom, whose carry can wait.
    h0 = (d0 & LOW) + (d4 >> 2) + (d4 & ~3);
    h1 = d1 & LOW;
    h2 = d2 & LOW;
    h3 = d3 & LOW;
    h4 = d4 & 3;
    p += 16;
  }
  finish(key, h0, h1, h2, h3, h4);
}

/** Reduces the sum modulo 2^130 - 5 and adds the second half of the key. */
function finish(key: usize, h0: u64, h1: u64, h2: u64, h3: u64, h4: u64): void {
  h1 += h0 >> 32;
  h2 += h1 >> 32;
  h3 += h2 >> 32;
  h4 += h3 >> 32;
  h0 = (h0 & LOW) + (h4 >> 2) * 5;
  h1 = (h1 & LOW) + (h0 >> 32);
  h2 = (h2 & LOW) + (h1 >> 32);
  h3 = (h3 & LOW) + (h2 >> 32);
  h4 = (h4 & 3) + (h3 >> 32);
  h0 &= LOW;
  h1 &= LOW;
  h2 &= LOW;
  h3 &= LOW;
  // What is above 2^130 is at most one: the sum plus 5 tells whether the modulus goes into it.
  const g0 = h0 + 5;
  const g1 = h1 + (g0 >> 32);
  const g2 = h2 + (g1 >> 32);
  const g3 = h3 + (g2 >> 32);
  const isLarge: u64 = 0 - ((h4 + (g3 >> 32)) >> 2 & 1);
  const low = ((g0 & LOW | g1 << 32) & isLarge) | ((h0 | h1 << 32) & ~isLarge);
  const high = ((g2 & LOW | g3 << 32) & isLarge) | ((h2 | h3 << 32) & ~isLarge);
  const sum = low + load<u64>(key, 16);
  store<u64>(POLY1305_TAG, sum);
  store<u64>(POLY1305_TAG, high + load<u64>(key, 24) + u64(sum < low), 8);
}
