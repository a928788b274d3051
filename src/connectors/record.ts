/** What connectors say about a file: the metadata that a snapshot keeps of it. */

import type { FileInfo } from "../kloset/file_info.ts";
import type { ByteString } from "../lib/byte_string.ts";

/** One child of a directory, as an importer found it. */
export interface ChildRecord {
  /** Its metadata. */
  info: FileInfo;
  /** The target of a symbolic link, as read. */
  target?: ByteString;
}

/** One directory with all its children, as an importer found it. */
export interface DirectoryRecord {
  /** The directory's absolute path in the snapshot. */
  path: ByteString;
  /** Its children, in any order, each name once. */
  children: ChildRecord[];
  /** Children, or the directory itself, that could not be examined: path and what the other side said. */
  errors: PathError[];
}

/** A path and why it could not be read. */
export interface PathError {
  /** The absolute path in the snapshot. */
  path: ByteString;
  /** What was tried and what the other side answered. */
  message: string;
}
