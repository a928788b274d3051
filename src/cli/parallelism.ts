/** How much is done at once, from the options that say so. */

import type { Invocation } from "./invocation.ts";

/** How files are spread. */
export interface Parallelism {
  /** Threads that read or write files, each with a connection of its own. */
  readonly threads: number;
  /** Files that each of them works on at once, `undefined` for as many as are worth it. */
  readonly filesEach: number | undefined;
}

/**
 * What the options mean for a backup or a restore.
 *
 * @param global the program's own options
 * @param cores how many processor cores there are
 * @returns how files are spread
 */
export function parallelismOf(
  { connections, concurrency, cpu }: Pick<Invocation["global"], "connections" | "concurrency" | "cpu">,
  cores: number,
): Parallelism {
  const wanted = connections ?? cpu ?? Math.max(2, cores);
  if (concurrency === undefined) return { threads: wanted, filesEach: undefined };
  const threads = Math.min(wanted, concurrency);
  return { threads, filesEach: Math.floor(concurrency / threads) };
}
