/** The kinds of things a repository stores, by the numbers that files, packfile indexes and states use. */

import { VERSION_1_0_0, VERSION_1_1_0 } from "./version.ts";

/** The numbers of the resource types. Number 8 is never used. */
export const ResourceType = {
  /** The file `CONFIG`. */
  config: 1,
  /** A file in `locks/`. */
  lock: 2,
  /** A file in `states/`. */
  state: 3,
  /** A file in `packfiles/`. */
  packfile: 4,
  /** Blob: the header of a snapshot, under the snapshot's identifier. */
  snapshot: 5,
  /** Blob: the signature of a snapshot, under the snapshot's identifier. */
  signature: 6,
  /** Blob: the list of the chunks of one content. */
  object: 7,
  /** Blob: bytes of content. */
  chunk: 9,
  /** Blob: the root of a tree of entries. */
  vfsBtree: 10,
  /** Blob: a node of a tree of entries. */
  vfsNode: 11,
  /** Blob: a file, directory or other file system object. */
  vfsEntry: 12,
  /** Blob: the root of a tree of errors. */
  errorBtree: 13,
  /** Blob: a node of a tree of errors. */
  errorNode: 14,
  /** Blob: what went wrong with one path. */
  errorEntry: 15,
  /** Blob: the root of a tree of extended attributes. */
  xattrBtree: 16,
  /** Blob: a node of a tree of extended attributes. */
  xattrNode: 17,
  /** Blob: one extended attribute. */
  xattrEntry: 18,
  /** Blob: the root of an index. */
  btreeRoot: 19,
  /** Blob: a node of an index. */
  btreeNode: 20,
  /** Blob: the totals of one directory. */
  vfsSummary: 21,
  /** Blob: padding. */
  random: 255,
} as const;

/** The number of a resource type that this program knows. */
export type ResourceType = typeof ResourceType[keyof typeof ResourceType];

const NAMES: ReadonlyMap<number, string> = new Map([
  [ResourceType.config, "config"],
  [ResourceType.lock, "lock"],
  [ResourceType.state, "state"],
  [ResourceType.packfile, "packfile"],
  [ResourceType.snapshot, "snapshot"],
  [ResourceType.signature, "signature"],
  [ResourceType.object, "object"],
  [ResourceType.chunk, "chunk"],
  [ResourceType.vfsBtree, "vfs-btree"],
  [ResourceType.vfsNode, "vfs-node"],
  [ResourceType.vfsEntry, "vfs-entry"],
  [ResourceType.errorBtree, "error-btree"],
  [ResourceType.errorNode, "error-node"],
  [ResourceType.errorEntry, "error-entry"],
  [ResourceType.xattrBtree, "xattr-btree"],
  [ResourceType.xattrNode, "xattr-node"],
  [ResourceType.xattrEntry, "xattr-entry"],
  [ResourceType.btreeRoot, "btree-root"],
  [ResourceType.btreeNode, "btree-node"],
  [ResourceType.vfsSummary, "vfs-summary"],
  [ResourceType.random, "random"],
]);

/**
 * The name of a resource type, as plakar's diagnostics spell it.
 *
 * @param type its number
 * @returns its name, or the number where the type is not known
 */
export function resourceName(type: number): string {
  return NAMES.get(type) ?? `type ${type}`;
}

/**
 * The newest version of a resource type that can be read, which is also the one that is written.
 *
 * @param type its number
 * @returns the version as stored
 */
export function currentVersion(type: number): number {
  return type === ResourceType.state ? VERSION_1_1_0 : VERSION_1_0_0;
}
