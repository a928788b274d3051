/** Reads the fields of one received packet; every length is checked against what is there. */

import { Buffer } from "node:buffer";
import type { ByteString } from "../lib/byte_string.ts";
import { PlakarError } from "../lib/errors.ts";

/** A cursor over the fields of a packet. */
export class PacketReader {
  readonly #bytes: Buffer;
  #at: number;

  /**
   * Begins to read a packet.
   *
   * @param packet the packet
   * @param at where to begin
   */
  constructor(packet: Uint8Array, at = 0) {
    this.#bytes = Buffer.from(packet.buffer, packet.byteOffset, packet.byteLength);
    this.#at = at;
  }

  /** How many bytes have not been read yet. */
  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  /**
   * Reads one byte.
   *
   * @returns its value
   */
  uint8(): number {
    return this.#bytes[this.#take(1)];
  }

  /**
   * Reads four bytes.
   *
   * @returns their value
   */
  uint32(): number {
    return this.#bytes.readUInt32BE(this.#take(4));
  }

  /**
   * Reads eight bytes.
   *
   * @returns their value; what is above 2^53 - 1 is given as 2^53 - 1
   */
  uint64(): number {
    const at = this.#take(8);
    const value = this.#bytes.readUInt32BE(at) * 0x1_0000_0000 + this.#bytes.readUInt32BE(at + 4);
    return Math.min(value, Number.MAX_SAFE_INTEGER);
  }

  /**
   * Reads eight bytes without loss.
   *
   * @returns their value
   */
  bigUint64(): bigint {
    return this.#bytes.readBigUInt64BE(this.#take(8));
  }

  /**
   * Reads a string of bytes.
   *
   * @returns the string
   */
  string(): ByteString {
    const length = this.uint32();
    const at = this.#take(length);
    return this.#bytes.toString("latin1", at, at + length) as ByteString;
  }

  /**
   * Reads a string of bytes without a copy.
   *
   * @returns a view, valid as long as the packet is
   */
  bytes(): Uint8Array {
    const length = this.uint32();
    const at = this.#take(length);
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + at, length);
  }

  /** Passes over a string of bytes. */
  skipString(): void {
    this.#take(this.uint32());
  }

  #take(length: number): number {
    const at = this.#at;
    if (length > this.#bytes.length - at) {
      throw new PlakarError(
        "protocol",
        `Cannot decode SFTP packet: a field of ${length} bytes at offset ${at} is past its end, ${this.#bytes.length}`,
      );
    }
    this.#at = at + length;
    return at;
  }
}
