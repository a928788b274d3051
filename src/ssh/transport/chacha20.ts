/**
 * ChaCha20, as OpenSSL and OpenSSH take it: a key of 32 bytes, and 16 of counter and nonce.
 *
 * A cipher of `node:crypto` is a stream with some kilobytes of state, made for one message and forgotten. Most
 * messages of SFTP are short, and every message takes three ciphers: those are worked out here.
 */

import { createCipheriv } from "node:crypto";

/** From here on, a cipher of `node:crypto` is faster, whatever it costs. */
const LONG = 256;

const ROUNDS = 20;
const BLOCK_BYTES = 64;
const BLOCK_WORDS = BLOCK_BYTES / 4;
const COUNTER = 12;
/** "expand 32-byte k" */
const CONSTANTS = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574];

/**
 * Encrypts or decrypts, which is the same.
 *
 * @param key 32 bytes
 * @param nonce 16 bytes; the first four are the counter of the first block
 * @param data any number of bytes
 * @returns as many new bytes
 */
export function chacha20(key: Uint8Array, nonce: Uint8Array, data: Uint8Array): Uint8Array {
  if (data.length < LONG) return shortChacha20(key, nonce, data);
  const cipher = createCipheriv("chacha20", key, nonce);
  const result = cipher.update(data);
  // An unfinished cipher stays in memory.
  cipher.final();
  return result;
}

const state = new Int32Array(BLOCK_WORDS);
const block = new Int32Array(BLOCK_WORDS);

function shortChacha20(key: Uint8Array, nonce: Uint8Array, data: Uint8Array): Uint8Array {
  state.set(CONSTANTS);
  for (let i = 0; i < 8; i++) state[4 + i] = readInt32(key, 4 * i);
  for (let i = 0; i < 4; i++) state[COUNTER + i] = readInt32(nonce, 4 * i);
  const result = new Uint8Array(data.length);
  for (let at = 0; at < data.length; at += BLOCK_BYTES) {
    makeBlock();
    const end = Math.min(data.length - at, BLOCK_BYTES);
    for (let i = 0; i < end; i++) result[at + i] = data[at + i] ^ (block[i >> 2] >>> (8 * (i & 3)));
    state[COUNTER]++;
  }
  return result;
}

/** RFC 8439, section 2.3. */
function makeBlock(): void {
  block.set(state);
  for (let round = 0; round < ROUNDS; round += 2) {
    quarterRound(0, 4, 8, 12);
    quarterRound(1, 5, 9, 13);
    quarterRound(2, 6, 10, 14);
    quarterRound(3, 7, 11, 15);
    quarterRound(0, 5, 10, 15);
    quarterRound(1, 6, 11, 12);
    quarterRound(2, 7, 8, 13);
    quarterRound(3, 4, 9, 14);
  }
  for (let i = 0; i < BLOCK_WORDS; i++) block[i] += state[i];
}

function quarterRound(a: number, b: number, c: number, d: number): void {
  let x = block[a];
  let y = block[b];
  let z = block[c];
  let w = block[d];
  x = (x + y) | 0;
  w ^= x;
  w = (w << 16) | (w >>> 16);
  z = (z + w) | 0;
  y ^= z;
  y = (y << 12) | (y >>> 20);
  x = (x + y) | 0;
  w ^= x;
  w = (w << 8) | (w >>> 24);
  z = (z + w) | 0;
  y ^= z;
  y = (y << 7) | (y >>> 25);
  block[a] = x;
  block[b] = y;
  block[c] = z;
  block[d] = w;
}

function readInt32(bytes: Uint8Array, at: number): number {
  return bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 | bytes[at + 3] << 24;
}
