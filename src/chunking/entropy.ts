/** How random bytes look; the kernel counts them. */

import { useKernel } from "../kernel/kernel.ts";

/** n · log2 n for small n: most files are small. */
const N_LOG_N = Float64Array.from({ length: 1024 }, (_, n) => n === 0 ? 0 : n * Math.log2(n));

let counts: Uint32Array | undefined;

/**
 * The Shannon entropy of the bytes' frequencies.
 *
 * @param data any number of bytes
 * @returns bits a byte, from 0 to 8; 0 if there are none
 */
export function entropy(data: Uint8Array): number {
  const total = data.length;
  if (total === 0) return 0;
  const kernel = useKernel();
  counts ??= new Uint32Array(kernel.memory.buffer, kernel.place("HISTOGRAM"), 256);
  kernel.run.histogramStart();
  kernel.bringAll(data, kernel.run.histogramAdd);
  kernel.run.histogramEnd();
  let sum = 0;
  for (let i = 0; i < 256; i++) {
    const count = counts[i];
    sum += count < N_LOG_N.length ? N_LOG_N[count] : count * Math.log2(count);
  }
  return Math.max(0, (total * Math.log2(total) - sum) / total);
}
