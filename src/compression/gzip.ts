/** GZIP, RFC 1952. */

import { gunzipSync, gzipSync } from "node:zlib";
import { messageOf, PlakarError } from "../lib/errors.ts";
import type { Compression } from "./compression.ts";

/** One member of default level written; any number of members read. */
export const gzip: Compression = {
  compress: (data: Uint8Array): Uint8Array => viewOf(gzipSync(data)),

  decompress(data: Uint8Array, maxLength: number): Uint8Array {
    try {
      return viewOf(gunzipSync(data, { maxOutputLength: Math.max(maxLength, 1) }));
    } catch (error) {
      throw new PlakarError("corrupt", `Cannot decompress GZIP: ${messageOf(error)}`, { cause: error });
    }
  },
};

/** Node's arrays share their bytes where others copy: their `slice` is a view. */
function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
