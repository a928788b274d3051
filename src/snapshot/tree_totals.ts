/** How much there is below a path of a snapshot, from the summaries that were made with it. */

import { isDirectory, isRegular } from "../kloset/file_mode.ts";
import { compareBytes } from "../kloset/path_order.ts";
import { ResourceType } from "../kloset/resource.ts";
import { decodeSummary, totalSize } from "../kloset/summary.ts";
import type { ByteString } from "../lib/byte_string.ts";
import type { Snapshot } from "./snapshot.ts";
import { TreeReader } from "./tree_reader.ts";

/** How much there is. */
export interface TreeTotals {
  /** Everything that has a path, directories included. */
  files: number;
  /** The size of all regular files. */
  bytes: number;
}

/**
 * Adds up what a walk from a path on would meet.
 *
 * @param snapshot the snapshot
 * @param path the absolute path, links followed already
 * @returns the totals, `undefined` where the snapshot does not tell: 1.0.x kept fewer summaries
 */
export async function totalsFrom(snapshot: Snapshot, path: ByteString): Promise<TreeTotals | undefined> {
  const entry = await snapshot.entry(path);
  if (!entry) return undefined;
  const { mode, size } = entry.info;
  if (!isDirectory(mode)) return { files: 1, bytes: isRegular(mode) ? size : 0 };
  const { repository, header } = snapshot;
  const index = header.sources[0].indexes.find(({ name }) => name === "summary");
  if (!index) return undefined;
  const { btreeRoot, btreeNode, vfsSummary } = ResourceType;
  const tree = await TreeReader.open(repository, btreeRoot, btreeNode, index.value, compareBytes);
  const mac = await tree.get(path);
  if (!mac) return undefined;
  const summary = decodeSummary(await repository.readBlob(vfsSummary, mac));
  const { directory, below } = summary;
  return { files: 1 + directory.children + below.children, bytes: totalSize(summary) };
}
