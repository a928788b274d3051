/** An entry of a snapshot as one line of a listing. */

import type { OwnerNames } from "../connectors/local/owner_names.ts";
import type { Entry } from "../kloset/entry.ts";
import { isSymlink, modeString } from "../kloset/file_mode.ts";
import { type ByteString, toText } from "../lib/byte_string.ts";
import { printableName } from "./format/printable_name.ts";
import { formatSize } from "./format/size.ts";
import { formatRfc3339 } from "./format/time.ts";
import { jsonPath } from "./json_line.ts";

/**
 * An entry as plakar lists it.
 *
 * @param entry the entry
 * @param name what it is called in the listing
 * @param owners the names of users and groups of this machine
 * @returns one line
 */
export function entryLine(entry: Entry, name: ByteString, owners: OwnerNames): string {
  const { info } = entry;
  const columns = [
    formatRfc3339(info.mtime),
    modeString(info.mode),
    ownerName(owners.user(info.uid), info.uid).padStart(8),
    ownerName(owners.group(info.gid), info.gid).padStart(8),
    formatSize(info.size).padStart(8),
    printableName(name),
  ];
  const target = isSymlink(info.mode) ? ` -> ${printableName(entry.symlinkTarget)}` : "";
  return columns.join(" ") + target;
}

/**
 * An entry as values of a JSON line.
 *
 * @param entry the entry
 * @param path its absolute path
 * @returns its values
 */
export function entryData(
  { info, symlinkTarget, contentType }: Entry,
  path: ByteString,
): Record<string, unknown> {
  return {
    ...jsonPath(path),
    mode: modeString(info.mode),
    uid: info.uid,
    gid: info.gid,
    size: info.size,
    mtime: formatRfc3339(info.mtime, 9),
    content_type: contentType === "" ? undefined : contentType,
    ...(isSymlink(info.mode) ? jsonPath(symlinkTarget, "target") : {}),
  };
}

function ownerName(name: ByteString, id: number): string {
  return name === "" ? String(id) : toText(name) ?? String(id);
}
