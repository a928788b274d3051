/** What a snapshot keeps of a file system object beside its content. */

import type { ByteString } from "../lib/byte_string.ts";

/**
 * Metadata of one file system object. Mode bits are Go's (`src/kloset/file_mode.ts`), as Kloset stores them.
 */
export interface FileInfo {
  /** The base name, `/` for the root. */
  name: ByteString;
  /** Size in bytes. */
  size: number;
  /** Go's FileMode, unsigned. */
  mode: number;
  /** Modification time in nanoseconds since 1970. */
  mtime: bigint;
  /** Device, 0 where it is not known (always over SFTP). */
  dev: bigint;
  /** Inode, 0 where it is not known (always over SFTP). */
  ino: bigint;
  /** Numeric owner. */
  uid: number;
  /** Numeric group. */
  gid: number;
  /** Number of hard links, 0 where it is not known. */
  nlink: number;
  /** The owner's name, empty where it is not known. */
  username: ByteString;
  /** The group's name, empty where it is not known. */
  groupname: ByteString;
}
