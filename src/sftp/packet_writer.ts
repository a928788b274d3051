/** Encodes packets one behind another, so that the small ones of one tick leave in one piece. */

import { type ByteString, writeBytes } from "../lib/byte_string.ts";

const CHUNK_SIZE = 64 * 1024;

/**
 * Encodes packets into chunks. Bytes that were taken are never written to again, as a
 * `BytePipe` demands.
 */
export class PacketWriter {
  #chunk = new Uint8Array(CHUNK_SIZE);
  #view = new DataView(this.#chunk.buffer);
  /** Start of what was not taken yet. */
  #start = 0;
  /** Start of the packet being written. */
  #packet = 0;
  #at = 0;
  #full: Uint8Array[] = [];

  /**
   * Starts a packet.
   *
   * @param type one of `PacketType`
   * @param expected about how long the packet will be
   */
  begin(type: number, expected = 256): void {
    this.#packet = this.#at;
    this.#room(expected);
    this.#at += 4;
    this.uint8(type);
  }

  /** Completes a packet by writing its length. */
  end(): void {
    this.#view.setUint32(this.#packet, this.#at - this.#packet - 4);
  }

  /**
   * Writes one byte.
   *
   * @param value the byte
   */
  uint8(value: number): void {
    this.#room(1);
    this.#chunk[this.#at++] = value;
  }

  /**
   * Writes four bytes.
   *
   * @param value 0 to 2^32 - 1
   */
  uint32(value: number): void {
    this.#room(4);
    this.#view.setUint32(this.#at, value);
    this.#at += 4;
  }

  /**
   * Writes eight bytes.
   *
   * @param value 0 to 2^53 - 1
   */
  uint64(value: number): void {
    this.uint32(Math.floor(value / 0x1_0000_0000));
    this.uint32(value % 0x1_0000_0000);
  }

  /**
   * Writes a string of bytes.
   *
   * @param value the string
   */
  string(value: ByteString): void {
    this.uint32(value.length);
    this.#room(value.length);
    writeBytes(value, this.#chunk, this.#at);
    this.#at += value.length;
  }

  /**
   * Writes a string of bytes.
   *
   * @param value the bytes, which are copied
   */
  bytes(value: Uint8Array): void {
    this.uint32(value.length);
    this.#room(value.length);
    this.#chunk.set(value, this.#at);
    this.#at += value.length;
  }

  /**
   * Takes the next piece of completed packets.
   *
   * @returns bytes to send, or `undefined` if there are none
   */
  take(): Uint8Array | undefined {
    const full = this.#full.shift();
    if (full) return full;
    if (this.#start === this.#at) return undefined;
    const piece = this.#chunk.subarray(this.#start, this.#at);
    this.#start = this.#at;
    return piece;
  }

  #room(length: number): void {
    if (this.#at + length <= this.#chunk.length) return;
    if (this.#packet > this.#start) this.#full.push(this.#chunk.subarray(this.#start, this.#packet));
    const begun = this.#chunk.subarray(this.#packet, this.#at);
    this.#chunk = new Uint8Array(Math.max(CHUNK_SIZE, begun.length + length));
    this.#view = new DataView(this.#chunk.buffer);
    this.#chunk.set(begun);
    this.#at = begun.length;
    this.#start = 0;
    this.#packet = 0;
  }
}
