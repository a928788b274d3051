/** What differs between the places that trees are restored to. */

import { isClean } from "../../lib/byte_path.ts";
import { type ByteString, display } from "../../lib/byte_string.ts";
import { PlakarError } from "../../lib/errors.ts";
import type { FileInfo } from "../../kloset/file_info.ts";
import type { Degradation } from "./exporter.ts";

/** What lies at a path of a target, links not followed. */
export type TargetEntry = "none" | "directory" | "link" | "other";

/** Called when something of a file's metadata could not be kept. */
export type Lost = (kind: Degradation["kind"], message: string) => void;

/** Sets attributes of one file. Each rejects on its own if the target refuses. */
export interface AttributeSetter {
  /** Sets owner and group. */
  owner(uid: number, gid: number): Promise<void>;
  /** Sets the POSIX permission bits, those above 0777 included. */
  mode(permissions: number): Promise<void>;
  /** Sets the modification time, in nanoseconds. */
  times(mtime: bigint): Promise<void>;
  /**
   * Sets all three with one request, where that is possible. False if they have to be set one by one: then the
   * target tells which of them it refuses.
   */
  all?(uid: number, gid: number, permissions: number, mtime: bigint): Promise<boolean>;
}

/** A file being written. */
export interface TargetFile {
  /** Appends bytes, which may be changed once the promise resolves. */
  write(piece: Uint8Array): Promise<void>;
  /** Sets attributes, flushes to the disk where the target can, and closes; rejects if anything written was lost. */
  finish(info: FileInfo, lost: Lost): Promise<void>;
  /** Closes the file, whatever becomes of it; safe after `finish`. */
  abandon(): void;
}

/** Operations on a target. Paths are those of the target, absolute; nothing here follows a symbolic link. */
export interface Target extends AsyncDisposable {
  /** The absolute path of the directory that is restored into. */
  readonly root: ByteString;
  /** What lies at a path. */
  examine(path: ByteString): Promise<TargetEntry>;
  /** Creates a directory that only its owner can enter. */
  createDirectory(path: ByteString): Promise<void>;
  /** Creates a file that only its owner can open, and that is not there yet. */
  createFile(path: ByteString): Promise<TargetFile>;
  /** Creates a symbolic link that is not there yet. */
  createLink(path: ByteString, target: ByteString): Promise<void>;
  /** Renames over what has the name, directories excepted. */
  rename(from: ByteString, to: ByteString): Promise<void>;
  /** Removes a file or a link. */
  remove(path: ByteString): Promise<void>;
  /** Sets attributes of a symbolic link itself; it has no mode of its own. */
  link(path: ByteString): AttributeSetter;
  /** Sets attributes of a directory, if there are any to set, and makes the names in it durable where the target can. */
  finishDirectory(path: ByteString, info: FileInfo | undefined, lost: Lost): Promise<void>;
}

/**
 * Makes sure that a path leads nowhere but where its names say.
 *
 * @param path a path relative to a target's root
 * @returns the same
 * @throws {PlakarError} `corrupt` if it has empty names, or `.` or `..`
 */
export function checkedPath(path: ByteString): ByteString {
  if (!isClean(path)) {
    throw new PlakarError("corrupt", `Cannot restore "${display(path)}": the path is not clean`);
  }
  return path;
}

/**
 * Where a path is in a target.
 *
 * @param root the target's root
 * @param path a path relative to it, absolute in form
 * @returns the target's own path
 */
export function pathIn(root: ByteString, path: ByteString): ByteString {
  if (path === "/") return root;
  return (root === "/" ? path : root + path) as ByteString;
}
