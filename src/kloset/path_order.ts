/** The order of paths in a tree of entries. */

import type { ByteString } from "../lib/byte_string.ts";

const SLASH = 0x2f;

function slashes(path: ByteString): number {
  let count = 0;
  for (let i = 0; i < path.length; i++) if (path.charCodeAt(i) === SLASH) count++;
  return count;
}

/**
 * Compares paths by their number of slashes, then bytewise, so that what is directly in a directory is
 * together.
 *
 * @param a one path
 * @param b another path
 * @returns negative, zero or positive, for sorting
 */
export function comparePaths(a: ByteString, b: ByteString): number {
  return slashes(a) - slashes(b) || compareBytes(a, b);
}

/**
 * Compares byte strings bytewise, which is the order of all other trees.
 *
 * @param a one string
 * @param b another string
 * @returns negative, zero or positive, for sorting
 */
export function compareBytes(a: ByteString, b: ByteString): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
