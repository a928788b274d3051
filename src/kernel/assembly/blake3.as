// BLAKE3, plain or keyed: the tree of chunks, of which four are hashed at a time.

import { BLOCK, compress, CV, hash4, IV, KEY } from "./blake3_compress";
import { BLAKE_STATE, BLAKE_WORK } from "./layout";

const CHUNK_START: u32 = 1;
const CHUNK_END: u32 = 2;
const PARENT: u32 = 4;
const ROOT: u32 = 8;

const CHUNK: usize = 1024;

// The state of one hash, behind its key: all that is saved when another one takes its place.
const FLAGS: usize = BLAKE_STATE + 32; // u32
const DEPTH: usize = BLAKE_STATE + 36; // u32: entries of the stack
const COUNTER: usize = BLAKE_STATE + 40; // u64: chunks hashed
const WAITING: usize = BLAKE_STATE + 48; // u32: bytes in BUFFER
export const RESULT: usize = BLAKE_STATE + 64; // 32 bytes
const STACK: usize = BLAKE_STATE + 128; // 54 chaining values, one a level
const BUFFER: usize = BLAKE_STATE + 0x900; // 4 chunks
const GROUP: usize = 4 * CHUNK;

const CVS: usize = BLAKE_WORK + 0x200; // 16 chaining values
const NODE: usize = BLAKE_WORK + 0x600; // a block

/** One chunk of any length, ROOT if it is the only one. */
function hashChunk(p: usize, length: usize, counter: u64, root: u32, out: usize): void {
  const flags = load<u32>(FLAGS);
  let cv = KEY;
  let start = CHUNK_START;
  while (length > BLOCK) {
    compress(cv, p, 64, counter, flags | start, out);
    cv = out;
    start = 0;
    p += BLOCK;
    length -= BLOCK;
  }
  if (length < BLOCK) {
    memory.fill(NODE, 0, BLOCK);
    memory.copy(NODE, p, length);
    p = NODE;
  }
  compress(cv, p, <u32> length, counter, flags | start | CHUNK_END | root, out);
}

/** n chunks in a row, 1 to 4 of them, each of full length. */
function hashChunks(p: usize, n: usize, counter: u64, out: usize): void {
  const p1 = n > 1 ? p + CHUNK : p;
  const p2 = n > 2 ? p + 2 * CHUNK : p;
  const p3 = n > 3 ? p + 3 * CHUNK : p;
  hash4(p, p1, p2, p3, 16, counter, 1, load<u32>(FLAGS), CHUNK_START, CHUNK_END, out);
}

/** n parents of 2·n chaining values that lie in a row; they take the place of the first of these. */
function hashParents(n: usize): void {
  const flags = load<u32>(FLAGS) | PARENT;
  if (n === 1) return compress(KEY, CVS, 64, 0, flags, CVS);
  for (let i: usize = 0; i < n; i += 4) {
    const p = CVS + i * BLOCK;
    hash4(p, p + BLOCK, p + 2 * BLOCK, p + 3 * BLOCK, 1, 0, 0, flags, 0, 0, CVS + i * CV);
  }
}

/** Puts the value of a subtree of `chunks` chunks on the stack, joining what is complete. */
function push(cv: usize, chunks: u64): void {
  let depth: usize = load<u32>(DEPTH);
  const counter = load<u64>(COUNTER) + chunks;
  store<u64>(COUNTER, counter);
  memory.copy(NODE + CV, cv, CV);
  for (let n = counter / chunks; (n & 1) === 0; n >>= 1) {
    depth--;
    memory.copy(NODE, STACK + depth * CV, CV);
    compress(KEY, NODE, 64, 0, load<u32>(FLAGS) | PARENT, NODE + CV);
  }
  memory.copy(STACK + depth * CV, NODE + CV, CV);
  store<u32>(DEPTH, <u32> depth + 1);
}

/** Sixteen chunks, the first of which is a multiple of sixteen. */
function pushSixteen(p: usize): void {
  const counter = load<u64>(COUNTER);
  for (let i: usize = 0; i < 4; i++) hashChunks(p + i * GROUP, 4, counter + 4 * i, CVS + 4 * i * CV);
  hashParents(8);
  hashParents(4);
  hashParents(2);
  hashParents(1);
  push(CVS, 16);
}

/** Four chunks, the first of which is a multiple of four. */
function pushFour(p: usize): void {
  hashChunks(p, 4, load<u64>(COUNTER), CVS);
  hashParents(2);
  hashParents(1);
  push(CVS, 4);
}

/** Hashes all groups but the last, which may be the end; returns how many bytes are left. */
function pushGroups(p: usize, length: usize): usize {
  while (length > GROUP) {
    if (length > 4 * GROUP && (load<u64>(COUNTER) & 15) === 0) {
      pushSixteen(p);
      p += 4 * GROUP;
      length -= 4 * GROUP;
    } else {
      pushFour(p);
      p += GROUP;
      length -= GROUP;
    }
  }
  return length;
}

/** Starts a hash: the key, if any, lies at `key`. */
export function blakeStart(key: usize): void {
  memory.copy(KEY, key === 0 ? IV : key, 32);
  store<u32>(FLAGS, key === 0 ? 0 : 16);
  store<u32>(DEPTH, 0);
  store<u64>(COUNTER, 0);
  store<u32>(WAITING, 0);
}

/** Takes bytes. A group is hashed once it is known that more follow it. */
export function blakeUpdate(p: usize, length: usize): void {
  let waiting: usize = load<u32>(WAITING);
  if (waiting > 0) {
    const take = min(GROUP - waiting, length);
    memory.copy(BUFFER + waiting, p, take);
    waiting += take;
    p += take;
    length -= take;
    if (length > 0) {
      pushFour(BUFFER);
      waiting = 0;
    }
  }
  const rest = pushGroups(p, length);
  p += length - rest;
  length = rest;
  if (length > 0) {
    memory.copy(BUFFER, p, length);
    waiting = length;
  }
  store<u32>(WAITING, <u32> waiting);
}

/** Hashes the last bytes, at most a group of them, and the way to the root; the state is used up. */
function finish(p: usize, length: usize): void {
  if (length <= CHUNK && load<u32>(DEPTH) === 0) return hashChunk(p, length, 0, ROOT, RESULT);
  const whole = length / CHUNK;
  const rest = length - whole * CHUNK;
  const counter = load<u64>(COUNTER);
  if (whole > 1) hashChunks(p, whole, counter, CVS);
  else if (whole === 1) hashChunk(p, CHUNK, counter, 0, CVS);
  if (rest > 0) hashChunk(p + whole * CHUNK, rest, counter + whole, 0, CVS + whole * CV);
  const last = whole + (rest > 0 ? 1 : 0) - 1;
  for (let i: usize = 0; i < last; i++) push(CVS + i * CV, 1);
  memory.copy(RESULT, CVS + last * CV, CV);
  for (let depth: usize = load<u32>(DEPTH); depth > 0;) {
    depth--;
    memory.copy(NODE, STACK + depth * CV, CV);
    memory.copy(NODE + CV, RESULT, CV);
    compress(KEY, NODE, 64, 0, load<u32>(FLAGS) | PARENT | (depth === 0 ? ROOT : 0), RESULT);
  }
}

/** Ends the hash; 32 bytes lie at RESULT. */
export function blakeFinish(): void {
  finish(BUFFER, load<u32>(WAITING));
}

/** The hash of bytes that are all at hand; 32 bytes lie at RESULT. */
export function blakeWhole(key: usize, p: usize, length: usize): void {
  blakeStart(key);
  const rest = pushGroups(p, length);
  finish(p + length - rest, rest);
}
