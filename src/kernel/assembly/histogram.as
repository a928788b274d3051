// How often each byte occurs. Four tables, so that equal bytes in a row do not wait for one another.

import { HISTOGRAM } from "./layout";

/** Starts with no bytes. */
export function histogramStart(): void {
  memory.fill(HISTOGRAM, 0, 4096);
}

@inline
function count(table: usize, byte: u64): void {
  const at = table + (<usize>(byte & 255) << 2);
  store<u32>(at, load<u32>(at) + 1);
}

/** Takes bytes. */
export function histogramAdd(p: usize, n: usize): void {
  const end = p + n;
  for (; p + 8 <= end; p += 8) {
    const word = load<u64>(p);
    count(HISTOGRAM, word);
    count(HISTOGRAM + 1024, word >> 8);
    count(HISTOGRAM + 2048, word >> 16);
    count(HISTOGRAM + 3072, word >> 24);
    count(HISTOGRAM, word >> 32);
    count(HISTOGRAM + 1024, word >> 40);
    count(HISTOGRAM + 2048, word >> 48);
    count(HISTOGRAM + 3072, word >> 56);
  }
  for (; p < end; p++) count(HISTOGRAM, load<u8>(p));
}

/** Adds the four tables up, in the first. */
export function histogramEnd(): void {
  for (let at = HISTOGRAM; at < HISTOGRAM + 1024; at += 16) {
    v128.store(at, i32x4.add(
      i32x4.add(v128.load(at), v128.load(at, 1024)),
      i32x4.add(v128.load(at, 2048), v128.load(at, 3072)),
    ));
  }
}
