/** File attributes (draft-ietf-secsh-filexfer-02, section 5). */

import type { PacketReader } from "./packet_reader.ts";
import type { PacketWriter } from "./packet_writer.ts";

/** What a server says about a file; a server may leave out any of it. */
export interface Attributes {
  /** Size in bytes; what is above 2^53 - 1 is given as 2^53 - 1. */
  size?: number;
  /** Numeric owner, always together with `gid`. */
  uid?: number;
  /** Numeric group. */
  gid?: number;
  /** POSIX mode with the bits of the type. */
  permissions?: number;
  /** Access time in seconds, unsigned 32 bits, always together with `mtime`. */
  atime?: number;
  /** Modification time in seconds, unsigned 32 bits. */
  mtime?: number;
}

const SIZE = 0x1;
const OWNER = 0x2;
const PERMISSIONS = 0x4;
const TIMES = 0x8;
const EXTENDED = 0x80000000;

/** The type bits of a POSIX mode. */
export const FileType = {
  MASK: 0o170000,
  REGULAR: 0o100000,
  DIRECTORY: 0o040000,
  SYMLINK: 0o120000,
} as const;

/**
 * Reads attributes.
 *
 * @param reader a packet, at its attributes
 * @returns what they hold
 */
export function decodeAttributes(reader: PacketReader): Attributes {
  const flags = reader.uint32();
  const attributes: Attributes = {};
  if (flags & SIZE) attributes.size = reader.uint64();
  if (flags & OWNER) {
    attributes.uid = reader.uint32();
    attributes.gid = reader.uint32();
  }
  if (flags & PERMISSIONS) attributes.permissions = reader.uint32();
  if (flags & TIMES) {
    attributes.atime = reader.uint32();
    attributes.mtime = reader.uint32();
  }
  if (flags & EXTENDED) {
    for (let count = reader.uint32(); count > 0; count--) {
      reader.skipString();
      reader.skipString();
    }
  }
  return attributes;
}

/**
 * Writes attributes. Owner and times are written where both of their halves are given.
 *
 * @param writer a packet being written
 * @param attributes what to write
 */
export function encodeAttributes(writer: PacketWriter, attributes: Attributes): void {
  const { size, uid, gid, permissions, atime, mtime } = attributes;
  const owner = uid !== undefined && gid !== undefined;
  const times = atime !== undefined && mtime !== undefined;
  writer.uint32(
    (size === undefined ? 0 : SIZE) | (owner ? OWNER : 0) |
      (permissions === undefined ? 0 : PERMISSIONS) | (times ? TIMES : 0),
  );
  if (size !== undefined) writer.uint64(size);
  if (owner) {
    writer.uint32(uid);
    writer.uint32(gid);
  }
  if (permissions !== undefined) writer.uint32(permissions);
  if (times) {
    writer.uint32(atime);
    writer.uint32(mtime);
  }
}

/**
 * The type bits of attributes.
 *
 * @param attributes what a server said
 * @returns one of `FileType`, another type's bits, or `undefined` where the server did not say
 */
export function fileType(attributes: Attributes): number | undefined {
  const type = (attributes.permissions ?? 0) & FileType.MASK;
  return type === 0 ? undefined : type;
}
