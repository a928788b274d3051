/**
 * The LZ4 frame format, version 1.
 *
 * Written is one frame of independent blocks of 4 MiB with a checksum of the content, as plakar writes it.
 * Read is any legal frame without a dictionary. What follows the first frame is ignored, as plakar does.
 */

import { PlakarError } from "../lib/errors.ts";
import { viewOf } from "../lib/bytes.ts";
import type { Compression } from "./compression.ts";
import { type FrameHeader, readFrameHeader } from "./lz4_frame_header.ts";
import { compressBlock, decompressBlock } from "./lz4_block.ts";
import { xxHash32 } from "./xxhash32.ts";

const HEADER = Uint8Array.of(0x04, 0x22, 0x4d, 0x18, 0x64, 0x70, 0xb9);
const BLOCK_BYTES = 4 * 1024 * 1024;
const RAW = 0x80000000;
/** End mark and checksum of the content. */
const TRAILER_BYTES = 8;

function corrupt(what: string): PlakarError {
  return new PlakarError("corrupt", `Cannot decompress LZ4: ${what}`);
}

/** Bytes that grow up to a limit. */
class Output {
  bytes: Uint8Array;
  length = 0;
  readonly #limit: number;

  constructor(expected: number, limit: number) {
    this.bytes = new Uint8Array(Math.min(expected, limit));
    this.#limit = limit;
  }

  /** Makes room for up to n bytes; returns how far may be written. */
  reserve(n: number): number {
    const end = Math.min(this.length + n, this.#limit);
    if (end > this.bytes.length) {
      const grown = new Uint8Array(Math.min(Math.max(end, 2 * this.bytes.length), this.#limit));
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
    }
    return end;
  }
}

function readBlock(
  block: Uint8Array,
  raw: boolean,
  header: FrameHeader,
  out: Output,
  maxLength: number,
): void {
  const start = out.length;
  const end = out.reserve(raw ? block.length : header.blockSize);
  if (raw) {
    if (end - start < block.length) throw corrupt(`more than the ${maxLength} bytes expected`);
    out.bytes.set(block, start);
    out.length += block.length;
    return;
  }
  const history = header.independent ? start : Math.max(0, start - 65536);
  const reached = decompressBlock(block, out.bytes, start, end, history);
  if (reached === -2 && end - start < header.blockSize) {
    throw corrupt(`more than the ${maxLength} bytes expected`);
  }
  if (reached < 0) throw corrupt(`the block at ${start} is damaged`);
  out.length = reached;
}

/** Written as plakar writes it, read as lz4 allows it. */
export const lz4: Compression = {
  compress(data: Uint8Array): Uint8Array {
    const blocks = Math.ceil(data.length / BLOCK_BYTES);
    const out = new Uint8Array(HEADER.length + 4 * blocks + data.length + TRAILER_BYTES);
    const view = viewOf(out);
    out.set(HEADER);
    let to = HEADER.length;
    for (let at = 0; at < data.length; at += BLOCK_BYTES) {
      const block = data.subarray(at, at + BLOCK_BYTES);
      const length = compressBlock(block, out.subarray(to + 4, to + 4 + block.length - 1));
      view.setUint32(to, length === 0 ? RAW | block.length : length, true);
      if (length === 0) out.set(block, to + 4);
      to += 4 + (length || block.length);
    }
    view.setUint32(to, 0, true);
    view.setUint32(to + 4, xxHash32(data), true);
    return out.slice(0, to + TRAILER_BYTES);
  },

  decompress(data: Uint8Array, maxLength: number): Uint8Array {
    if (data.length === 0) return data;
    const view = viewOf(data);
    const header = readFrameHeader(data);
    const out = new Output(header.contentSize ?? Math.max(4 * data.length, 256), maxLength);
    let at = header.end;
    const word = (): number => {
      if (at + 4 > data.length) throw corrupt("it was cut off");
      at += 4;
      return view.getUint32(at - 4, true);
    };
    for (let size = word(); size !== 0; size = word()) {
      const raw = size >= RAW;
      const length = raw ? size - RAW : size;
      if (length > header.blockSize) {
        throw corrupt(`a block has ${length} bytes of at most ${header.blockSize}`);
      }
      const block = data.subarray(at, at + length);
      if (block.length < length) throw corrupt("it was cut off");
      at += length;
      if (header.blockChecksum && word() !== xxHash32(block)) {
        throw corrupt("the checksum of a block is wrong");
      }
      readBlock(block, raw, header, out, maxLength);
    }
    const content = out.bytes.subarray(0, out.length);
    if (header.contentChecksum && word() !== xxHash32(content)) throw corrupt("its checksum is wrong");
    if (header.contentSize !== undefined && header.contentSize !== content.length) {
      throw corrupt(`it holds ${content.length} bytes, its header says ${header.contentSize}`);
    }
    return content;
  },
};
