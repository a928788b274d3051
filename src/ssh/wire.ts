/** The data types of SSH messages (RFC 4251 section 5): reading with bounds, and writing. */

import { Buffer } from "node:buffer";
import { PlakarError } from "../lib/errors.ts";

/** Reads SSH data types from bytes that may be hostile. */
export class WireReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  /**
   * Begins at the first byte.
   *
   * @param bytes what to read
   */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** How many bytes are left. */
  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  /**
   * Reads some bytes.
   *
   * @param length how many
   * @returns a view of them
   * @throws {PlakarError} `protocol` if there are fewer
   */
  take(length: number): Uint8Array {
    if (length > this.remaining) {
      throw new PlakarError(
        "protocol",
        `Cannot read ${length} bytes of SSH data: only ${this.remaining} are left`,
      );
    }
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /**
   * Reads a byte.
   *
   * @returns its value
   */
  byte(): number {
    return this.take(1)[0];
  }

  /**
   * Reads a uint32.
   *
   * @returns its value
   */
  uint32(): number {
    const [a, b, c, d] = this.take(4);
    return a * 0x1000000 + (b << 16) + (c << 8) + d;
  }

  /**
   * Reads a uint64.
   *
   * @returns its value
   */
  uint64(): bigint {
    return BigInt(this.uint32()) * 0x100000000n + BigInt(this.uint32());
  }

  /**
   * Reads a string.
   *
   * @returns a view of its bytes
   */
  string(): Uint8Array {
    return this.take(this.uint32());
  }

  /**
   * Reads a string as text.
   *
   * @returns the text, with replacement characters where it is not UTF-8
   */
  text(): string {
    return new TextDecoder().decode(this.string());
  }
}

/** Builds SSH data. Every method returns the writer. */
export class WireWriter {
  readonly #parts: Uint8Array[] = [];

  /**
   * Appends bytes as they are.
   *
   * @param bytes the bytes
   * @returns this writer
   */
  raw(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    return this;
  }

  /**
   * Appends a byte.
   *
   * @param value 0 to 255
   * @returns this writer
   */
  byte(value: number): this {
    return this.raw(Uint8Array.of(value));
  }

  /**
   * Appends a uint32.
   *
   * @param value 0 to 2^32 - 1
   * @returns this writer
   */
  uint32(value: number): this {
    return this.raw(Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value));
  }

  /**
   * Appends a string.
   *
   * @param value its bytes, or text that becomes UTF-8
   * @returns this writer
   */
  string(value: Uint8Array | string): this {
    const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
    return this.uint32(bytes.length).raw(bytes);
  }

  /**
   * Appends an unsigned number as an mpint.
   *
   * @param value its bytes, most significant first
   * @returns this writer
   */
  mpint(value: Uint8Array): this {
    let start = 0;
    while (start < value.length && value[start] === 0) start++;
    const digits = value.subarray(start);
    if (digits.length > 0 && digits[0] >= 0x80) return this.uint32(digits.length + 1).byte(0).raw(digits);
    return this.string(digits);
  }

  /**
   * What was written.
   *
   * @returns the bytes
   */
  bytes(): Uint8Array {
    return new Uint8Array(Buffer.concat(this.#parts));
  }
}
