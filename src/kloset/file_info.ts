/** What a snapshot keeps of a file system object beside its content. */

import type { ByteString } from "../lib/byte_string.ts";
import type { MsgpackReader } from "./msgpack_reader.ts";
import { ZERO_TIME } from "./msgpack_reader.ts";
import type { MsgpackWriter } from "./msgpack_writer.ts";

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

const FIELDS = [
  "name",
  "size",
  "mode",
  "mod_time",
  "dev",
  "ino",
  "uid",
  "gid",
  "nlink",
  "username",
  "groupname",
  "flags",
] as const;

/**
 * Writes a file info byte for byte as plakar does.
 *
 * @param writer where to
 * @param info what to write
 */
export function writeFileInfo(writer: MsgpackWriter, info: FileInfo): void {
  writer.mapHeader(FIELDS.length);
  writer.key("name");
  writer.str(info.name);
  writer.key("size");
  writer.int64(info.size);
  writer.key("mode");
  writer.uint32(info.mode);
  writer.key("mod_time");
  writer.time(info.mtime);
  writer.key("dev");
  writer.uint64(info.dev);
  writer.key("ino");
  writer.uint64(info.ino);
  writer.key("uid");
  writer.uint64(info.uid);
  writer.key("gid");
  writer.uint64(info.gid);
  writer.key("nlink");
  writer.uint16(info.nlink);
  writer.key("username");
  writer.str(info.username);
  writer.key("groupname");
  writer.str(info.groupname);
  writer.key("flags");
  writer.uint32(0);
}

/**
 * A file info that says nothing.
 *
 * @returns everything zero, empty, or Go's zero time
 */
export function emptyFileInfo(): FileInfo {
  return {
    name: "" as ByteString,
    size: 0,
    mode: 0,
    mtime: ZERO_TIME,
    dev: 0n,
    ino: 0n,
    uid: 0,
    gid: 0,
    nlink: 0,
    username: "" as ByteString,
    groupname: "" as ByteString,
  };
}

/**
 * Reads a file info. What it lacks is zero, empty, or Go's zero time.
 *
 * @param reader where from
 * @returns the file info
 * @throws {PlakarError} `corrupt` if it is none
 */
export function readFileInfo(reader: MsgpackReader): FileInfo {
  const info = emptyFileInfo();
  reader.readMap(FIELDS, (field) => {
    switch (field) {
      case "name":
        info.name = reader.str();
        break;
      case "size":
        info.size = reader.integer();
        break;
      case "mode":
        info.mode = reader.uint32();
        break;
      case "mod_time":
        info.mtime = reader.time();
        break;
      case "dev":
        info.dev = reader.uint64();
        break;
      case "ino":
        info.ino = reader.uint64();
        break;
      case "uid":
        info.uid = reader.integer();
        break;
      case "gid":
        info.gid = reader.integer();
        break;
      case "nlink":
        info.nlink = reader.uint32() & 0xffff;
        break;
      case "username":
        info.username = reader.str();
        break;
      case "groupname":
        info.groupname = reader.str();
        break;
      default:
        reader.skip();
    }
  });
  return info;
}
