/**
 * Takes apart what a server sends. ssh2's own class refuses messages of more than 35 000 bytes, the least that
 * RFC 4253 asks for; OpenSSH sends, and takes, up to 256 KiB: a long login banner is one message.
 */

import { Buffer } from "node:buffer";
import type { OpenedBody, PacketOpener } from "./packet_openers.ts";

/** The largest message, as in OpenSSH. */
const MAX_PACKET = 256 * 1024;
/** Bytes of the length, in front of every message. */
const HEAD = 4;

/** The one type of message that is given away as it lies there, because most bytes come in it. */
const CHANNEL_DATA = 94;

/**
 * Takes a message; of CHANNEL_DATA the bytes are valid only during the call. What it returns ends the
 * work on this piece of data: `false`, or where to go on.
 */
export type PayloadReceiver = (payload: Buffer) => number | false | undefined;

/** What ssh2 uses of a decipher; the names are its own. */
export class Decipher {
  /** The number of the next message. ssh2 sets it back at a strict key exchange. */
  inSeqno: number;
  /** Takes messages; ssh2 replaces it while keys are exchanged. */
  _onPayload: PayloadReceiver;
  readonly #opener: PacketOpener;
  readonly #head = new Uint8Array(HEAD);
  #headFilled = 0;
  #length = 0;
  /** The body and its MAC, if they came in several pieces; used again for the next. */
  #gathered: Uint8Array = new Uint8Array();
  #filled = 0;

  /**
   * Makes a decipher for one direction and one key.
   *
   * @param opener decrypts and checks
   * @param seqno the number of the next message
   * @param onPayload takes messages
   */
  constructor(opener: PacketOpener, seqno: number, onPayload: PayloadReceiver) {
    this.#opener = opener;
    this.inSeqno = seqno;
    this._onPayload = onPayload;
  }

  /** Nothing is held that has to be let go. */
  free(): void {}

  /**
   * Takes a piece of what the server sent, and gives away every message that is complete.
   *
   * @param data the piece
   * @param at where to begin in it
   * @param end where it ends
   * @returns where to go on with another decipher, `undefined` if everything was taken
   */
  decrypt(data: Uint8Array, at: number, end: number): number | undefined {
    while (at < end) {
      while (this.#headFilled < HEAD && at < end) this.#head[this.#headFilled++] = data[at++];
      if (this.#headFilled < HEAD) return undefined;
      if (this.#length === 0) this.#length = this.#readLength();
      const wanted = this.#length + this.#opener.macLength;
      const taken = Math.min(wanted - this.#filled, end - at);
      const piece = data.subarray(at, at + taken);
      const isSplit = taken < wanted;
      if (isSplit) this.#gather(piece, wanted);
      at += taken;
      this.#filled += taken;
      if (this.#filled < wanted) return undefined;
      const sealed = isSplit ? this.#gathered.subarray(0, wanted) : piece;
      const payload = payloadOf(this.#opener.open(this.#head, sealed, this.#length, this.inSeqno));
      this.inSeqno = (this.inSeqno + 1) >>> 0;
      this.#headFilled = this.#length = this.#filled = 0;
      const result = this._onPayload(payload);
      if (result !== undefined) return result === false ? at : result;
    }
    return undefined;
  }

  #gather(piece: Uint8Array, wanted: number): void {
    if (this.#gathered.length < wanted) {
      const larger = new Uint8Array(wanted);
      larger.set(this.#gathered.subarray(0, this.#filled));
      this.#gathered = larger;
    }
    this.#gathered.set(piece, this.#filled);
  }

  #readLength(): number {
    const { minLength, blockLength, lengthCounts } = this.#opener;
    const length = this.#opener.length(this.#head, this.inSeqno);
    const isWhole = (length + (lengthCounts ? HEAD : 0)) % blockLength === 0;
    if (length > MAX_PACKET || length < minLength || !isWhole) throw new Error("Bad packet length");
    return length;
  }
}

/** What is between the length of the padding and the padding. */
function payloadOf(body: OpenedBody): Buffer {
  const length = body.length - 1 - body[0];
  if (length < 0) throw new Error("Bad padding length");
  const payload = Buffer.from(body.buffer, body.byteOffset + 1, length);
  return payload[0] === CHANNEL_DATA ? payload : Buffer.from(payload);
}
