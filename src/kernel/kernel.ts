/**
 * The WebAssembly kernel of this thread: hashing, encryption, compression and cutting at full speed.
 *
 * Its memory never grows. Data is brought there to be worked on, in pieces where it is long; data that lies
 * there already is not moved. A pipeline that fills the arena therefore saves every copy.
 */

import { KERNEL_CODE } from "./kernel_code.ts";
import {
  KERNEL_PLACES,
  type KernelExports,
  type KernelFunctions,
  type KernelPlace,
} from "./kernel_exports.ts";

/** Long data is brought in by so many bytes: few enough to stay in the processor's cache. */
const PIECE_BYTES = 65536;

/** One instance of the kernel. */
export class Kernel {
  /** Its functions. */
  readonly run: KernelFunctions;
  /** Its memory. */
  readonly memory: Uint8Array;
  /** The addresses of its places, and how long some of them are. */
  readonly at: Readonly<Record<KernelPlace, number>>;

  /** Compiles the kernel. */
  constructor() {
    const module = new WebAssembly.Module(Uint8Array.fromBase64(KERNEL_CODE));
    const exports = new WebAssembly.Instance(module).exports as KernelExports;
    this.run = exports;
    this.memory = new Uint8Array(exports.memory.buffer);
    const places = KERNEL_PLACES.map((place) => [place, exports[place].value]);
    this.at = Object.fromEntries(places) as Record<KernelPlace, number>;
  }

  /**
   * Brings data into the memory, unless it lies there.
   *
   * @param data at most 4 MiB, unless it lies there
   * @returns the address of the data, valid until the next call
   */
  bring(data: Uint8Array): number {
    if (data.buffer === this.memory.buffer) return data.byteOffset;
    this.memory.set(data, this.at.STAGE);
    return this.at.STAGE;
  }

  /**
   * Brings data of any length into the memory, piece by piece, unless it lies there.
   *
   * @param data the data
   * @param take is given the address and length of each piece; every length but the last is a multiple of 64 KiB
   */
  bringAll(data: Uint8Array, take: (p: number, length: number) => void): void {
    if (data.length <= PIECE_BYTES || data.buffer === this.memory.buffer) {
      return take(this.bring(data), data.length);
    }
    for (let at = 0; at < data.length; at += PIECE_BYTES) {
      const piece = data.subarray(at, at + PIECE_BYTES);
      take(this.bring(piece), piece.length);
    }
  }
}

let instance: Kernel | undefined;

/**
 * The kernel of this thread, compiled at the first use.
 *
 * @returns always the same one
 */
export function useKernel(): Kernel {
  return instance ??= new Kernel();
}

/**
 * Memory of the kernel for the one pipeline of this thread to fill as it likes: what is hashed, cut, compressed
 * or encrypted from there is not copied.
 *
 * @returns ten MiB, always the same
 */
export function kernelArena(): Uint8Array {
  const { memory, at } = useKernel();
  return memory.subarray(at.ARENA, at.ARENA + at.ARENA_BYTES);
}
