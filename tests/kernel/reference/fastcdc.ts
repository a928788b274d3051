/** FastCDC in plain TypeScript, in two halves of 32 bits. */

import { GEAR_TABLE } from "../../../src/chunking/gear_table.ts";
import type { GearMasks } from "../../../src/chunking/fastcdc.ts";

const GEAR_HALVES = new Int32Array(GEAR_TABLE.buffer);

/** The length of the chunk that begins where the data begins. */
export function cutPlainly(
  data: Uint8Array,
  min: number,
  normal: number,
  max: number,
  masks: GearMasks,
): number {
  const n = Math.min(data.length, max);
  const halves = new Int32Array(BigUint64Array.of(masks.strict, masks.loose).buffer);
  let [low, high, maskLow, maskHigh] = [0, 0, halves[0], halves[1]];
  for (let i = min; i < n; i++) {
    if (i === Math.min(n, normal)) [maskLow, maskHigh] = [halves[2], halves[3]];
    const gear = data[i] << 1;
    const sum = ((low << 1) >>> 0) + (GEAR_HALVES[gear] >>> 0);
    high = ((high << 1) | (low >>> 31)) + GEAR_HALVES[gear + 1] + (sum > 0xffffffff ? 1 : 0) | 0;
    low = sum | 0;
    if ((low & maskLow) === 0 && (high & maskHigh) === 0) return i;
  }
  return n;
}
