/** Content-defined chunking, by the name in the configuration of a repository. */

import { PlakarError } from "../lib/errors.ts";
import { FastCdc, LEGACY_MASKS, masksFor } from "./fastcdc.ts";
import { UltraCdc } from "./ultracdc.ts";

/** Finds where chunks end; where they do depends on the bytes from the chunk's start only. */
export interface Chunker {
  /** Bytes below which no chunk is cut. */
  readonly minSize: number;
  /** Bytes that chunks have on average. */
  readonly normalSize: number;
  /** Bytes at which a chunk is cut at the latest. */
  readonly maxSize: number;
  /**
   * Finds the end of the chunk that begins at `start`.
   *
   * @param data an array that holds the bytes
   * @param start where the chunk begins
   * @param end where the bytes at hand end: at least maxSize bytes on, unless the input ends there
   * @returns the length of the chunk, 0 only if there are no bytes
   */
  cut(data: Uint8Array, start: number, end: number): number;
}

/** Chunking in the configuration of a repository. */
export interface ChunkingParams {
  /** The name of the algorithm in any case. */
  readonly algorithm: string;
  /** Least bytes of a chunk that is not the last, 0 for the default. */
  readonly minSize: number;
  /** Average bytes of a chunk, 0 for the default. */
  readonly normalSize: number;
  /** Most bytes of a chunk, 0 for the default. */
  readonly maxSize: number;
}

/** The most bytes a chunk may have here: a chunk is held in memory, several times over. */
const LARGEST = 256 * 1024 * 1024;

/**
 * The chunker of a repository.
 *
 * @param params its configuration
 * @returns a chunker
 * @throws {PlakarError} "unsupported" if the algorithm is not known or the sizes cannot work
 */
export function createChunker(params: ChunkingParams): Chunker {
  const minSize = params.minSize || 2048;
  const normalSize = params.normalSize || 8192;
  const maxSize = params.maxSize || 65536;
  const sizes = [minSize, normalSize, maxSize];
  const ordered = minSize < normalSize && normalSize < maxSize;
  if (!sizes.every(Number.isSafeInteger) || !ordered || minSize < 64 || maxSize > LARGEST) {
    throw new PlakarError("unsupported", `Cannot cut chunks of sizes "${sizes.join(", ")}"`, {
      hint: "The least, normal and most bytes of a chunk must be in this order, from 64 to 256 MiB",
    });
  }
  switch (params.algorithm.toLowerCase()) {
    case "fastcdc-v1.0.0":
      return new FastCdc(minSize, normalSize, maxSize, masksFor(minSize, normalSize, maxSize));
    case "fastcdc":
    case "kfastcdc":
      return new FastCdc(minSize, normalSize, maxSize, LEGACY_MASKS);
    case "ultracdc":
      return new UltraCdc(minSize, normalSize, maxSize);
    default:
      throw new PlakarError(
        "unsupported",
        `Cannot cut with "${params.algorithm}": the algorithm is not known`,
        {
          hint: "A newer version may know it; snapshots can still be restored",
        },
      );
  }
}
