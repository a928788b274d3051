// chacha20-poly1305@openssh.com: PROTOCOL.chacha20poly1305 of OpenSSH. The first half of a direction's key is for
// the body and what authenticates the message, the second for its length.

import { CHACHA_STREAM, POLY1305_TAG, SSH_KEY } from "./layout";
import { makeStream, mixMessage } from "./chacha20";
import { poly1305 } from "./poly1305";

const LENGTH_KEY: usize = SSH_KEY + 32;
const LENGTH: usize = 4;

/** The length of the message whose first four bytes are at p. */
export function openLength(p: usize, seqno: u32): u32 {
  makeStream(LENGTH_KEY, seqno);
  return bswap<u32>(load<u32>(p) ^ load<u32>(CHACHA_STREAM));
}

/**
 * Opens a message in place: four bytes of length, `length` of body, sixteen of tag. Only the body is decrypted.
 * Returns 0 if it is not authentic.
 */
export function openPacket(p: usize, length: usize, seqno: u32): i32 {
  const tagAt = p + LENGTH + length;
  const tag0 = load<u64>(tagAt), tag1 = load<u64>(tagAt, 8);
  makeStream(SSH_KEY, seqno);
  poly1305(CHACHA_STREAM, p, LENGTH + length);
  if (((tag0 ^ load<u64>(POLY1305_TAG)) | (tag1 ^ load<u64>(POLY1305_TAG, 8))) !== 0) return 0;
  mixMessage(SSH_KEY, seqno, p + LENGTH, length);
  return 1;
}

/** Seals a message in place: four bytes of length and `length` of body, behind which the tag goes. */
export function sealPacket(p: usize, length: usize, seqno: u32): void {
  makeStream(LENGTH_KEY, seqno);
  store<u32>(p, load<u32>(p) ^ load<u32>(CHACHA_STREAM));
  makeStream(SSH_KEY, seqno);
  mixMessage(SSH_KEY, seqno, p + LENGTH, length);
  poly1305(CHACHA_STREAM, p, LENGTH + length);
  const tagAt = p + LENGTH + length;
  store<u64>(tagAt, load<u64>(POLY1305_TAG));
  store<u64>(tagAt, load<u64>(POLY1305_TAG, 8), 8);
}
