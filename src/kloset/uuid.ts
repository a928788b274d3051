/** Identifiers of 16 bytes as text. */

import { toHex } from "../lib/bytes.ts";

/**
 * A UUID as it is written.
 *
 * @param bytes its 16 bytes
 * @returns for example `6c271697-0f31-8af2-5c2d-95bb6973b304`
 */
export function formatUuid(bytes: Uint8Array): string {
  return toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
