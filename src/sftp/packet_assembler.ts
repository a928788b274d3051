/** Cuts the stream of received bytes into packets. */

import { PlakarError } from "../lib/errors.ts";

/** No packet of an honest server is longer: 256 KiB, which OpenSSH allows, and a little for the fields around. */
export const MAX_PACKET_LENGTH: number = 256 * 1024 + 1024;

/**
 * Finds packets in received pieces. A packet that lies within one piece is handed on without a copy, one
 * that is split is put together in a buffer which is used again for the next.
 */
export class PacketAssembler {
  readonly #receive: (packet: Uint8Array) => void;
  #buffer = new Uint8Array(64 * 1024);
  /** Bytes of a begun packet in the buffer, its length field included. */
  #held = 0;

  /**
   * Begins a stream.
   *
   * @param receive takes each packet, without its length field; it is valid only during the call
   */
  constructor(receive: (packet: Uint8Array) => void) {
    this.#receive = receive;
  }

  /**
   * Takes the next piece of the stream.
   *
   * @param piece received bytes
   * @throws {PlakarError} `protocol`, if a length cannot be true
   */
  push(piece: Uint8Array): void {
    let at = 0;
    if (this.#held > 0) at = this.#continue(piece);
    while (at < piece.length) {
      const length = piece.length - at < 4 ? undefined : checkedLength(piece, at);
      if (length === undefined || piece.length - at < 4 + length) {
        this.#hold(piece, at, piece.length);
        return;
      }
      this.#receive(piece.subarray(at + 4, at + 4 + length));
      at += 4 + length;
    }
  }

  /** Completes the packet that is held, as far as the piece goes; returns where the piece goes on. */
  #continue(piece: Uint8Array): number {
    let at = 0;
    if (this.#held < 4) {
      at = Math.min(4 - this.#held, piece.length);
      this.#hold(piece, 0, at);
      if (this.#held < 4) return at;
    }
    const whole = 4 + checkedLength(this.#buffer, 0);
    const end = Math.min(piece.length, at + whole - this.#held);
    this.#hold(piece, at, end);
    if (this.#held === whole) {
      this.#held = 0;
      this.#receive(this.#buffer.subarray(4, whole));
    }
    return end;
  }

  #hold(piece: Uint8Array, from: number, to: number): void {
    const needed = this.#held + to - from;
    if (needed > this.#buffer.length) {
      const larger = new Uint8Array(MAX_PACKET_LENGTH + 4);
      larger.set(this.#buffer.subarray(0, this.#held));
      this.#buffer = larger;
    }
    this.#buffer.set(piece.subarray(from, to), this.#held);
    this.#held = needed;
  }
}

function checkedLength(bytes: Uint8Array, at: number): number {
  const length = ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0;
  if (length === 0 || length > MAX_PACKET_LENGTH) {
    throw new PlakarError("protocol", `Cannot read SFTP packet: its length is given as ${length}`);
  }
  return length;
}
