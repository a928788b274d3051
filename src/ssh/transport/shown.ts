/** Text from a server, made fit to be shown. */

import { type ByteString, display, fromBytes } from "../../lib/byte_string.ts";

/**
 * What a server or a program said, on one line and without control characters.
 *
 * @param said the bytes, or the text
 * @returns printable text
 */
export function shownLine(said: Uint8Array | string): string {
  const bytes = typeof said === "string" ? new TextEncoder().encode(said) : said;
  return display(fromBytes(bytes).trim().replaceAll(/\s*[\r\n]\s*/g, " ") as ByteString);
}
