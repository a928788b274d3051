/** What a server says of a file, as a snapshot keeps it. */

import { basename } from "../../lib/byte_path.ts";
import { type ByteString, display } from "../../lib/byte_string.ts";
import { PlakarError } from "../../lib/errors.ts";
import type { FileInfo } from "../../kloset/file_info.ts";
import { isSymlink, posixToGo } from "../../kloset/file_mode.ts";
import { type Attributes, fileType } from "../../sftp/attributes.ts";
import type { SftpClient } from "../../sftp/client.ts";
import type { ChildRecord } from "../record.ts";

const NANOSECONDS = 1_000_000_000n;
const UNKNOWN = "" as ByteString;

/**
 * The metadata that a snapshot keeps. SFTP version 3 has whole seconds, and neither device, inode, number of
 * links nor names of owners; plakar records zeros and empty names, and compares them.
 *
 * @param name the base name
 * @param attributes what the server said
 * @returns the metadata
 */
export function remoteFileInfo(name: ByteString, attributes: Attributes): FileInfo {
  return {
    name,
    size: attributes.size ?? 0,
    mode: posixToGo(attributes.permissions ?? 0),
    mtime: BigInt(attributes.mtime ?? 0) * NANOSECONDS,
    dev: 0n,
    ino: 0n,
    uid: attributes.uid ?? 0,
    gid: attributes.gid ?? 0,
    nlink: 0,
    username: UNKNOWN,
    groupname: UNKNOWN,
  };
}

/**
 * Whether attributes say all that a snapshot keeps. READDIR may leave out what LSTAT says.
 *
 * @param attributes what the server said
 * @returns true if nothing is missing
 */
export function isComplete(attributes: Attributes): boolean {
  const { size, uid, mtime } = attributes;
  return size !== undefined && uid !== undefined && mtime !== undefined && fileType(attributes) !== undefined;
}

/**
 * One child of a directory, with its target if it is a link.
 *
 * @param client where
 * @param path the child
 * @param attributes what the server said of it
 * @returns the record
 */
export async function childRecord(
  client: SftpClient,
  path: ByteString,
  attributes: Attributes,
): Promise<ChildRecord> {
  if (fileType(attributes) === undefined) {
    throw new PlakarError(
      "unsupported",
      `Cannot examine "${display(path)}": the server does not say what it is`,
    );
  }
  const info = remoteFileInfo(basename(path), attributes);
  return isSymlink(info.mode) ? { info, target: await client.readlink(path) } : { info };
}
