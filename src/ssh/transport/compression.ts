/**
 * Compression of messages, `zlib@openssh.com`: one zlib stream in each direction from login to the next key
 * exchange, flushed after every message. ssh2's own classes use parts of Node's zlib that Deno does not have.
 */

import { Buffer } from "node:buffer";
import { constants, deflateRawSync } from "node:zlib";
import { Unzlib } from "fflate";

/** What ssh2 tells its packet writer of the connection. */
export interface CompressedProtocol {
  /** Set while keys are exchanged. */
  readonly _kexinit?: unknown;
  /** Makes room for encrypted packets. */
  readonly _cipher: { allocPacket(payloadLength: number): Uint8Array };
}

/** What back-references of deflate reach. */
const WINDOW = 32 * 1024;
/** The first bytes of a zlib stream with that window. */
const HEADER = Uint8Array.of(0x78, 0x9c);
/** Where the payload begins in a packet: behind its length, and that of the padding. */
const PAYLOAD = 5;
/** No honest message is longer once it is inflated. */
const MAX_PAYLOAD = 1024 * 1024;
/** So much is inflated at once: to 4 MiB at most. */
const SLICE = 4096;

/** Compresses what is sent. The names of the members are ssh2's. */
export class CompressingWriter {
  /** Where ssh2 writes in what it is given. */
  readonly allocStart = 0;
  /** The same while keys are exchanged. */
  readonly allocStartKEX = 0;
  readonly #protocol: CompressedProtocol;
  #window: Uint8Array = new Uint8Array();
  #hasBegun = false;

  /**
   * Begins a stream.
   *
   * @param protocol the connection
   */
  constructor(protocol: CompressedProtocol) {
    this.#protocol = protocol;
  }

  /** Nothing is held that has to be let go. */
  cleanup(): void {}

  /**
   * Makes room for a message.
   *
   * @param length its length
   * @returns the room
   */
  alloc(length: number): Buffer {
    return Buffer.allocUnsafe(length);
  }

  /**
   * Makes a packet of a message; one that has to wait for a key exchange stays as it is.
   *
   * @param payload the message
   * @param force whether it belongs to the key exchange
   * @returns the packet
   */
  finalize(payload: Uint8Array, force = false): Uint8Array {
    if (this.#protocol._kexinit !== undefined && !force) return payload;
    const deflated = this.#deflate(payload);
    const packet = this.#protocol._cipher.allocPacket(deflated.length);
    packet.set(deflated, PAYLOAD);
    return packet;
  }

  /** A stream that is flushed to whole bytes can be made piece by piece, each with what came before as dictionary. */
  #deflate(payload: Uint8Array): Uint8Array {
    const dictionary = this.#window.length > 0 ? this.#window : undefined;
    const deflated = deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH, dictionary });
    this.#window = Buffer.concat([this.#window, payload]).subarray(-WINDOW);
    if (this.#hasBegun) return deflated;
    this.#hasBegun = true;
    return Buffer.concat([HEADER, deflated]);
  }
}

/** Inflates what is received. The names of the members are ssh2's. */
export class InflatingReader {
  #pieces: Uint8Array[] = [];
  #length = 0;
  readonly #stream = new Unzlib((piece) => {
    this.#pieces.push(piece);
    this.#length += piece.length;
  });

  /** Nothing is held that has to be let go. */
  cleanup(): void {}

  /**
   * Inflates a message.
   *
   * @param data what was in the packet
   * @returns the message
   * @throws if it is longer than any honest one, before much more of it is inflated
   */
  read(data: Uint8Array): Buffer {
    for (let at = 0; at < data.length; at += SLICE) {
      this.#stream.push(data.subarray(at, at + SLICE));
      if (this.#length > MAX_PAYLOAD) throw new Error("Bad packet length");
    }
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#length = 0;
    const [{ buffer, byteOffset, length }] = pieces.length === 1 ? pieces : [Buffer.concat(pieces)];
    return Buffer.from(buffer, byteOffset, length);
  }
}
