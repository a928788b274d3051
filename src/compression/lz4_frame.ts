/**
 * The LZ4 frame format, version 1, its blocks by the kernel.
 *
 * Written is one frame of independent blocks of 4 MiB with a checksum of the content, as plakar writes it.
 * Read is any legal frame without a dictionary. What follows the first frame is ignored, as plakar does.
 */

import { PlakarError } from "../lib/errors.ts";
import { concat, viewOf } from "../lib/bytes.ts";
import { type Kernel, useKernel } from "../kernel/kernel.ts";
import type { Compression } from "./compression.ts";
import { type FrameHeader, readFrameHeader } from "./lz4_frame_header.ts";
import { xxHash32 } from "./xxhash32.ts";

const HEADER = Uint8Array.of(0x04, 0x22, 0x4d, 0x18, 0x64, 0x70, 0xb9);
const BLOCK_BYTES = 4 * 1024 * 1024;
const RAW = 0x80000000;
/** How far back a block may refer. */
const WINDOW_BYTES = 65536;

function corrupt(what: string): PlakarError {
  return new PlakarError("corrupt", `Cannot decompress LZ4: ${what}`);
}

/** End mark and checksum of the content. */
function trailerOf(checksum: number): Uint8Array {
  const trailer = new Uint8Array(8);
  viewOf(trailer).setUint32(4, checksum, true);
  return trailer;
}

/** A frame in the kernel's memory, if it surely fits there. */
function compressInKernel(kernel: Kernel, data: Uint8Array): Uint8Array | undefined {
  const { memory, run } = kernel;
  const start = kernel.at.OUTPUT;
  const blocks = Math.ceil(data.length / BLOCK_BYTES);
  if (HEADER.length + data.length + 4 * blocks + 8 > kernel.at.OUTPUT_BYTES) return undefined;
  memory.set(HEADER, start);
  let to = start + HEADER.length;
  for (let at = 0; at < data.length; at += BLOCK_BYTES) {
    const length = Math.min(BLOCK_BYTES, data.length - at);
    const from = kernel.bring(data.subarray(at, at + length));
    to += run.writeBlock(from, length, to);
  }
  memory.set(trailerOf(xxHash32(data)), to);
  return memory.subarray(start, to + 8);
}

/** A frame of any size, block by block. */
function compressInParts(kernel: Kernel, data: Uint8Array): Uint8Array {
  const start = kernel.at.OUTPUT;
  const parts = [HEADER];
  for (let at = 0; at < data.length; at += BLOCK_BYTES) {
    const block = data.subarray(at, at + BLOCK_BYTES);
    const length = kernel.run.writeBlock(kernel.bring(block), block.length, start);
    parts.push(kernel.memory.slice(start, start + length));
  }
  return concat(...parts, trailerOf(xxHash32(data)));
}

/** The content of a frame, block by block, up to a limit. */
class Content {
  readonly #kernel: Kernel = useKernel();
  readonly #header: FrameHeader;
  readonly #limit: number;
  #bytes = new Uint8Array(0);
  #length = 0;

  constructor(header: FrameHeader, limit: number) {
    this.#header = header;
    this.#limit = limit;
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Takes a block as it is. */
  append(bytes: Uint8Array): void {
    const end = this.#length + bytes.length;
    if (end > this.#limit) throw corrupt(`it holds more than the ${this.#limit} bytes expected`);
    if (end > this.#bytes.length) {
      // Most content is of one block: only what has more than one grows by doubling.
      const grown = new Uint8Array(
        this.#length === 0 ? end : Math.min(Math.max(end, 2 * this.#length), this.#limit),
      );
      grown.set(this.bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = end;
  }

  /** Decompresses a block. */
  expand(block: Uint8Array): void {
    const { memory, run } = this.#kernel;
    const to = this.#kernel.at.OUTPUT + WINDOW_BYTES;
    const window = this.#header.independent ? 0 : Math.min(this.#length, WINDOW_BYTES);
    memory.set(this.#bytes.subarray(this.#length - window, this.#length), to - window);
    const capacity = Math.min(this.#header.blockSize, this.#limit - this.#length);
    const from = this.#kernel.bring(block);
    const length = run.decompressBlock(from, block.length, to, capacity, to - window);
    if (length === -2 && capacity < this.#header.blockSize) {
      throw corrupt(`it holds more than the ${this.#limit} bytes expected`);
    }
    if (length < 0) throw corrupt(`the block at ${this.#length} is damaged`);
    this.append(memory.subarray(to, to + length));
  }
}

/** Written as plakar writes it, read as LZ4 allows it. */
export const lz4: Compression = {
  compress(data: Uint8Array): Uint8Array {
    const kernel = useKernel();
    return compressInKernel(kernel, data) ?? compressInParts(kernel, data);
  },

  decompress(data: Uint8Array, maxLength: number): Uint8Array {
    if (data.length === 0) return data;
    const view = viewOf(data);
    const header = readFrameHeader(data);
    const content = new Content(header, maxLength);
    let at = header.end;
    const word = (): number => {
      if (at + 4 > data.length) throw corrupt("it was cut off");
      at += 4;
      return view.getUint32(at - 4, true);
    };
    for (let size = word(); size !== 0; size = word()) {
      const length = size >= RAW ? size - RAW : size;
      if (length > header.blockSize) {
        throw corrupt(`a block has ${length} bytes of at most ${header.blockSize}`);
      }
      const block = data.subarray(at, at + length);
      if (block.length < length) throw corrupt("it was cut off");
      at += length;
      if (header.blockChecksum && word() !== xxHash32(block)) {
        throw corrupt("the checksum of a block is wrong");
      }
      if (size >= RAW) content.append(block);
      else content.expand(block);
    }
    const { bytes } = content;
    if (header.contentChecksum && word() !== xxHash32(bytes)) throw corrupt("its checksum is wrong");
    if (header.contentSize !== undefined && header.contentSize !== bytes.length) {
      throw corrupt(`it holds ${bytes.length} bytes, its header says ${header.contentSize}`);
    }
    return bytes;
  },
};
