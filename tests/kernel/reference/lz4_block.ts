/** The LZ4 block format: sequences of literals and matches within 64 KiB. */

const MIN_MATCH = 4;
const LAST_LITERALS = 5;
const MATCH_SEARCH_END = 12;
const MAX_OFFSET = 65535;
const HASH_BITS = 14;
/** Misses before the search takes longer steps, as a power of two. */
const SKIP_BITS = 6;

function writeLength(to: Uint8Array, at: number, length: number): number {
  for (; length >= 255; length -= 255) to[at++] = 255;
  to[at++] = length;
  return at;
}

/** Writes one sequence; returns the end of it, or -1 if there is no room. */
function writeSequence(
  from: Uint8Array,
  start: number,
  end: number,
  to: Uint8Array,
  at: number,
  offset: number,
  matched: number,
): number {
  const literals = end - start;
  if (at + literals + Math.floor(literals / 255) + Math.floor(matched / 255) + 5 > to.length) return -1;
  const token = at++;
  if (literals >= 15) at = writeLength(to, at, literals - 15);
  to.set(from.subarray(start, end), at);
  at += literals;
  to[token] = Math.min(literals, 15) << 4;
  if (matched === 0) return at;
  to[at++] = offset;
  to[at++] = offset >> 8;
  const extra = matched - MIN_MATCH;
  to[token] |= Math.min(extra, 15);
  return extra >= 15 ? writeLength(to, at, extra - 15) : at;
}

/**
 * Compresses a block, looking for matches with one probe each.
 *
 * @param from the bytes to compress
 * @param to where the block goes; compression is given up when it is full
 * @returns the length of the block, 0 if it did not fit
 */
export function compressPlainly(from: Uint8Array, to: Uint8Array): number {
  const view = new DataView(from.buffer, from.byteOffset, from.byteLength);
  const table = new Int32Array(1 << HASH_BITS).fill(-1);
  const limit = from.length - MATCH_SEARCH_END;
  let [anchor, at, out, misses] = [0, 0, 0, 1 << SKIP_BITS];
  while (at < limit) {
    const word = view.getInt32(at, true);
    const slot = Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS);
    let candidate = table[slot];
    table[slot] = at;
    if (candidate < 0 || at - candidate > MAX_OFFSET || view.getInt32(candidate, true) !== word) {
      at += misses++ >> SKIP_BITS;
      continue;
    }
    while (at > anchor && candidate > 0 && from[at - 1] === from[candidate - 1]) at--, candidate--;
    let matched = MIN_MATCH;
    while (at + matched < from.length - LAST_LITERALS && from[at + matched] === from[candidate + matched]) {
      matched++;
    }
    out = writeSequence(from, anchor, at, to, out, at - candidate, matched);
    if (out < 0) return 0;
    at += matched;
    anchor = at;
    misses = 1 << SKIP_BITS;
  }
  out = writeSequence(from, anchor, from.length, to, out, 0, 0);
  return Math.max(out, 0);
}

/**
 * Decompresses a block.
 *
 * @param block the whole block
 * @param to where the bytes go; what lies before `at` may be referred to by the block
 * @param at where they begin
 * @param end where they must end at the latest
 * @param history the first position the block may refer to
 * @returns the end of the bytes, -1 if the block is not valid, -2 if it does not fit before `end`
 */
export function decompressPlainly(
  block: Uint8Array,
  to: Uint8Array,
  at: number,
  end: number,
  history: number,
): number {
  let from = 0;
  while (from < block.length) {
    const token = block[from++];
    let literals = token >> 4;
    if (literals === 15) {
      let more = 255;
      while (more === 255 && from < block.length) literals += more = block[from++];
      if (more === 255) return -1;
    }
    if (from + literals > block.length) return -1;
    if (at + literals > end) return -2;
    to.set(block.subarray(from, from + literals), at);
    from += literals;
    at += literals;
    if (from === block.length) return at;
    if (from + 2 > block.length) return -1;
    const offset = block[from] | (block[from + 1] << 8);
    from += 2;
    if (offset === 0 || at - offset < history) return -1;
    let matched = (token & 15) + MIN_MATCH;
    if (matched === 15 + MIN_MATCH) {
      let more = 255;
      while (more === 255 && from < block.length) matched += more = block[from++];
      if (more === 255) return -1;
    }
    if (at + matched > end) return -2;
    if (offset >= matched) to.copyWithin(at, at - offset, at - offset + matched);
    else for (let i = 0; i < matched; i++) to[at + i] = to[at + i - offset];
    at += matched;
  }
  return -1;
}
