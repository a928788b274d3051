/** xxHash32 with seed 0, the checksum of LZ4 frames, by the kernel. */

import { useKernel } from "../kernel/kernel.ts";

/** Bytes taken at a time. */
const STRIPE_MASK = 15;

/**
 * The checksum of the bytes.
 *
 * @param data any number of bytes
 * @returns an unsigned 32-bit integer
 */
export function xxHash32(data: Uint8Array): number {
  const kernel = useKernel();
  const { run } = kernel;
  let rest = 0;
  run.checksumStart();
  kernel.bringAll(data, (p, length) => {
    run.checksumAdd(p, length);
    rest = p + (length & ~STRIPE_MASK);
  });
  return run.checksumEnd(rest, data.length) >>> 0;
}
