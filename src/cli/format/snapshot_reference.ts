/** How snapshots and paths in them are named on the command line: `ID[:PATH]`. */

import { type ByteString, fromText } from "../../lib/byte_string.ts";
import { PlakarError } from "../../lib/errors.ts";

/** A snapshot, or a path in one. */
export interface SnapshotReference {
  /** The first hexadecimal digits of the id, lower case; empty for whichever snapshot is chosen otherwise. */
  prefix: string;
  /** The path as typed: one that does not begin with a slash counts from the snapshot's root. */
  path?: ByteString;
}

/**
 * Takes a reference apart. One that begins with a slash is a path alone.
 *
 * @param text what was typed
 * @returns the id's digits and the path
 * @throws {PlakarError} `not-found` if what stands for the id cannot be one
 */
export function parseSnapshotReference(text: string): SnapshotReference {
  if (text.startsWith("/")) return { prefix: "", path: fromText(text) };
  const colon = text.indexOf(":");
  const prefix = (colon < 0 ? text : text.slice(0, colon)).toLowerCase();
  if (!isIdPrefix(prefix) && !(prefix === "" && colon === 0)) {
    throw new PlakarError("not-found", `no snapshot has prefix: ${prefix}`, {
      hint: 'ids are hexadecimal digits: see "plakar ls"',
    });
  }
  if (colon < 0) return { prefix };
  const path = text.slice(colon + 1);
  return path === "" ? { prefix } : { prefix, path: fromText(path) };
}

/**
 * Whether a text can be the beginning of a snapshot's id.
 *
 * @param text any text
 * @returns true if it is 1 to 64 hexadecimal digits
 */
export function isIdPrefix(text: string): boolean {
  return /^[0-9a-fA-F]{1,64}$/.test(text);
}
