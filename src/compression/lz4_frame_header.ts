/** The header of an LZ4 frame. */

import { PlakarError } from "../lib/errors.ts";
import { viewOf } from "../lib/bytes.ts";
import { xxHash32 } from "./xxhash32.ts";

const MAGIC = 0x184d2204;
const SKIPPABLE = 0x184d2a50;

/** What the header of a frame tells. */
export interface FrameHeader {
  /** Whether no block refers to bytes of another. */
  readonly independent: boolean;
  /** Whether a checksum follows every block. */
  readonly blockChecksum: boolean;
  /** Whether a checksum of the content follows the end mark. */
  readonly contentChecksum: boolean;
  /** The most bytes a block may hold. */
  readonly blockSize: number;
  /** How many bytes the frame holds, if it says so. */
  readonly contentSize: number | undefined;
  /** Where the first block begins. */
  readonly end: number;
}

function corrupt(what: string): PlakarError {
  return new PlakarError("corrupt", `Cannot decompress LZ4: ${what}`);
}

/**
 * Reads the header of the first frame, past frames made to be skipped.
 *
 * @param data a frame from its beginning
 * @returns what the header tells
 * @throws {PlakarError} "corrupt" if it is no frame this can read
 */
export function readFrameHeader(data: Uint8Array): FrameHeader {
  const view = viewOf(data);
  let start = 0;
  while (start + 8 <= data.length && (view.getUint32(start, true) & ~15) >>> 0 === SKIPPABLE) {
    start += 8 + view.getUint32(start + 4, true);
  }
  if (start + 7 > data.length) throw corrupt("it was cut off");
  if (view.getUint32(start, true) !== MAGIC) throw corrupt("it is not a frame");
  const flags = data[start + 4];
  const sizes = data[start + 5];
  if (flags >> 6 !== 1 || (flags & 2) !== 0 || (sizes & 0x8f) !== 0 || sizes >> 4 < 4) {
    throw corrupt("its header is not valid");
  }
  if ((flags & 1) !== 0) throw corrupt("it needs a dictionary");
  const sized = (flags & 8) !== 0;
  const end = start + (sized ? 15 : 7);
  if (end > data.length) throw corrupt("it was cut off");
  if (data[end - 1] !== ((xxHash32(data.subarray(start + 4, end - 1)) >>> 8) & 0xff)) {
    throw corrupt("the checksum of its header is wrong");
  }
  return {
    independent: (flags & 32) !== 0,
    blockChecksum: (flags & 16) !== 0,
    contentChecksum: (flags & 4) !== 0,
    blockSize: 1 << (8 + 2 * (sizes >> 4)),
    contentSize: sized ? Number(view.getBigUint64(start + 6, true)) : undefined,
    end,
  };
}
