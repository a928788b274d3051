/** The contract of what is kept on this machine so that it need not be fetched and decoded again. */

/**
 * Files that may vanish at any time, and that nobody may rely on: whoever reads one verifies it, and whoever
 * misses one does the work again.
 *
 * * A file appears whole or not at all.
 * * All methods throw if the place cannot be read or written, and may be called concurrently, also by other
 *   processes.
 */
export interface CacheFiles {
  /** The names of all files of a kind, in no order. */
  names(kind: string): Promise<string[]>;
  /** A file. */
  read(kind: string, name: string): Promise<Uint8Array>;
  /** Writes a file under a new name, which it returns; others may be removed to make room. */
  write(kind: string, bytes: Uint8Array): Promise<string>;
  /** Removes a file, if it is there. */
  remove(kind: string, name: string): Promise<void>;
}
