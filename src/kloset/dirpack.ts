/**
 * Dirpacks: the entries of all direct children of a directory, one frame after another, in bytewise order.
 *
 * ```
 * type u8 || length u32 LE of what follows || entry || MAC of the entry (32)
 * ```
 */

import { concat, viewOf } from "../lib/bytes.ts";
import { PlakarError } from "../lib/errors.ts";
import { GrowableBuffer } from "./growable_buffer.ts";
import { MAC_SIZE } from "./mac.ts";

/** The types of frames, which no reader looks at. */
export const DirpackFrameType = {
  /** A directory. */
  directory: 1,
  /** Anything else. */
  other: 2,
} as const;

/** One child of a directory. Arrays are views. */
export interface DirpackFrame {
  /** Its frame type. */
  type: number;
  /** Its encoded entry. */
  entry: Uint8Array;
  /** What is recorded as the MAC of the entry. Not verified. */
  mac: Uint8Array;
}

const HEADER_SIZE = 5;
/** No entry comes near this; without a limit a damaged length would make the reader keep everything. */
const MAX_FRAME_SIZE = 64 << 20;

/** A dirpack that is appended to, and can be taken away piece by piece. */
export class DirpackWriter {
  readonly #out = new GrowableBuffer();

  /** How many bytes were written since the last taking. */
  get length(): number {
    return this.#out.length;
  }

  /**
   * Appends a child.
   *
   * @param type its frame type
   * @param entry its encoded entry
   * @param mac the MAC of that
   */
  add(type: number, entry: Uint8Array, mac: Uint8Array): void {
    const at = this.#out.reserve(HEADER_SIZE + entry.length + MAC_SIZE);
    const { bytes, view } = this.#out;
    bytes[at] = type;
    view.setUint32(at + 1, entry.length + MAC_SIZE, true);
    bytes.set(entry, at + HEADER_SIZE);
    bytes.set(mac, at + HEADER_SIZE + entry.length);
  }

  /**
   * What was written, valid until the next write.
   *
   * @returns a view, not a copy
   */
  peek(): Uint8Array {
    return this.#out.peek();
  }

  /** Forgets what was written. */
  reset(): void {
    this.#out.reset();
  }

  /**
   * What was written, after which the writer is empty.
   *
   * @returns a copy
   */
  take(): Uint8Array {
    return this.#out.take();
  }
}

/** Reads a dirpack that comes in pieces, as it does from its chunks. */
export class DirpackReader {
  #rest: Uint8Array = new Uint8Array(0);

  /**
   * Takes the next piece. The frames must be iterated to their end before the next piece.
   *
   * @param bytes the piece, which must not change while a frame of it is in use
   * @returns the frames that are complete now
   * @throws {PlakarError} `corrupt` if a frame cannot be one
   */
  *push(bytes: Uint8Array): Generator<DirpackFrame> {
    const data = this.#rest.length === 0 ? bytes : concat(this.#rest, bytes);
    const view = viewOf(data);
    let at = 0;
    while (data.length - at >= HEADER_SIZE) {
      const length = view.getUint32(at + 1, true);
      if (length < MAC_SIZE || length > MAX_FRAME_SIZE) throw corrupt(`a frame of ${length} bytes`);
      const entry = at + HEADER_SIZE;
      if (length > data.length - entry) break;
      const mac = entry + length - MAC_SIZE;
      at = entry + length;
      yield {
        type: data[entry - HEADER_SIZE],
        entry: data.subarray(entry, mac),
        mac: data.subarray(mac, at),
      };
    }
    this.#rest = data.subarray(at);
  }

  /**
   * Says that no more comes.
   *
   * @throws {PlakarError} `corrupt` if a frame is incomplete
   */
  finish(): void {
    if (this.#rest.length > 0) throw corrupt(`it ends ${this.#rest.length} bytes into a frame`);
  }
}

/**
 * Reads a whole dirpack.
 *
 * @param bytes its content
 * @returns its frames
 * @throws {PlakarError} `corrupt` where a frame is damaged
 */
export function* decodeDirpack(bytes: Uint8Array): Generator<DirpackFrame> {
  const reader = new DirpackReader();
  yield* reader.push(bytes);
  reader.finish();
}

function corrupt(state: string): PlakarError {
  return new PlakarError("corrupt", `Cannot decode dirpack: ${state}`);
}
