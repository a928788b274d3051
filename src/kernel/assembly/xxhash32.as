// xxHash32 with seed 0, of bytes that come in pieces.

import { XXHASH_STATE } from "./layout";

const P1: u32 = 0x9e3779b1;
const P2: u32 = 0x85ebca77;
const P3: u32 = 0xc2b2ae3d;
const P4: u32 = 0x27d4eb2f;
const P5: u32 = 0x165667b1;

@inline
function round(lane: u32, p: usize): u32 {
  return rotl<u32>(lane + load<u32>(p) * P2, 13) * P1;
}

/** Starts with no bytes. */
export function checksumStart(): void {
  store<u32>(XXHASH_STATE, P1 + P2);
  store<u32>(XXHASH_STATE, P2, 4);
  store<u32>(XXHASH_STATE, 0, 8);
  store<u32>(XXHASH_STATE, 0 - P1, 12);
}

/** Takes whole stripes of 16 bytes; what is over is left to `checksumEnd`. */
export function checksumAdd(p: usize, length: usize): void {
  let a = load<u32>(XXHASH_STATE);
  let b = load<u32>(XXHASH_STATE, 4);
  let c = load<u32>(XXHASH_STATE, 8);
  let d = load<u32>(XXHASH_STATE, 12);
  for (const end = p + (length & ~15); p < end; p += 16) {
    a = round(a, p);
    b = round(b, p + 4);
    c = round(c, p + 8);
    d = round(d, p + 12);
  }
  store<u32>(XXHASH_STATE, a);
  store<u32>(XXHASH_STATE, b, 4);
  store<u32>(XXHASH_STATE, c, 8);
  store<u32>(XXHASH_STATE, d, 12);
}

/** The checksum of `total` bytes, the last `total` modulo 16 of which lie at p. */
export function checksumEnd(p: usize, total: f64): u32 {
  let h = P5;
  if (total >= 16) {
    h = rotl(load<u32>(XXHASH_STATE), 1) + rotl(load<u32>(XXHASH_STATE, 4), 7) +
      rotl(load<u32>(XXHASH_STATE, 8), 12) + rotl(load<u32>(XXHASH_STATE, 12), 18);
  }
  h += <u32><u64>total;
  const end = p + (<usize><u64>total & 15);
  for (; p + 4 <= end; p += 4) h = rotl<u32>(h + load<u32>(p) * P3, 17) * P4;
  for (; p < end; p++) h = rotl<u32>(h + load<u8>(p) * P5, 11) * P1;
  h = (h ^ (h >> 15)) * P2;
  h = (h ^ (h >> 13)) * P3;
  return h ^ (h >> 16);
}
