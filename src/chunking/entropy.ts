/** How random bytes look. */

import { useKernel } from "../kernel/kernel.ts";

/** n · log2 n for small n: most files are small. */
const N_LOG_N = Float64Array.from({ length: 1024 }, (_, n) => n === 0 ? 0 : n * Math.log2(n));

/** From how many bytes on four tables pay, which spare equal bytes in a row to wait for one another. */
const MANY = 4096;
/** From how many bytes on the kernel's counts of pairs pay, of which there are 65 536. */
const PAIRS_FROM = 65536;

const counts = new Uint32Array(256);
const counts1 = new Uint32Array(256);
const counts2 = new Uint32Array(256);
const counts3 = new Uint32Array(256);

/** Counts bytes in fours, all to `counts`; returns how many are left over. */
function countFours(data: Uint8Array): number {
  counts1.fill(0);
  counts2.fill(0);
  counts3.fill(0);
  const end = data.length - data.length % 4;
  for (let i = 0; i < end; i += 4) {
    counts[data[i]]++;
    counts1[data[i + 1]]++;
    counts2[data[i + 2]]++;
    counts3[data[i + 3]]++;
  }
  for (let i = 0; i < 256; i++) counts[i] += counts1[i] + counts2[i] + counts3[i];
  return data.length - end;
}

/** Counts pairs, to `counts`; returns how many bytes are left over. */
function countPairs(data: Uint8Array): number {
  const kernel = useKernel();
  const { run, memory, at } = kernel;
  const rest = data.length % 2;
  kernel.bringAll(data.subarray(0, data.length - rest), run.countPairs);
  run.takeCounts();
  counts.set(new Uint32Array(memory.buffer, at.COUNTS, counts.length));
  return rest;
}

/** Counts all bytes but a few; returns how many are left over. */
function countMost(data: Uint8Array): number {
  if (data.length >= PAIRS_FROM) return countPairs(data);
  return data.length >= MANY ? countFours(data) : data.length;
}

/**
 * The Shannon entropy of the bytes' frequencies.
 *
 * @param data any number of bytes
 * @returns bits a byte, from 0 to 8; 0 if there are none
 */
export function entropy(data: Uint8Array): number {
  const total = data.length;
  if (total === 0) return 0;
  counts.fill(0);
  const rest = countMost(data);
  for (let i = total - rest; i < total; i++) counts[data[i]]++;
  let sum = 0;
  for (let i = 0; i < 256; i++) {
    const count = counts[i];
    sum += count < N_LOG_N.length ? N_LOG_N[count] : count * Math.log2(count);
  }
  return Math.max(0, (total * Math.log2(total) - sum) / total);
}
