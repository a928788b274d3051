/**
 * MessagePack as Go's decoder reads it into the structs of Kloset: integers of any width, `str` for `bin`
 * and back, nil for a zero value, keys in any order, unknown keys skipped. Every length is checked against
 * the bytes at hand before anything is made of it.
 */

import { Buffer } from "node:buffer";
import type { ByteString } from "../lib/byte_string.ts";
import { ZERO_MAC } from "../lib/bytes.ts";
import { PlakarError } from "../lib/errors.ts";
import { MAC_SIZE } from "./mac.ts";

const TWO_32 = 0x1_0000_0000;
const SECOND = 1_000_000_000n;
const TIME_EXTENSION = 0xff;
const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Go's zero time, the first instant of the year 1: what a time is that was never set. */
export const ZERO_TIME: bigint = -62_135_596_800n * SECOND;

/** Reads MessagePack values one after another. */
export class MsgpackReader {
  readonly #bytes: Buffer;
  readonly #what: string;
  #at = 0;

  /**
   * A reader at the beginning of some bytes.
   *
   * @param bytes what to read; byte slices that are read are views of it
   * @param what what is being decoded, for errors: `entry`
   */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#what = what;
  }

  /** How many bytes were read. */
  get offset(): number {
    return this.#at;
  }

  /**
   * The error to throw about what is being decoded.
   *
   * @param state what is wrong with it
   * @returns the error, of kind `corrupt`
   */
  error(state: string): PlakarError {
    return new PlakarError("corrupt", `Cannot decode ${this.#what}: ${state}`);
  }

  #unexpected(code: number, wanted: string): PlakarError {
    return this.error(`${wanted} expected at byte ${this.#at - 1}, not code 0x${code.toString(16)}`);
  }

  /** Moves past `size` bytes and returns where they begin. */
  #advance(size: number): number {
    const at = this.#at;
    if (size > this.#bytes.length - at) {
      throw this.error(`${size} bytes expected at byte ${at}, the end is at byte ${this.#bytes.length}`);
    }
    this.#at = at + size;
    return at;
  }

  #uint(size: 1 | 2 | 4): number {
    const at = this.#advance(size);
    const bytes = this.#bytes;
    if (size === 1) return bytes[at];
    if (size === 2) return bytes[at] << 8 | bytes[at + 1];
    return (bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 | bytes[at + 3]) >>> 0;
  }

  #slice(size: number): Uint8Array {
    const at = this.#advance(size);
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + at, size);
  }

  /** Checks that a count of values can be true: each takes a byte at least. */
  #counted(count: number, bytesEach: number): number {
    if (count * bytesEach > this.#bytes.length - this.#at) {
      throw this.error(
        `${count} values announced at byte ${this.#at}, the end is at byte ${this.#bytes.length}`,
      );
    }
    return count;
  }

  #arrayLength(code: number): number | undefined {
    if (code >= 0x90 && code <= 0x9f) return this.#counted(code & 0x0f, 1);
    if (code === 0xdc) return this.#counted(this.#uint(2), 1);
    if (code === 0xdd) return this.#counted(this.#uint(4), 1);
    return undefined;
  }

  #mapLength(code: number): number | undefined {
    if (code >= 0x80 && code <= 0x8f) return this.#counted(code & 0x0f, 2);
    if (code === 0xde) return this.#counted(this.#uint(2), 2);
    if (code === 0xdf) return this.#counted(this.#uint(4), 2);
    return undefined;
  }

  #stringLength(code: number): number | undefined {
    if (code >= 0xa0 && code <= 0xbf) return code & 0x1f;
    if (code === 0xd9 || code === 0xc4) return this.#uint(1);
    if (code === 0xda || code === 0xc5) return this.#uint(2);
    if (code === 0xdb || code === 0xc6) return this.#uint(4);
    return undefined;
  }

  /**
   * Reads a struct. The visitor is called with each field that is present and must read exactly its value.
   *
   * @param fields the names of all fields in the order Go declares them
   * @param visit reads the value of a field
   */
  readMap(fields: readonly string[], visit: (field: string) => void): void {
    const code = this.#uint(1);
    if (code === 0xc0) return;
    const pairs = this.#mapLength(code);
    if (pairs === undefined) {
      const values = this.#arrayLength(code);
      if (values === undefined) throw this.#unexpected(code, "map");
      if (values !== fields.length) throw this.error(`${values} fields instead of ${fields.length}`);
      for (const field of fields) visit(field);
      return;
    }
    let next = 0;
    for (let i = 0; i < pairs; i++) {
      const field = this.#field(fields, next);
      if (field < 0) {
        this.skip();
      } else {
        visit(fields[field]);
        next = field + 1;
      }
    }
  }

  /** Reads a key and finds it among the fields, looking first where it is if the order is Go's. */
  #field(fields: readonly string[], next: number): number {
    const code = this.#uint(1);
    const length = this.#stringLength(code);
    if (length === undefined) throw this.#unexpected(code, "key");
    const at = this.#advance(length);
    for (let i = next; i < fields.length; i++) if (this.#holds(fields[i], at, length)) return i;
    for (let i = 0; i < next; i++) if (this.#holds(fields[i], at, length)) return i;
    return -1;
  }

  #holds(name: string, at: number, length: number): boolean {
    if (name.length !== length) return false;
    for (let i = 0; i < length; i++) if (name.charCodeAt(i) !== this.#bytes[at + i]) return false;
    return true;
  }

  /**
   * Reads an array. The visitor is called once for each value and must read exactly that.
   *
   * @param visit reads one value
   */
  readArray(visit: () => void): void {
    const code = this.#uint(1);
    if (code === 0xc0) return;
    const count = this.#arrayLength(code);
    if (count === undefined) throw this.#unexpected(code, "array");
    for (let i = 0; i < count; i++) visit();
  }

  /**
   * Reads an array of strings.
   *
   * @returns the strings
   */
  strings(): ByteString[] {
    const strings: ByteString[] = [];
    this.readArray(() => strings.push(this.str()));
    return strings;
  }

  /**
   * Reads an integer of any width.
   *
   * @returns a safe integer
   */
  integer(): number {
    const code = this.#uint(1);
    if (code < 0x80) return code;
    if (code >= 0xe0) return code - 0x100;
    switch (code) {
      case 0xc0:
        return 0;
      case 0xcc:
        return this.#uint(1);
      case 0xcd:
        return this.#uint(2);
      case 0xce:
        return this.#uint(4);
      case 0xd0:
        return this.#uint(1) << 24 >> 24;
      case 0xd1:
        return this.#uint(2) << 16 >> 16;
      case 0xd2:
        return this.#uint(4) | 0;
      case 0xcf:
      case 0xd3: {
        const high = this.#uint(4);
        const value = (code === 0xd3 ? high | 0 : high) * TWO_32 + this.#uint(4);
        if (!Number.isSafeInteger(value)) throw this.error(`integer at byte ${this.#at - 8} is out of range`);
        return value;
      }
    }
    throw this.#unexpected(code, "integer");
  }

  /**
   * Reads an integer of any width and keeps its lowest thirty-two bits, as Go does.
   *
   * @returns 0 to 2³²-1
   */
  uint32(): number {
    const code = this.#bytes[this.#at];
    if (code !== 0xcf && code !== 0xd3) return this.integer() >>> 0;
    this.#advance(5);
    return this.#uint(4);
  }

  /**
   * Reads an integer of any width.
   *
   * @returns 0 to 2⁶⁴-1, negative ones wrapped as Go does
   */
  uint64(): bigint {
    const code = this.#bytes[this.#at];
    if (code !== 0xcf && code !== 0xd3) return BigInt.asUintN(64, BigInt(this.integer()));
    return this.#bytes.readBigUInt64BE(this.#advance(9) + 1);
  }

  /**
   * Reads an integer of any width.
   *
   * @returns -2⁶³ to 2⁶³-1
   */
  int64(): bigint {
    return BigInt.asIntN(64, this.uint64());
  }

  /**
   * Reads a number.
   *
   * @returns the number
   */
  float64(): number {
    const code = this.#bytes[this.#at];
    if (code === 0xcb) return this.#bytes.readDoubleBE(this.#advance(9) + 1);
    if (code === 0xca) return this.#bytes.readFloatBE(this.#advance(5) + 1);
    return this.integer();
  }

  /**
   * Reads true or false.
   *
   * @returns which; false for nil
   */
  bool(): boolean {
    const code = this.#uint(1);
    if (code === 0xc3) return true;
    if (code === 0xc2 || code === 0xc0) return false;
    throw this.#unexpected(code, "boolean");
  }

  /**
   * Reads a string.
   *
   * @returns its bytes; empty for nil
   */
  str(): ByteString {
    const code = this.#uint(1);
    if (code === 0xc0) return "" as ByteString;
    const length = this.#stringLength(code);
    if (length === undefined) throw this.#unexpected(code, "string");
    const at = this.#advance(length);
    return this.#bytes.toString("latin1", at, at + length) as ByteString;
  }

  /**
   * Reads a string that is meant for people.
   *
   * @returns the text, with replacement characters where it is not UTF-8
   */
  text(): string {
    const bytes = this.bin();
    return bytes === undefined ? "" : UTF8.decode(bytes);
  }

  /**
   * Reads bytes.
   *
   * @returns a view of them, or `undefined` for nil
   */
  bin(): Uint8Array | undefined {
    const code = this.#uint(1);
    if (code === 0xc0) return undefined;
    const length = this.#stringLength(code);
    if (length === undefined) throw this.#unexpected(code, "bytes");
    return this.#slice(length);
  }

  /**
   * Reads a MAC. A shorter one is filled up with zeros, as Go does.
   *
   * @returns 32 bytes
   */
  mac(): Uint8Array {
    const bytes = this.bin();
    if (bytes === undefined) return ZERO_MAC;
    if (bytes.length === MAC_SIZE) return bytes;
    if (bytes.length > MAC_SIZE) throw this.error(`a MAC of ${bytes.length} bytes`);
    const mac = new Uint8Array(MAC_SIZE);
    mac.set(bytes);
    return mac;
  }

  /**
   * Reads a UUID.
   *
   * @returns 16 bytes; zeros for nil
   */
  uuid(): Uint8Array {
    const bytes = this.bin() ?? ZERO_MAC.subarray(0, 16);
    if (bytes.length !== 16) throw this.error(`a UUID of ${bytes.length} bytes`);
    return bytes;
  }

  /**
   * Reads an instant.
   *
   * @returns nanoseconds since 1970
   */
  time(): bigint {
    const code = this.#uint(1);
    let size: number | undefined;
    if (code === 0xd6) size = 4;
    else if (code === 0xd7) size = 8;
    else if (code === 0xc7) size = this.#uint(1);
    if (size === undefined || this.#uint(1) !== TIME_EXTENSION) throw this.#unexpected(code, "time");
    if (size === 4) return BigInt(this.#uint(4)) * SECOND;
    if (size === 8) {
      const high = this.#uint(4);
      const seconds = (high & 3) * TWO_32 + this.#uint(4);
      return BigInt(seconds) * SECOND + BigInt(high >>> 2);
    }
    if (size !== 12) throw this.error(`a time of ${size} bytes`);
    const nanoseconds = BigInt(this.#uint(4));
    return this.#bytes.readBigInt64BE(this.#advance(8)) * SECOND + nanoseconds;
  }

  /**
   * Whether the next value is nil.
   *
   * @returns true if it is; it still has to be read
   */
  isNil(): boolean {
    return this.#bytes[this.#at] === 0xc0;
  }

  /**
   * Reads any value without making anything of it.
   *
   * @returns a view of its bytes
   */
  raw(): Uint8Array {
    const start = this.#at;
    this.skip();
    const end = this.#at;
    this.#at = start;
    return this.#slice(end - start);
  }

  /** Passes over any value. Nothing recurses, so depth costs nothing. */
  skip(): void {
    for (let left = 1; left > 0; left--) {
      const code = this.#uint(1);
      const string = this.#stringLength(code);
      if (string !== undefined) this.#advance(string);
      else left += this.#arrayLength(code) ?? 2 * (this.#mapLength(code) ?? this.#skipScalar(code));
    }
  }

  /** Passes over a value that holds no others, which adds nothing to what is left. */
  #skipScalar(code: number): 0 {
    if (code >= 0xc7 && code <= 0xc9) this.#advance(this.#uint(1 << (code - 0xc7) as 1 | 2 | 4) + 1);
    else if (code >= 0xd4 && code <= 0xd8) this.#advance((1 << (code - 0xd4)) + 1);
    else if (code >= 0xcc && code <= 0xd3) this.#advance(1 << ((code - 0xcc) & 3));
    else if (code === 0xca || code === 0xcb) this.#advance(code === 0xca ? 4 : 8);
    else if (code === 0xc1) throw this.#unexpected(code, "value");
    return 0;
  }
}
