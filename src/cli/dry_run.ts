/** `plakar backup -dry-run`: says what would be backed up, and writes nothing. */

import { formatCount } from "./format/count.ts";
import { printableName } from "./format/printable_name.ts";
import { formatDuration } from "./format/duration.ts";
import { formatSize } from "./format/size.ts";
import { PlakarError } from "../lib/errors.ts";
import type { Importer } from "../connectors/importer/importer.ts";
import { scan, type ScanResult } from "../snapshot/scan.ts";
import type { WalkExclusions } from "./backup_source.ts";
import type { Invocation } from "./invocation.ts";
import { jsonPath } from "./json_line.ts";
import type { StepLines } from "./step_lines.ts";

/** The identifier that lines carry where no snapshot is made, as in plakar. */
export const NO_SNAPSHOT: Uint8Array = new Uint8Array(32);
/** So many parts of the source are told by their size. */
const LARGEST_PARTS = 10;

/**
 * Walks a source and prints what a backup would do.
 *
 * @param importer the source
 * @param exclusions what stays out
 * @param lines prints paths
 * @param invocation the command's run
 * @throws {PlakarError} `partial` if some paths could not be examined
 */
export async function dryRun(
  importer: Importer,
  { exclude, prune }: WalkExclusions,
  lines: StepLines,
  { output, surroundings, signal }: Pick<Invocation, "output" | "surroundings" | "signal">,
): Promise<void> {
  const began = surroundings.now();
  const result = await scan({
    importer,
    exclude,
    prune,
    signal,
    events: {
      found: (path) => lines.ok(path),
      failed: (path, message) => lines.failed(path, message),
    },
  });
  const { files, directories, bytes, errors } = result;
  const largest = largestParts(result);
  const duration = surroundings.now() - began;
  const outcome = errors === 0 ? "without errors" : `with ${formatCount(errors, "error")}`;
  output.result({
    type: "dry_run",
    data: {
      errors,
      duration_ns: duration,
      files,
      directories,
      bytes,
      largest: largest.map(([path, size]) => ({ ...jsonPath(path), bytes: size })),
    },
    text: `dry run completed ${outcome} in ${formatDuration(duration)}: ` +
      `${formatCount(files, "file")} of ${formatSize(bytes)} in ` +
      formatCount(directories, "directory", "directories"),
  });
  for (const [path, size] of largest) {
    output.note(`${formatSize(size).padStart(8)} ${printableName(path)}`);
  }
  if (errors > 0) throw new PlakarError("partial", "failed to scan some files");
}

function largestParts({ parts }: ScanResult) {
  return [...parts].filter(([, size]) => size > 0).sort(([, a], [, b]) => b - a).slice(0, LARGEST_PARTS);
}
