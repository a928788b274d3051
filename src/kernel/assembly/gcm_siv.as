// AES-256-GCM-SIV (RFC 8452) without additional data, and AES key wrap (RFC 3394) of its keys.

import { decrypt, encrypt, encryptTwo, prepare, prepareBack, SCHEDULE_BYTES } from "./aes";
import { makeTables } from "./aes_tables";
import { AES_MASTER, AES_MESSAGE, AES_SUBKEY, SEGMENT, SIV_EXCHANGE } from "./layout";
import { KEY, polyval, SUM } from "./polyval";

/** Two schedules under which keys are wrapped and unwrapped. */
export const MASTER: usize = AES_MASTER;
export const MASTER_BYTES: usize = 2 * SCHEDULE_BYTES;

// What JavaScript writes and reads.
export const SUBKEY: usize = SIV_EXCHANGE; // 32 bytes
export const WRAPPED: usize = SIV_EXCHANGE + 32; // 40 bytes
export const NONCE: usize = SIV_EXCHANGE + 80; // 12 bytes
export const TAG: usize = SIV_EXCHANGE + 96; // 16 bytes
export const MESSAGE_KEY: usize = SIV_EXCHANGE + 112; // 32 bytes
const WORK: usize = SIV_EXCHANGE + 160; // 32 bytes

const WRAP_IV: u64 = 0xa6a6a6a6a6a6a6a6;

makeTables();

/** Sets the key at SUBKEY as the one to wrap under. */
export function setMaster(): void {
  prepare(SUBKEY, MASTER);
  prepareBack(SUBKEY, MASTER + SCHEDULE_BYTES);
}

/** Wraps the key at SUBKEY, to WRAPPED. */
export function wrap(): void {
  memory.copy(WRAPPED + 8, SUBKEY, 32);
  let a = WRAP_IV;
  for (let step: u64 = 1; step <= 24;) {
    for (let at = WRAPPED + 8; at < WRAPPED + 40; at += 8, step++) {
      const block = i64x2.replace_lane(i64x2.splat(a), 1, load<u64>(at));
      const out = encrypt(MASTER, block);
      a = i64x2.extract_lane(out, 0) ^ (step << 56);
      store<u64>(at, i64x2.extract_lane(out, 1));
    }
  }
  store<u64>(WRAPPED, a);
}

/** Unwraps the key at WRAPPED, to SUBKEY; returns whether it was wrapped under this master key. */
export function unwrap(): bool {
  memory.copy(SUBKEY, WRAPPED + 8, 32);
  let a = load<u64>(WRAPPED);
  for (let step: u64 = 24; step > 0;) {
    for (let at = SUBKEY + 24; at >= SUBKEY; at -= 8, step--) {
      const block = i64x2.replace_lane(i64x2.splat(a ^ (step << 56)), 1, load<u64>(at));
      const out = decrypt(MASTER + SCHEDULE_BYTES, block);
      a = i64x2.extract_lane(out, 0);
      store<u64>(at, i64x2.extract_lane(out, 1));
    }
  }
  return a === WRAP_IV;
}

/** Sets the key at SUBKEY as the one messages are encrypted under. */
export function setSubkey(): void {
  prepare(SUBKEY, AES_SUBKEY);
}

