/**
 * The cipher chacha20-poly1305@openssh.com by the kernel. `node:crypto` would need three ciphers for every message,
 * which cost more than most messages themselves, and knows no Poly1305.
 */

import { Buffer } from "node:buffer";
import { randomBytes } from "../../crypto/random.ts";
import { type Kernel, useKernel } from "../../kernel/kernel.ts";
import { viewOf } from "../../lib/bytes.ts";
import type { PacketOpener } from "./packet_openers.ts";

/** Bytes of the length, in front of every message. */
const HEAD = 4;
const TAG = 16;
/** What the length of a body is a multiple of. */
const BLOCK = 8;
/** RFC 4253 asks for so much padding. */
const MIN_PADDING = 4;

/**
 * What opens messages.
 *
 * @param key 64 bytes
 * @returns the opener, whose bodies lie in the kernel until it opens the next message
 */
export function chaCha20Poly1305Opener(key: Uint8Array): PacketOpener {
  const secret = key.slice();
  const { run, memory, at } = useKernel();
  const packet = at.PACKET_IN;
  return {
    macLength: TAG,
    minLength: BLOCK,
    blockLength: BLOCK,
    lengthCounts: false,
    length(head, seqno) {
      memory.set(secret, at.SSH_KEY);
      memory.set(head, packet);
      return run.openLength(packet, seqno) >>> 0;
    },
    open(head, sealed, length, seqno) {
      memory.set(secret, at.SSH_KEY);
      memory.set(head, packet);
      memory.set(sealed, packet + HEAD);
      if (run.openPacket(packet, length, seqno) === 0) throw new Error("Invalid MAC");
      return memory.subarray(packet + HEAD, packet + HEAD + length);
    },
  };
}

/** What ssh2 says of the direction it makes a cipher for. */
export interface OutboundKeys {
  /** The number of the next message. */
  seqno: number;
  /** Takes what is to be sent. */
  onWrite: (bytes: Uint8Array) => void;
  /** The key. */
  cipherKey: Uint8Array;
}

/** Seals messages. The names of the members are ssh2's. */
export class ChaCha20Poly1305Cipher {
  /** The number of the next message. ssh2 sets it back at a strict key exchange. */
  outSeqno: number;
  /** Takes what is to be sent; ssh2 may replace it. */
  _onWrite: (bytes: Uint8Array) => void;
  readonly #kernel: Kernel = useKernel();
  readonly #key: Uint8Array;
  #isOver = false;

  /**
   * Makes a cipher.
   *
   * @param keys what was agreed on
   */
  constructor({ seqno, onWrite, cipherKey }: OutboundKeys) {
    this.outSeqno = seqno;
    this._onWrite = onWrite;
    this.#key = cipherKey.slice();
  }

  /** Sends nothing any more. */
  free(): void {
    this.#isOver = true;
  }

  /**
   * Makes room for a message, all but its payload filled in.
   *
   * @param payloadLength the length of the payload, which goes behind the fifth byte
   * @returns the packet, with room for its tag
   */
  allocPacket(payloadLength: number): Buffer {
    let padding = BLOCK - (1 + payloadLength) % BLOCK;
    if (padding < MIN_PADDING) padding += BLOCK;
    const length = 1 + payloadLength + padding;
    const packet = Buffer.allocUnsafe(HEAD + length + TAG);
    viewOf(packet).setUint32(0, length);
    packet[HEAD] = padding;
    packet.set(randomBytes(padding), HEAD + 1 + payloadLength);
    return packet;
  }

  /**
   * Seals a packet and sends it.
   *
   * @param packet what {@linkcode allocPacket} made, with a payload
   */
  encrypt(packet: Uint8Array): void {
    if (this.#isOver) return;
    const { run, memory, at } = this.#kernel;
    const start = at.PACKET_OUT;
    const length = packet.length - TAG;
    if (packet.length > at.PACKET_BYTES) throw new Error(`Cannot seal a message of ${length} bytes`);
    memory.set(this.#key, at.SSH_KEY);
    memory.set(packet.subarray(0, length), start);
    run.sealPacket(start, length - HEAD, this.outSeqno);
    packet.set(memory.subarray(start, start + packet.length));
    this.outSeqno = (this.outSeqno + 1) >>> 0;
    this._onWrite(packet);
  }
}
