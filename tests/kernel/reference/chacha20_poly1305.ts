/** chacha20-poly1305@openssh.com by node's ChaCha20 and the Poly1305 that ssh2 brings. */

import { createCipheriv } from "node:crypto";
import makePoly1305 from "ssh2/lib/protocol/crypto/poly1305.js";
import { concat, viewOf } from "../../../src/lib/bytes.ts";

const TAG = 16;
const HEAD = 4;

/** A number as SSH writes it. */
export function bigEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  viewOf(bytes).setUint32(0, value);
  return bytes;
}

/** Seals a message of at most so many bytes: key, number, length and body to what goes over the line. */
export async function plainSealer(
  longest: number,
): Promise<(key: Uint8Array, seqno: number, head: Uint8Array, body: Uint8Array) => Uint8Array> {
  const module = await makePoly1305();
  const [out, keyAt, headAt, bodyAt] = [TAG, 32, HEAD, longest].map((size) => module._malloc(size));
  return (key: Uint8Array, seqno: number, head: Uint8Array, body: Uint8Array): Uint8Array => {
    const chacha20 = (key: Uint8Array, counter: number, data: Uint8Array) => {
      const nonce = concat(Uint8Array.of(counter), new Uint8Array(11), bigEndian(seqno));
      const cipher = createCipheriv("chacha20", key, nonce);
      const result = new Uint8Array(cipher.update(data));
      cipher.final();
      return result;
    };
    const bodyKey = key.subarray(0, 32);
    const sealedHead = chacha20(key.subarray(32), 0, head);
    const sealedBody = chacha20(bodyKey, 1, body);
    module.HEAPU8.set(chacha20(bodyKey, 0, new Uint8Array(32)), keyAt);
    module.HEAPU8.set(sealedHead, headAt);
    module.HEAPU8.set(sealedBody, bodyAt);
    module._poly1305_auth(out, headAt, HEAD, bodyAt, body.length, keyAt);
    return concat(sealedHead, sealedBody, module.HEAPU8.slice(out, out + TAG));
  };
}
