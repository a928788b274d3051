/** Random bytes of the platform, asked for many at a time: each blob needs two handfuls. */

/** The most the platform gives at once. */
const LARGEST = 65536;
const pool = new Uint8Array(4096);
let used: number = pool.length;

/**
 * Random bytes fit for keys.
 *
 * @param length how many
 * @returns a new array
 */
export function randomBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  if (length > pool.length / 4) {
    for (let at = 0; at < length; at += LARGEST) crypto.getRandomValues(bytes.subarray(at, at + LARGEST));
    return bytes;
  }
  if (used + length > pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  const taken = pool.subarray(used, used + length);
  used += length;
  bytes.set(taken);
  // What was given out is forgotten here.
  taken.fill(0);
  return bytes;
}
