/** MACs: the 32-byte names of everything in a repository, and what computes them. */

import type { ByteString } from "../lib/byte_string.ts";
import { fromBytes } from "../lib/byte_string.ts";

/** Bytes in a MAC. */
export const MAC_SIZE = 32;

/** Computes the 32-byte MAC of some bytes under a key that the function carries. */
export type MacFunction = (data: Uint8Array) => Uint8Array;

/** A MAC as a key of maps and sets: 32 code units, one a byte. */
export type MacKey = ByteString;

/**
 * The MAC as a key of maps and sets.
 *
 * @param mac 32 bytes
 * @returns the same bytes as a string
 */
export function macKey(mac: Uint8Array): MacKey {
  return fromBytes(mac);
}
