/** Compression of everything a repository stores, by the name in its configuration. */

import { PlakarError } from "../lib/errors.ts";
import { gzip } from "./gzip.ts";
import { lz4 } from "./lz4_frame.ts";

/** A way to compress. */
export interface Compression {
  /**
   * Compresses.
   *
   * @param data any number of bytes
   * @returns the compressed form, perhaps in memory that the next call of anything on this thread takes back; the
   * given array itself where nothing is compressed
   */
  compress(data: Uint8Array): Uint8Array;
  /**
   * Decompresses.
   *
   * @param data a whole compressed form
   * @param maxLength the most bytes the caller expects
   * @returns the bytes; the given array itself where nothing is compressed
   * @throws {PlakarError} "corrupt" if it is damaged or holds more bytes than expected
   */
  decompress(data: Uint8Array, maxLength: number): Uint8Array;
}

const identity: Compression = {
  compress: (data: Uint8Array): Uint8Array => data,
  decompress(data: Uint8Array, maxLength: number): Uint8Array {
    if (data.length <= maxLength) return data;
    throw new PlakarError("corrupt", `Cannot take ${data.length} bytes: at most ${maxLength} are expected`);
  },
};

/**
 * The compression of a repository.
 *
 * @param name "LZ4" or "GZIP", or undefined for none
 * @returns how it compresses
 * @throws {PlakarError} "unsupported" if the name is not known
 */
export function createCompression(name: string | undefined): Compression {
  switch (name) {
    case undefined:
      return identity;
    case "LZ4":
      return lz4;
    case "GZIP":
      return gzip;
    default:
      throw new PlakarError("unsupported", `Cannot compress with "${name}": only LZ4 and GZIP are known`);
  }
}
