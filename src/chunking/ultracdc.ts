/** UltraCDC: cuts by the Hamming distance of a window of eight bytes to 0xAA, with a way out of runs. */

import type { Chunker } from "./chunker.ts";

const WINDOW = 8;
const STRICT = 0x2f;
const LOOSE = 0x2c;
/** Equal windows in a row after which a run is cut. */
const RUN = 64;

const DISTANCES = Uint8Array.from({ length: 256 }, (_, byte) => {
  let bits = 0;
  for (let rest = byte ^ 0xaa; rest > 0; rest >>= 1) bits += rest & 1;
  return bits;
});

function sameWindow(data: Uint8Array, a: number, b: number): boolean {
  for (let i = 0; i < WINDOW; i++) if (data[a + i] !== data[b + i]) return false;
  return true;
}

/** UltraCDC as plakar has it. */
export class UltraCdc implements Chunker {
  readonly minSize: number;
  readonly normalSize: number;
  readonly maxSize: number;

  /**
   * Cuts at these sizes.
   *
   * @param minSize least bytes of a chunk
   * @param normalSize average bytes of a chunk
   * @param maxSize most bytes of a chunk
   */
  constructor(minSize: number, normalSize: number, maxSize: number) {
    this.minSize = minSize;
    this.normalSize = normalSize;
    this.maxSize = maxSize;
  }

  cut(data: Uint8Array, start: number, end: number): number {
    const n = Math.min(end - start, this.maxSize);
    if (n <= this.minSize + WINDOW) return n;
    let window = start + this.minSize;
    let distance = 0;
    for (let j = 0; j < WINDOW; j++) distance += DISTANCES[data[window + j]];
    let run = 0;
    for (let i = this.minSize + WINDOW; i <= n - WINDOW; i += WINDOW) {
      const mask = i >= Math.min(n, this.normalSize) ? LOOSE : STRICT;
      const at = start + i;
      if (sameWindow(data, window, at)) {
        if (++run >= RUN) return i + WINDOW;
        continue;
      }
      run = 0;
      for (let j = 0; j < WINDOW; j++) {
        if ((distance & mask) === 0) return i + j;
        distance += DISTANCES[data[at + j]] - DISTANCES[data[at + j - WINDOW]];
      }
      window = at;
    }
    return n;
  }
}
