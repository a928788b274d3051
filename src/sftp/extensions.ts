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

/** How much a server takes and gives at once. */
export interface Limits {
  /** Longest piece a READ is answered with. */
  read: number;
  /** Longest piece a WRITE may carry. */
  write: number;
  /** Handles that may be open at once, `Infinity` where the server does not say. */
  handles: number;
}

/** What holds for servers that do not say: every one must take packets of 34 000 bytes. */
export const DEFAULT_LIMITS: Limits = { read: 32 * 1024, write: 32 * 1024, handles: Infinity };

/** What fits into a packet of 256 KiB beside its other fields. */
const LARGEST_PIECE = 255 * 1024;
const SMALLEST_PIECE = 1024;

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
 * Reads the answer of `limits@openssh.com`. A zero means that the server does not say.
 *
 * @param reader a packet, at its fields
 * @returns the limits, kept to what this client can use
 */
export function decodeLimits(reader: PacketReader): Limits {
  reader.uint64();
  const piece = (value: number, otherwise: number) =>
    value === 0 ? otherwise : Math.max(SMALLEST_PIECE, Math.min(value, LARGEST_PIECE));
  const read = piece(reader.uint64(), DEFAULT_LIMITS.read);
  const write = piece(reader.uint64(), DEFAULT_LIMITS.write);
  return { read, write, handles: reader.uint64() || Infinity };
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
