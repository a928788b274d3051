// The rolling sum of FastCDC.

import { GEAR } from "./layout";

let sum: u64 = 0;

/** Starts a chunk. */
export function gearStart(): void {
  sum = 0;
}

@inline
function next(value: u64, byte: usize): u64 {
  return (value << 1) + load<u64>(byte << 3, GEAR);
}

/** Goes on over n bytes; returns the first after which the masked sum is zero, -1 if there is none. */
export function gearScan(p: usize, n: usize, maskLow: u32, maskHigh: u32): i32 {
  const mask = (<u64>maskHigh << 32) | maskLow;
  const start = p;
  let value = sum;
  for (const end = p + (n & ~7); p < end; p += 8) {
    if (!((value = next(value, load<u8>(p, 0))) & mask)) return <i32>(p - start);
    if (!((value = next(value, load<u8>(p, 1))) & mask)) return <i32>(p - start) + 1;
    if (!((value = next(value, load<u8>(p, 2))) & mask)) return <i32>(p - start) + 2;
    if (!((value = next(value, load<u8>(p, 3))) & mask)) return <i32>(p - start) + 3;
    if (!((value = next(value, load<u8>(p, 4))) & mask)) return <i32>(p - start) + 4;
    if (!((value = next(value, load<u8>(p, 5))) & mask)) return <i32>(p - start) + 5;
    if (!((value = next(value, load<u8>(p, 6))) & mask)) return <i32>(p - start) + 6;
    if (!((value = next(value, load<u8>(p, 7))) & mask)) return <i32>(p - start) + 7;
  }
  for (const end = start + n; p < end; p++) {
    if (!((value = next(value, load<u8>(p))) & mask)) return <i32>(p - start);
  }
  sum = value;
  return -1;
}
