/** The contract of importers: the connectors that snapshots are made from. */

import type { ByteString } from "../../lib/byte_string.ts";
import type { SshPlan } from "../../ssh/plan.ts";
import type { FileInfo } from "../../kloset/file_info.ts";
import type { ChildRecord, DirectoryRecord } from "../record.ts";

/** What {@linkcode Importer.walk} may be told. */
export interface WalkOptions {
  /** Asked for every child before it is yielded and, for a directory, before it is listed. */
  exclude?: (path: ByteString, isDirectory: boolean) => boolean;
  /** Given every directory that was listed, before anything in it is looked into: what it takes out of `children` stays out. */
  prune?: (record: DirectoryRecord) => void | Promise<void>;
  /** Stops the walk. */
  signal?: AbortSignal;
}

/**
 * A source of snapshots. It lists a tree; contents are read through {@linkcode FileReader}, which every
 * pipeline opens for itself from the importer's {@linkcode Importer.location}.
 *
 * * `root` is absolute and clean, and is a directory or a single file or link that exists.
 * * `walk` yields every directory below the root exactly once, the root first, a parent always before its
 *   children, in no other order; many directories are listed at once. A directory that cannot be listed is
 *   yielded without children and with an error. Symbolic links are never followed, the root excepted.
 * * If the root is not a directory, `walk` yields one record for its parent with the one child.
 * * Errors of single paths are in the records; only a failure of the source as a whole is thrown.
 */
export interface Importer extends AsyncDisposable {
  /** The protocol name that snapshots record: `fs` or `sftp`. */
  readonly type: string;
  /** The host that snapshots record: the host name for `fs`, `host[:port]` for `sftp`. */
  readonly origin: string;
  /** The directory that snapshots record, absolute and clean; of a single file, its parent. */
  readonly root: ByteString;
  /** The name of the one file or link in `root` that the location is, `undefined` if it is a directory. */
  readonly only: ByteString | undefined;
  /** The metadata of `root` and of each directory above it up to `/`, where it can be had; names are base names. */
  ancestors(): Promise<{ path: ByteString; info: FileInfo }[]>;
  /** The finest step of the times it gives, in nanoseconds: a file is unchanged if its mtime is the same in such steps. */
  readonly timePrecision: bigint;
  /** Lists the tree. Throws if nothing at all can be found in `root`, and if the connection is lost. */
  walk(options?: WalkOptions): AsyncIterable<DirectoryRecord>;
  /**
   * Lists one directory of the tree, apart from any walk.
   *
   * @param path the directory, `root` or below it
   * @returns what a walk would yield for it
   */
  list(path: ByteString): Promise<DirectoryRecord>;
  /**
   * Reads the first bytes of a file, for who has to look into it before deciding about it.
   *
   * @param path the path in the snapshot
   * @param child what the walk saw
   * @param length how many bytes
   * @returns the bytes, fewer if the file is shorter
   */
  readStart(path: ByteString, child: ChildRecord, length: number): Promise<Uint8Array>;
  /** Plain data from which a pipeline, perhaps in a worker, opens its own {@linkcode FileReader}. */
  readonly readerSpec: ReaderSpec;
}

/** What a pipeline needs to open its own reader; defined by each importer, plain data. */
export type ReaderSpec = ({ protocol: "fs" } | { protocol: "sftp"; plan: SshPlan }) & {
  /** How many files are read at once, if not as many as are worth it. */
  parallelism?: number;
};

/** Reads contents of files. Every pipeline has its own. */
export interface FileReader extends AsyncDisposable {
  /**
   * Reads one file from start to end. `sink` is called with consecutive pieces, which are only valid during
   * the call; if it returns a promise, no more than a bounded amount is read until that resolves.
   * A file that is not a regular file any more, cannot be opened or breaks off is an error of that file.
   *
   * @param path the path in the snapshot
   * @param child what the walk saw, so that small files need no extra round trip
   * @param sink takes the pieces
   * @returns how many bytes were read, and whether size or mtime differ from what the walk saw
   */
  read(
    path: ByteString,
    child: ChildRecord,
    sink: (piece: Uint8Array) => void | Promise<void>,
    signal?: AbortSignal,
  ): Promise<{ size: number; changed: boolean }>;
  /** How many files are worth reading at once: 1 for a local disk, dozens over a network. */
  readonly parallelism: number;
}
