/** Decryption and authentication of single messages, by cipher. */

import { createDecipheriv, createHmac, timingSafeEqual } from "node:crypto";
import { forgotten } from "../../lib/garbage.ts";
import { chaCha20Poly1305Opener } from "./chacha20_poly1305.ts";

/** A decrypted body: the length of the padding, the payload, the padding. Valid until the next message is opened. */
export type OpenedBody = Uint8Array<ArrayBufferLike>;

/** What ssh2 says of a direction after a key exchange. */
export interface InboundKeys {
  /** The cipher. */
  decipherInfo: { sslName: string; blockLen: number };
  /** Its key. */
  decipherKey: Uint8Array;
  /** Its first counter or nonce, where it has one. */
  decipherIV: Uint8Array;
  /** The MAC, where the cipher does not authenticate itself. */
  macInfo?: { sslName: string; actualLen: number; isETM: boolean };
  /** The MAC's key. */
  macKey?: Uint8Array;
}

/** Opens messages of one cipher. */
export interface PacketOpener {
  /** Bytes behind the body that authenticate it. */
  readonly macLength: number;
  /** The least length of a body. */
  readonly minLength: number;
  /** What lengths are multiples of. */
  readonly blockLength: number;
  /** Whether the four bytes of the length are part of what is a multiple. */
  readonly lengthCounts: boolean;
  /**
   * Finds out how long the body is.
   *
   * @param head the first four bytes
   * @param seqno the number of the message
   */
  length(head: Uint8Array, seqno: number): number;
  /**
   * Opens a message.
   *
   * @param head the first four bytes
   * @param sealed the body and what authenticates it
   * @param length the length of the body
   * @param seqno the number of the message
   * @throws if it is not authentic
   */
  open(head: Uint8Array, sealed: Uint8Array, length: number, seqno: number): OpenedBody;
}

/**
 * The opener of a cipher.
 *
 * @param keys what was agreed on
 * @returns the opener, `undefined` for ciphers that ssh2's own class is used for
 */
export function packetOpener(keys: InboundKeys): PacketOpener | undefined {
  const { sslName } = keys.decipherInfo;
  if (sslName === "chacha20") return chaCha20Poly1305Opener(keys.decipherKey);
  if (sslName.endsWith("-gcm")) return aesGcm(keys);
  return sslName.startsWith("aes-") && sslName.endsWith("-ctr") ? aesCtr(keys) : undefined;
}

/** RFC 5647: the length is in the clear, and authenticated. */
function aesGcm({ decipherInfo, decipherKey, decipherIV }: InboundKeys): PacketOpener {
  const name = decipherInfo.sslName === "aes-128-gcm" ? "aes-128-gcm" : "aes-256-gcm";
  const nonce = decipherIV.slice();
  return {
    macLength: 16,
    minLength: 16,
    blockLength: 16,
    lengthCounts: false,
    length: readUint32,
    open(head, sealed, length) {
      const cipher = createDecipheriv(name, decipherKey, nonce);
      cipher.setAAD(head);
      cipher.setAuthTag(sealed.subarray(length));
      const body = cipher.update(sealed.subarray(0, length));
      cipher.final();
      // The body is an array of its own.
      forgotten(length);
      for (let i = 11; i >= 4 && ++nonce[i] === 256; i--);
      return body;
    },
  };
}

/** RFC 4344, with a MAC of the plain text, or of the encrypted one and the length in the clear. */
function aesCtr({ decipherInfo, decipherKey, decipherIV, macInfo, macKey }: InboundKeys): PacketOpener {
  if (!macInfo || !macKey) throw new Error("A MAC is missing");
  const { sslName, actualLen: macLength, isETM } = macInfo;
  const cipher = createDecipheriv(decipherInfo.sslName, decipherKey, decipherIV);
  const number = new Uint8Array(4);
  let plainHead = new Uint8Array(4) as Uint8Array;
  const mac = (seqno: number, head: Uint8Array, body: Uint8Array) => {
    writeUint32(number, 0, seqno);
    return createHmac(sslName, macKey).update(number).update(head).update(body).digest().subarray(
      0,
      macLength,
    );
  };
  return {
    macLength,
    minLength: 8,
    blockLength: decipherInfo.blockLen,
    lengthCounts: !isETM,
    length: (head) => readUint32(plainHead = isETM ? head : cipher.update(head)),
    open(_head, sealed, length, seqno) {
      const [sealedBody, tag] = [sealed.subarray(0, length), sealed.subarray(length)];
      if (isETM) check(mac(seqno, plainHead, sealedBody), tag);
      const body = cipher.update(sealedBody);
      if (!isETM) check(mac(seqno, plainHead, body), tag);
      // The body is an array of its own.
      forgotten(length);
      return body;
    },
  };
}

function check(calculated: Uint8Array, received: Uint8Array): void {
  if (!timingSafeEqual(calculated, received)) throw new Error("Invalid MAC");
}

function readUint32(bytes: Uint8Array): number {
  return ((bytes[0] << 24) | (bytes[1] << 16) | (bytes[2] << 8) | bytes[3]) >>> 0;
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
