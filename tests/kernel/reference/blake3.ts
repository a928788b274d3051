/**
 * BLAKE3 in plain TypeScript, after the paper "BLAKE3: one function, fast everywhere": what the kernel is
 * tested against.
 */

const IV = Uint32Array.of(
  0x6a09e667,
  0xbb67ae85,
  0x3c6ef372,
  0xa54ff53a,
  0x510e527f,
  0x9b05688c,
  0x1f83d9ab,
  0x5be0cd19,
);
const PERMUTATION = [2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8];
const CHUNK_START = 1;
const CHUNK_END = 2;
const PARENT = 4;
const ROOT = 8;
const KEYED_HASH = 16;
const BLOCK_BYTES = 64;
const CHUNK_BYTES = 1024;

/** What is left to compress when it is known whether a node is the root. */
interface Output {
  readonly chaining: Uint32Array;
  readonly block: Uint32Array;
  readonly counter: number;
  readonly length: number;
  readonly flags: number;
}

function mix(v: Uint32Array, a: number, b: number, c: number, d: number, x: number, y: number): void {
  v[a] = v[a] + v[b] + x;
  v[d] ^= v[a];
  v[d] = (v[d] >>> 16) | (v[d] << 16);
  v[c] = v[c] + v[d];
  v[b] ^= v[c];
  v[b] = (v[b] >>> 12) | (v[b] << 20);
  v[a] = v[a] + v[b] + y;
  v[d] ^= v[a];
  v[d] = (v[d] >>> 8) | (v[d] << 24);
  v[c] = v[c] + v[d];
  v[b] ^= v[c];
  v[b] = (v[b] >>> 7) | (v[b] << 25);
}

function compress(node: Output, flags: number): Uint32Array {
  const v = new Uint32Array(16);
  v.set(node.chaining);
  v.set(IV.subarray(0, 4), 8);
  v[12] = node.counter;
  v[13] = Math.floor(node.counter / 2 ** 32);
  v[14] = node.length;
  v[15] = node.flags | flags;
  let m = node.block;
  for (let round = 0; round < 7; round++) {
    mix(v, 0, 4, 8, 12, m[0], m[1]);
    mix(v, 1, 5, 9, 13, m[2], m[3]);
    mix(v, 2, 6, 10, 14, m[4], m[5]);
    mix(v, 3, 7, 11, 15, m[6], m[7]);
    mix(v, 0, 5, 10, 15, m[8], m[9]);
    mix(v, 1, 6, 11, 12, m[10], m[11]);
    mix(v, 2, 7, 8, 13, m[12], m[13]);
    mix(v, 3, 4, 9, 14, m[14], m[15]);
    const from = m;
    m = Uint32Array.from(PERMUTATION, (i) => from[i]);
  }
  const chaining = new Uint32Array(8);
  for (let i = 0; i < 8; i++) chaining[i] = v[i] ^ v[i + 8];
  return chaining;
}

function wordsOf(block: Uint8Array): Uint32Array {
  const view = new DataView(block.buffer, block.byteOffset, BLOCK_BYTES);
  return Uint32Array.from({ length: 16 }, (_, i) => view.getUint32(4 * i, true));
}

/** BLAKE3 of bytes that come in pieces, plain or keyed, 32 bytes out. */
export class ReferenceBlake3 {
  readonly #key: Uint32Array;
  readonly #flags: number;
  readonly #block = new Uint8Array(BLOCK_BYTES);
  #chaining: Uint32Array;
  #blockLength = 0;
  #chunkLength = 0;
  #chunks = 0;
  #stack: Uint32Array[] = [];

  /**
   * Starts with no bytes.
   *
   * @param key 32 bytes for keyed_hash mode, none for the plain hash
   */
  constructor(key?: Uint8Array) {
    this.#flags = key === undefined ? 0 : KEYED_HASH;
    this.#key = IV;
    if (key !== undefined) {
      const view = new DataView(key.buffer, key.byteOffset, 32);
      this.#key = Uint32Array.from({ length: 8 }, (_, i) => view.getUint32(4 * i, true));
    }
    this.#chaining = this.#key;
  }

  #start(): number {
    return this.#chunkLength - this.#blockLength === 0 ? CHUNK_START : 0;
  }

  #node(flags: number): Output {
    return {
      chaining: this.#chaining,
      block: wordsOf(this.#block),
      counter: this.#chunks,
      length: this.#blockLength,
      flags: this.#flags | this.#start() | flags,
    };
  }

  #parent(left: Uint32Array, right: Uint32Array): Output {
    const block = new Uint32Array(16);
    block.set(left);
    block.set(right, 8);
    return { chaining: this.#key, block, counter: 0, length: BLOCK_BYTES, flags: this.#flags | PARENT };
  }

  #endChunk(): void {
    let chaining = compress(this.#node(CHUNK_END), 0);
    this.#chunks++;
    for (let total = this.#chunks; total % 2 === 0; total /= 2) {
      const left = this.#stack.pop() ?? chaining;
      chaining = compress(this.#parent(left, chaining), 0);
    }
    this.#stack.push(chaining);
    this.#chaining = this.#key;
    this.#chunkLength = 0;
  }

  /**
   * Takes the next bytes.
   *
   * @param data any number of bytes
   */
  update(data: Uint8Array): void {
    let at = 0;
    while (at < data.length) {
      if (this.#blockLength === BLOCK_BYTES) {
        if (this.#chunkLength === CHUNK_BYTES) this.#endChunk();
        else this.#chaining = compress(this.#node(0), 0);
        this.#blockLength = 0;
        this.#block.fill(0);
      }
      const take = Math.min(BLOCK_BYTES - this.#blockLength, data.length - at);
      this.#block.set(data.subarray(at, at + take), this.#blockLength);
      this.#blockLength += take;
      this.#chunkLength += take;
      at += take;
    }
  }

  /**
   * The hash of all bytes so far.
   *
   * @returns 32 new bytes
   */
  digest(): Uint8Array {
    let node = this.#node(CHUNK_END);
    for (let i = this.#stack.length - 1; i >= 0; i--) node = this.#parent(this.#stack[i], compress(node, 0));
    const words = compress(node, ROOT);
    const out = new Uint8Array(32);
    const view = new DataView(out.buffer);
    words.forEach((word, i) => view.setUint32(4 * i, word, true));
    return out;
  }
}
