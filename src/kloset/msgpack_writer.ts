/**
 * MessagePack as Go's encoder writes it for the structs of Kloset: sized integers in full width, plain `int`s
 * compact, times as extension -1. The bytes matter: the ids of stored things are MACs over them.
 */

import type { ByteString } from "../lib/byte_string.ts";
import { fromText } from "../lib/byte_string.ts";
import { GrowableBuffer } from "./growable_buffer.ts";

const SECOND = 1_000_000_000n;
const TWO_32 = 0x1_0000_0000;

/** Appends MessagePack values to a buffer, which may be taken and filled again. */
export class MsgpackWriter {
  readonly #out: GrowableBuffer;

  /**
   * A writer at the end of a buffer.
   *
   * @param out where to append; a buffer of its own if not given
   */
  constructor(out: GrowableBuffer = new GrowableBuffer()) {
    this.#out = out;
  }

  /** How many bytes were written. */
  get length(): number {
    return this.#out.length;
  }

  /** Forgets what was written. */
  reset(): void {
    this.#out.reset();
  }

  /**
   * What was written, valid until the next write.
   *
   * @returns a view, not a copy
   */
  peek(): Uint8Array {
    return this.#out.peek();
  }

  /**
   * What was written, after which the writer is empty.
   *
   * @returns a copy
   */
  take(): Uint8Array {
    return this.#out.take();
  }

