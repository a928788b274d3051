/** The first bytes of a file, by a reader that reads whole files. */

import { concat } from "../../lib/bytes.ts";

/**
 * Begins to read a file and stops when enough of it is there.
 *
 * @param length how many bytes are wanted
 * @param read reads the file into a sink until its signal is aborted
 * @returns the first bytes, fewer if the file is shorter
 */
export async function readStart(
  length: number,
  read: (sink: (piece: Uint8Array) => void, signal: AbortSignal) => Promise<unknown>,
): Promise<Uint8Array> {
  const enough = new AbortController();
  const pieces: Uint8Array[] = [];
  let missing = length;
  try {
    await read((piece) => {
      pieces.push(piece.slice(0, missing));
      missing -= Math.min(missing, piece.length);
      if (missing === 0) enough.abort();
    }, enough.signal);
  } catch (error) {
    if (!enough.signal.aborted) throw error;
  }
  return concat(...pieces);
}
