/**
 * FastCDC: a rolling sum of gear numbers cuts where its bits under a mask are zero, with a stricter mask
 * before the normal size than after it.
 */

import { GEAR_TABLE } from "./gear_table.ts";
import type { Chunker } from "./chunker.ts";

/** The masks before and after the normal size. */
export interface GearMasks {
  /** Before the normal size: more bits, so cuts are rare. */
  readonly strict: bigint;
  /** From the normal size on: fewer bits. */
  readonly loose: bigint;
}

/** The masks of the first FastCDC, whatever the sizes. */
export const LEGACY_MASKS: GearMasks = { strict: 0x0003590703530000n, loose: 0x0000d90003530000n };

function spaced(count: number): bigint {
  if (count >= 64) return 0xffffffffffffffffn;
  const step = Math.floor(64 / count);
  let mask = 0n;
  for (let i = 0; i < count; i++) mask |= 1n << BigInt(63 - i * step);
  return mask;
}

/**
 * The masks of "fastcdc-v1.0.0".
 *
 * @param minSize least bytes of a chunk
 * @param normalSize average bytes of a chunk
 * @param maxSize most bytes of a chunk
 * @returns masks that make chunks of about the normal size
 */
export function masksFor(minSize: number, normalSize: number, maxSize: number): GearMasks {
  if (minSize === 2048 && normalSize === 8192 && maxSize === 65536) return LEGACY_MASKS;
  const bits = Math.floor(Math.log2(normalSize));
  return { strict: spaced(bits + 2), loose: spaced(bits - 2) };
}

const GEAR_HALVES = new Int32Array(GEAR_TABLE.buffer);

/** FastCDC with given masks. */
export class FastCdc implements Chunker {
  readonly minSize: number;
  readonly normalSize: number;
  readonly maxSize: number;
  readonly #masks: Int32Array;

  /**
   * Cuts at these sizes.
   *
   * @param minSize least bytes of a chunk
   * @param normalSize average bytes of a chunk
   * @param maxSize most bytes of a chunk
   * @param masks where to cut
   */
  constructor(minSize: number, normalSize: number, maxSize: number, masks: GearMasks) {
    this.minSize = minSize;
    this.normalSize = normalSize;
    this.maxSize = maxSize;
    this.#masks = new Int32Array(BigUint64Array.of(masks.strict, masks.loose).buffer);
  }

  cut(data: Uint8Array, start: number, end: number): number {
    const n = Math.min(end - start, this.maxSize);
    if (n <= this.minSize) return n;
    const [strictLow, strictHigh, looseLow, looseHigh] = this.#masks;
    const normal = Math.min(n, this.normalSize);
    let [low, high, maskLow, maskHigh] = [0, 0, strictLow, strictHigh];
    for (let i = this.minSize; i < n; i++) {
      if (i === normal) [maskLow, maskHigh] = [looseLow, looseHigh];
      const gear = data[start + i] << 1;
      const sum = ((low << 1) >>> 0) + (GEAR_HALVES[gear] >>> 0);
      high = ((high << 1) | (low >>> 31)) + GEAR_HALVES[gear + 1] + (sum > 0xffffffff ? 1 : 0) | 0;
      low = sum | 0;
      if ((low & maskLow) === 0 && (high & maskHigh) === 0) return i;
    }
    return n;
  }
}
