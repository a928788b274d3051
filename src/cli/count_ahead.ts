/** Finding out how much a backup has to do while it is being done. */

import { isRegular } from "../kloset/file_mode.ts";
import { scan, type ScanOptions } from "../snapshot/scan.ts";
import type { ProgressReporter } from "./progress.ts";

/**
 * Walks a source a second time, ahead of the backup that has contents to read, and tells the totals.
 *
 * @param walk the source, and what stays out
 * @param progress told the totals
 * @param signal stops the count
 * @returns the count under way; disposing of it stops it
 */
export function countAhead(
  walk: Pick<ScanOptions, "importer" | "exclude" | "prune">,
  progress: Pick<ProgressReporter, "total">,
  signal: AbortSignal,
): AsyncDisposable {
  const stop = new AbortController();
  let [files, bytes] = [0, 0];
  const events: ScanOptions["events"] = {
    found(_, { mode, size }) {
      files++;
      bytes += isRegular(mode) ? size : 0;
      progress.total(files, bytes, false);
    },
    failed: () => {},
  };
  const counted = scan({ ...walk, events, signal: AbortSignal.any([signal, stop.signal]) }).then(
    () => progress.total(files, bytes, true),
    // The backup meets the same failure, and tells it; the display does without a total.
    () => {},
  );
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await counted;
    },
  };
}