  #byte(value: number): void {
    const at = this.#out.reserve(1);
    this.#out.bytes[at] = value;
  }

  #code8(code: number, value: number): void {
    const at = this.#out.reserve(2);
    this.#out.bytes[at] = code;
    this.#out.bytes[at + 1] = value;
  }

  #code16(code: number, value: number): void {
    const at = this.#out.reserve(3);
    this.#out.bytes[at] = code;
    this.#out.view.setUint16(at + 1, value);
  }

  #code32(code: number, value: number): void {
    const at = this.#out.reserve(5);
    this.#out.bytes[at] = code;
    this.#out.view.setUint32(at + 1, value);
  }

  #code64(code: number, value: number | bigint): void {
    const at = this.#out.reserve(9);
    this.#out.bytes[at] = code;
    if (typeof value === "bigint") {
      this.#out.view.setBigUint64(at + 1, value);
    } else {
      this.#out.view.setUint32(at + 1, Math.floor(value / TWO_32));
      this.#out.view.setUint32(at + 5, value);
    }
  }

  /**
   * Begins a map.
   *
   * @param count how many pairs of key and value follow
   */
  mapHeader(count: number): void {
    if (count < 16) this.#byte(0x80 | count);
    else if (count <= 0xffff) this.#code16(0xde, count);
    else this.#code32(0xdf, count);
  }

  /**
   * Begins an array.
   *
   * @param count how many values follow
   */
  arrayHeader(count: number): void {
    if (count < 16) this.#byte(0x90 | count);
    else if (count <= 0xffff) this.#code16(0xdc, count);
    else this.#code32(0xdd, count);
  }

  /**
   * Writes the name of a struct's field.
   *
   * @param name ASCII
   */
  key(name: string): void {
    this.str(name as ByteString);
  }

  /**
   * Writes a string of bytes.
   *
   * @param value the bytes
   */
  str(value: ByteString): void {
    const length = value.length;
    if (length < 32) this.#byte(0xa0 | length);
    else if (length <= 0xff) this.#code8(0xd9, length);
    else if (length <= 0xffff) this.#code16(0xda, length);
    else this.#code32(0xdb, length);
    this.#out.appendString(value);
  }

  /**
   * Writes text as UTF-8.
   *
   * @param value ordinary text
   */
  text(value: string): void {
    this.str(fromText(value));
  }

  /**
   * Writes an integer of eight bits.
   *
   * @param value 0 to 255
   */
  uint8(value: number): void {
    this.#code8(0xcc, value);
  }

  /**
   * Writes an integer of sixteen bits.
   *
   * @param value 0 to 65535
   */
  uint16(value: number): void {
    this.#code16(0xcd, value);
  }

  /**
   * Writes an integer of thirty-two bits.
   *
   * @param value 0 to 2³²-1
   */
  uint32(value: number): void {
    this.#code32(0xce, value);
  }

  /**
   * Writes an integer of sixty-four bits.
   *
   * @param value 0 to 2⁶⁴-1, as a number only if it is a safe integer
   */
  uint64(value: number | bigint): void {
    this.#code64(0xcf, value);
  }

  /**
   * Writes a signed integer of sixty-four bits.
   *
   * @param value -2⁶³ to 2⁶³-1, as a number only if it is a safe integer
   */
  int64(value: number | bigint): void {
    this.#code64(0xd3, value);
  }

  /**
   * Writes an integer in as few bytes as it needs, as Go does with `int`.
   *
   * @param value a safe integer
   */
  compactInt(value: number): void {
    if (value >= 0) {
      if (value < 0x80) this.#byte(value);
      else if (value <= 0xff) this.#code8(0xcc, value);
      else if (value <= 0xffff) this.#code16(0xcd, value);
      else if (value < TWO_32) this.#code32(0xce, value);
      else this.#code64(0xcf, value);
    } else if (value >= -0x20) this.#byte(value & 0xff);
    else if (value >= -0x80) this.#code8(0xd0, value);
    else if (value >= -0x8000) this.#code16(0xd1, value);
    else if (value >= -0x8000_0000) this.#code32(0xd2, value);
    else this.#code64(0xd3, value);
  }

  /**
   * Writes a floating point number of sixty-four bits.
   *
   * @param value any number
   */
  float64(value: number): void {
    const at = this.#out.reserve(9);
    this.#out.bytes[at] = 0xcb;
    this.#out.view.setFloat64(at + 1, value);
  }

  /**
   * Writes true or false.
   *
   * @param value which
   */
  bool(value: boolean): void {
    this.#byte(value ? 0xc3 : 0xc2);
  }

  /** Writes the value of nothing. */
  nil(): void {
    this.#byte(0xc0);
  }

  /**
   * Writes bytes.
   *
   * @param value the bytes; nil if there are none at all, as Go writes a nil slice
   */
  bin(value: Uint8Array | undefined): void {
    if (value === undefined) return this.nil();
    const length = value.length;
    if (length <= 0xff) this.#code8(0xc4, length);
    else if (length <= 0xffff) this.#code16(0xc5, length);
    else this.#code32(0xc6, length);
    this.#out.append(value);
  }

  /**
   * Writes a value that is MessagePack already.
   *
   * @param value its bytes
   */
  raw(value: Uint8Array): void {
    this.#out.append(value);
  }

  /**
   * Writes an instant in the shortest form that holds it.
   *
   * @param time nanoseconds since 1970
   */
  time(time: bigint): void {
    let nanoseconds = Number(time % SECOND);
    let seconds = time / SECOND;
    if (nanoseconds < 0) {
      nanoseconds += 1e9;
      seconds -= 1n;
    }
    if (seconds < 0n || seconds >> 34n !== 0n) {
      const at = this.#out.reserve(15);
      this.#out.bytes[at] = 0xc7;
      this.#out.bytes[at + 1] = 12;
      this.#out.bytes[at + 2] = 0xff;
      this.#out.view.setUint32(at + 3, nanoseconds);
      this.#out.view.setBigInt64(at + 7, seconds);
      return;
    }
    const low = Number(seconds);
    if (nanoseconds === 0 && low < TWO_32) {
      const at = this.#out.reserve(6);
      this.#out.bytes[at] = 0xd6;
      this.#out.bytes[at + 1] = 0xff;
      this.#out.view.setUint32(at + 2, low);
      return;
    }
    const at = this.#out.reserve(10);
    this.#out.bytes[at] = 0xd7;
    this.#out.bytes[at + 1] = 0xff;
    // Thirty bits of nanoseconds over thirty-four bits of seconds.
    this.#out.view.setUint32(at + 2, nanoseconds * 4 + Math.floor(low / TWO_32));
    this.#out.view.setUint32(at + 6, low);
  }
}
