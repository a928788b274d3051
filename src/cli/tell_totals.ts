/** How much a restore or a check has to do. */

import type { ByteString } from "../lib/byte_string.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { totalsFrom } from "../snapshot/tree_totals.ts";
import type { ProgressReporter } from "./progress.ts";

/**
 * Tells the totals below a path of a snapshot, if the snapshot knows them.
 *
 * @param snapshot the snapshot
 * @param path the absolute path that is worked on
 * @param progress told the totals
 */
export async function tellTotals(
  snapshot: Snapshot,
  path: ByteString,
  progress: Pick<ProgressReporter, "total">,
): Promise<void> {
  try {
    const { path: at } = await snapshot.lookup(path);
    const totals = await totalsFrom(snapshot, at);
    if (totals) progress.total(totals.files, totals.bytes, true);
  } catch {
    // What cannot be read is met again, and told, by the work itself.
  }
}
