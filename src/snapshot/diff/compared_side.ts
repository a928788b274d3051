/** One side of a comparison: a snapshot, or a directory as it is now. */

import type { FileInfo } from "../../kloset/file_info.ts";
import type { ByteString } from "../../lib/byte_string.ts";
import type { PlakarError } from "../../lib/errors.ts";

/** Something at a path of a side. */
export interface ComparedEntry {
  /** Its absolute path. */
  path: ByteString;
  /** Its metadata, beginning with its name. */
  info: FileInfo;
  /** Where a symbolic link points. */
  target: ByteString;
  /** The id of its content in the repository, of a regular file of a snapshot. */
  object?: Uint8Array;
}

/** A directory of a side. */
export interface ComparedDirectory {
  /** What is in it, in any order. */
  entries: ComparedEntry[];
  /** What of it could not be examined, perhaps the directory itself. */
  errors: { path: ByteString; error: PlakarError }[];
}

/** One side of a comparison. */
export interface ComparedSide {
  /** What comparisons begin with. */
  readonly root: ComparedEntry;
  /** The finest step of its times, in nanoseconds; of a snapshot 1. */
  readonly timePrecision: bigint;
  /** Lists a directory. */
  list(path: ByteString): Promise<ComparedDirectory>;
  /** Lists a directory beforehand: it will be asked for soon. */
  prefetch(path: ByteString): void;
  /** The MAC of a file's content, where it is known without reading it. */
  contentMac(entry: ComparedEntry): Promise<Uint8Array | undefined>;
  /**
   * Reads a file.
   *
   * @param entry the file
   * @param sink takes the pieces, which are valid during the call only
   * @param signal stops reading
   */
  read(entry: ComparedEntry, sink: (piece: Uint8Array) => void, signal?: AbortSignal): Promise<void>;
}
