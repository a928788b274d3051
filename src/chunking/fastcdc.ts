/**
 * FastCDC: a rolling sum of gear numbers cuts where its bits under a mask are zero, with a stricter mask
 * before the normal size than after it. The kernel does the sums.
 */

import { type Kernel, useKernel } from "../kernel/kernel.ts";
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

/** Data that does not lie in the kernel is brought there by so many bytes. */
const PIECE_BYTES = 65536;

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

/** FastCDC with given masks. */
export class FastCdc implements Chunker {
  readonly minSize: number;
  readonly normalSize: number;
  readonly maxSize: number;
  readonly #kernel: Kernel = useKernel();
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
    this.#kernel.memory.set(new Uint8Array(GEAR_TABLE.buffer), this.#kernel.at.GEAR);
  }

  cut(data: Uint8Array, start: number, end: number): number {
    const n = Math.min(end - start, this.maxSize);
    if (n <= this.minSize) return n;
    const [strictLow, strictHigh, looseLow, looseHigh] = this.#masks;
    const normal = Math.min(n, this.normalSize);
    this.#kernel.run.gearStart();
    const early = this.#scan(data.subarray(start + this.minSize, start + normal), strictLow, strictHigh);
    if (early >= 0) return this.minSize + early;
    const late = this.#scan(data.subarray(start + normal, start + n), looseLow, looseHigh);
    return late >= 0 ? normal + late : n;
  }

  /** How many bytes come before the one that cuts, -1 if none does. */
  #scan(data: Uint8Array, maskLow: number, maskHigh: number): number {
    const { run, memory } = this.#kernel;
    if (data.buffer === memory.buffer) return run.gearScan(data.byteOffset, data.length, maskLow, maskHigh);
    for (let at = 0; at < data.length; at += PIECE_BYTES) {
      const piece = data.subarray(at, at + PIECE_BYTES);
      const before = run.gearScan(this.#kernel.bring(piece), piece.length, maskLow, maskHigh);
      if (before >= 0) return at + before;
    }
    return -1;
  }
}
