/** Extensions of OpenSSH that this client uses, and their answers (OpenSSH's PROTOCOL file, section 4). */

import type { PacketReader } from "./packet_reader.ts";

/** Names of the extensions, as servers announce them. */
export const Extension = {
  POSIX_RENAME: "posix-rename@openssh.com",
  FSYNC: "fsync@openssh.com",
  LIMITS: "limits@openssh.com",
  STATVFS: "statvfs@openssh.com",
  LSETSTAT: "lsetstat@openssh.com",
  EXPAND_PATH: "expand-path@openssh.com",
} as const;

/** The state of the file system that holds a path. */
export interface FileSystemStatus {
  /** Bytes that are free for this user. */
  available: bigint;
  /** Bytes that there are. */
  total: bigint;
  /** Identifies the file system on its server. */
  id: bigint;
}

/**
 * Reads the answer of `statvfs@openssh.com`.
 *
 * @param reader a packet, at its fields
 * @returns what this client uses of it
 */
export function decodeFileSystemStatus(reader: PacketReader): FileSystemStatus {
  reader.bigUint64();
  const fragmentSize = reader.bigUint64();
  const fragments = reader.bigUint64();
  reader.bigUint64();
  const availableFragments = reader.bigUint64();
  for (let i = 0; i < 3; i++) reader.bigUint64();
  return {
    available: fragmentSize * availableFragments,
    total: fragmentSize * fragments,
    id: reader.bigUint64(),
  };
}