/** Begins a message: derives its keys from the nonce at NONCE. */
export function begin(): void {
  const nonce = i8x16.shuffle(v128.load(NONCE), i64x2.splat(0), 16, 16, 16, 16, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
  for (let i = 0; i < 6; i += 2) {
    encryptTwo(AES_SUBKEY, i32x4.replace_lane(nonce, 0, i), i32x4.replace_lane(nonce, 0, i + 1), WORK);
    const to = i === 0 ? KEY : MESSAGE_KEY + 8 * i - 16;
    store<u64>(to, load<u64>(WORK));
    store<u64>(to, load<u64>(WORK, 16), 8);
  }
  prepare(MESSAGE_KEY, AES_MESSAGE);
  v128.store(SUM, i64x2.splat(0));
}

/** Takes plaintext; all but the last time a multiple of 16 bytes. */
export function absorb(p: usize, length: usize): void {
  polyval(p, length);
}

/** The tag of a message of so many bytes, once they are taken. */
function tagOf(length: f64): v128 {
  v128.store(WORK, i64x2.replace_lane(i64x2.splat(0), 1, <u64>length << 3));
  polyval(WORK, 16);
  const nonce = i8x16.shuffle(v128.load(NONCE), i64x2.splat(0), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 16, 16, 16, 16);
  const sum = v128.xor(v128.load(SUM), nonce);
  return encrypt(AES_MESSAGE, v128.and(sum, i64x2.replace_lane(i64x2.splat(-1), 1, i64.MAX_VALUE)));
}

/** Writes the tag to TAG. */
export function finishSeal(length: f64): void {
  v128.store(TAG, tagOf(length));
}

/** Returns whether the tag at TAG is the right one. */
export function finishOpen(length: f64): bool {
  return !v128.any_true(v128.xor(v128.load(TAG), tagOf(length)));
}

@inline
function firstCounter(): v128 {
  return v128.or(v128.load(TAG), i64x2.replace_lane(i64x2.splat(0), 1, i64.MIN_VALUE));
}

/** Writes n counter blocks to SEGMENT, from block `first` of the message on. */
export function counters(first: u32, n: usize): void {
  let counter = i32x4.add(firstCounter(), i32x4.replace_lane(i32x4.splat(0), 0, first));
  const one = i32x4.replace_lane(i32x4.splat(0), 0, 1);
  for (let to = SEGMENT; to < SEGMENT + 16 * n; to += 16) {
    v128.store(to, counter);
    counter = i32x4.add(counter, one);
  }
}

/** Encrypts or decrypts a whole message under the tag at TAG. */
export function cipher(p: usize, length: usize, to: usize): void {
  let counter = firstCounter();
  const one = i32x4.replace_lane(i32x4.splat(0), 0, 1);
  for (; length >= 32; length -= 32) {
    const next = i32x4.add(counter, one);
    encryptTwo(AES_MESSAGE, counter, next, WORK);
    v128.store(to, v128.xor(v128.load(p), v128.load(WORK)));
    v128.store(to, v128.xor(v128.load(p, 16), v128.load(WORK, 16)), 16);
    counter = i32x4.add(next, one);
    p += 32;
    to += 32;
  }
  if (length === 0) return;
  encryptTwo(AES_MESSAGE, counter, i32x4.add(counter, one), WORK);
  for (let i: usize = 0; i < length; i++) store<u8>(to + i, load<u8>(p + i) ^ load<u8>(WORK + i));
}

/** The bytes at p and at q, added, to p. */
export function mix(p: usize, q: usize, length: usize): void {
  const end = p + length;
  for (; p + 16 <= end; p += 16, q += 16) v128.store(p, v128.xor(v128.load(p), v128.load(q)));
  for (; p < end; p++, q++) store<u8>(p, load<u8>(p) ^ load<u8>(q));
}

/** Seals a whole message under the nonce at NONCE: nonce, ciphertext and tag go to `to`. */
export function seal(p: usize, length: usize, to: usize): void {
  begin();
  polyval(p, length);
  finishSeal(<f64>length);
  memory.copy(to, NONCE, 12);
  cipher(p, length, to + 12);
  memory.copy(to + 12 + length, TAG, 16);
}

/** Opens a sealed message with `length` bytes of plaintext; returns whether its tag is right. */
export function open(p: usize, length: usize, to: usize): bool {
  memory.copy(NONCE, p, 12);
  memory.copy(TAG, p + 12 + length, 16);
  begin();
  cipher(p + 12, length, to);
  polyval(to, length);
  return finishOpen(<f64>length);
}
