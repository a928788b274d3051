/** Names as plakar's listings show them. */

import { type ByteString, toBytes } from "../../lib/byte_string.ts";

/**
 * A name with every character that cannot be printed shown as `?`, as plakar's listings have it.
 *
 * @param name the name's bytes
 * @returns text that is safe on a terminal
 */
export function printableName(name: ByteString): string {
  // Most names need nothing.
  if (/^[\x20-\x7e]*$/.test(name)) return name;
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(toBytes(name))
    // What Go calls printable: letters, marks, numbers, punctuation, symbols, and the ordinary blank.
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, "?");
}
