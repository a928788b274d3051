/** The contract of storages: where a Kloset repository's files live. */

/** The kinds of files a repository consists of, beside its CONFIG. */
export type ResourceKind = "packfile" | "state" | "lock";

/** Where a stored blob is cut out of a file. */
export interface ByteRange {
  /** First byte, from the start of the file. */
  offset: number;
  /** Number of bytes. */
  length: number;
}

/** A file being written to a storage under a temporary name. */
export interface StorageWriter {
  /** Appends bytes; they may be reused by the caller once the promise resolves. */
  write(bytes: Uint8Array): Promise<void>;
  /** Makes everything durable and lets the file appear under its name, whole or not at all. */
  commit(): Promise<void>;
  /** Removes what was written. Safe after a failed `commit`. */
  abort(): Promise<void>;
}

/**
 * A store of immutable files named by 32-byte ids (hexadecimal, lower case, 64 digits).
 *
 * * A file appears whole or not at all, and is durable when `put` or `commit` returns.
 * * `list` returns every id there is or throws: a partial list would look like lost data.
 * * `get` throws `not-found` if the file is missing, and `unreadable` if the range is not all there. What it
 *   returns is the caller's own; it may be the array that was given for it.
 * * `put` of an existing id replaces it atomically (locks are refreshed so).
 * * `delete` of a missing file is no error.
 * * Nothing is retried here; wrappers do that. All methods may be called concurrently.
 */
export interface Storage extends AsyncDisposable {
  /** The location as a person would name it. */
  readonly location: string;
  /** Creates an empty store and writes its CONFIG last. Fails, touching nothing, if something is there. */
  create(config: Uint8Array): Promise<void>;
  /** Reads CONFIG. Throws `no-store` if there is none, and `corrupt` if it is longer than any can be. */
  readConfig(): Promise<Uint8Array>;
  /** All ids of a kind. */
  list(kind: ResourceKind): Promise<string[]>;
  /** A file, or a range of it, for which an array of its length may be given. */
  get(kind: ResourceKind, id: string, range?: ByteRange, into?: Uint8Array): Promise<Uint8Array>;
  /** Writes a small file at once. */
  put(kind: ResourceKind, id: string, bytes: Uint8Array): Promise<void>;
  /** Begins a file whose id is known only at its end: pass it to `commit` through `name`. */
  begin(kind: ResourceKind, name: () => string): Promise<StorageWriter>;
  /** Removes a file. */
  delete(kind: ResourceKind, id: string): Promise<void>;
  /** Bytes used, or `undefined` where that cannot be known. */
  size(): Promise<number | undefined>;
}
