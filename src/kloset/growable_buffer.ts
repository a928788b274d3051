/** Bytes that are appended to: what the encoders write into. */

import { type ByteString, writeBytes } from "../lib/byte_string.ts";

const INITIAL_SIZE = 512;

/**
 * A buffer that grows. Encoders reserve room and then write through {@linkcode GrowableBuffer.bytes} and
 * {@linkcode GrowableBuffer.view}, which are replaced when the buffer grows: read them after `reserve`.
 */
export class GrowableBuffer {
  /** The bytes, of which the first `length` are in use. */
  bytes: Uint8Array<ArrayBuffer>;
  /** The same bytes, for integers. */
  view: DataView<ArrayBuffer>;
  /** How many bytes are in use. */
  length = 0;

  /**
   * An empty buffer.
   *
   * @param size room to begin with
   */
  constructor(size: number = INITIAL_SIZE) {
    this.bytes = new Uint8Array(size);
    this.view = new DataView(this.bytes.buffer);
  }

  /**
   * Makes room at the end.
   *
   * @param size how many bytes will be written
   * @returns where to write them
   */
  reserve(size: number): number {
    const at = this.length;
    this.length = at + size;
    if (this.length > this.bytes.length) this.#grow();
    return at;
  }

  #grow(): void {
    const size = Math.max(this.length, this.bytes.length * 2, INITIAL_SIZE);
    this.bytes = new Uint8Array(this.bytes.buffer.transfer(size));
    this.view = new DataView(this.bytes.buffer);
  }

  /**
   * Appends bytes.
   *
   * @param bytes what to append
   */
  append(bytes: Uint8Array): void {
    const at = this.reserve(bytes.length);
    this.bytes.set(bytes, at);
  }

  /**
   * Appends a string of bytes.
   *
   * @param string what to append
   */
  appendString(string: ByteString): void {
    const at = this.reserve(string.length);
    writeBytes(string, this.bytes, at);
  }

  /** Forgets the contents and keeps the room. */
  reset(): void {
    this.length = 0;
  }

  /**
   * The contents, valid until something is written or reset.
   *
   * @returns a view, not a copy
   */
  peek(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /**
   * The contents, after which the buffer is empty.
   *
   * @returns a copy
   */
  take(): Uint8Array {
    const copy = this.bytes.slice(0, this.length);
    this.length = 0;
    return copy;
  }
}
