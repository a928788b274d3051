/** How much is done at once, from the options that say so. */

import type { Invocation } from "./invocation.ts";

/** How a backup spreads its files. */
export interface BackupParallelism {
  /** Workers, each with a connection of its own. */
  readonly pipelines: number;
  /** Files that each of them reads at once, `undefined` for as many as are worth it. */
  readonly filesEach: number | undefined;
}

/**
 * What the options mean for a backup.
 *
 * @param global the program's own options
 * @param cores how many processor cores there are
 * @returns how files are spread
 */
export function backupParallelism(
  { connections, concurrency, cpu }: Pick<Invocation["global"], "connections" | "concurrency" | "cpu">,
  cores: number,
): BackupParallelism {
  const wanted = connections ?? cpu ?? Math.max(2, cores);
  if (concurrency === undefined) return { pipelines: wanted, filesEach: undefined };
  const pipelines = Math.min(wanted, concurrency);
  return { pipelines, filesEach: Math.floor(concurrency / pipelines) };
}
