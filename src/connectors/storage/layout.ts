/** Where the files of a repository lie in a store that is a directory (format section 1.1). */

import { PlakarError } from "../../lib/errors.ts";
import type { ResourceKind } from "./storage.ts";

/** The file that makes a directory a store; it is written last. */
export const CONFIG_FILE = "CONFIG";

/** The directory of each kind of files. */
export const DIRECTORIES: Readonly<Record<ResourceKind, string>> = {
  packfile: "packfiles",
  state: "states",
  lock: "locks",
};

/** The directories that spread files over 256 buckets. */
export const BUCKETED: readonly ResourceKind[] = ["packfile", "state"];

/** How temporary names begin. They have no 64 digits, so that no client takes them for files of the store. */
export const TEMPORARY_PREFIX = "tmp.";

const ID = /^[0-9a-f]{64}$/;

/**
 * The buckets of a directory, all of which exist from the start.
 *
 * @returns `00` to `ff`
 */
export function buckets(): string[] {
  return Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, "0"));
}

/**
 * Whether a name is an id; any other name in a store is passed over.
 *
 * @param name a file name
 * @returns true for 64 lower-case hexadecimal digits
 */
export function isId(name: string): boolean {
  return ID.test(name);
}

/**
 * The path of a file, relative to the store.
 *
 * @param kind the kind of file
 * @param id its id
 * @returns for example `packfiles/3f/3fa9…`
 * @throws {PlakarError} if it is no id
 */
export function pathOf(kind: ResourceKind, id: string): string {
  if (!isId(id)) throw new PlakarError("corrupt", `Cannot find ${kind} "${id}": it is not an id`);
  const directory = DIRECTORIES[kind];
  return BUCKETED.includes(kind) ? `${directory}/${id.slice(0, 2)}/${id}` : `${directory}/${id}`;
}

/**
 * Where a file of a kind is written before it has its name: never in `locks`, where other names do harm.
 *
 * @param kind the kind of file
 * @returns a directory relative to the store
 */
export function temporaryDirectoryOf(kind: ResourceKind): string {
  return BUCKETED.includes(kind) ? DIRECTORIES[kind] : ".";
}
