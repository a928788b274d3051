/** Listing a tree with many directories at once, in bounded memory. */

import { join } from "../../lib/byte_path.ts";
import type { ByteString } from "../../lib/byte_string.ts";
import { PlakarError } from "../../lib/errors.ts";
import { isDirectory } from "../../kloset/file_mode.ts";
import type { DirectoryRecord } from "../record.ts";

/** How a tree is walked. */
export interface WalkTreeOptions {
  /** How many directories are listed at once. */
  parallelism: number;
  /** Takes children out of a directory before they are looked into. */
  prune?: (record: DirectoryRecord) => void | Promise<void>;
  /** Stops the walk. */
  signal?: AbortSignal;
}

/**
 * Walks a tree. Children are looked into after their parent was yielded; beyond that, the deepest directories
 * come first, which keeps the list of those that wait short.
 *
 * @param root where to begin
 * @param list lists one directory; what it throws ends the walk
 * @param options how to walk
 * @yields every directory once
 * @throws {PlakarError} `io` if nothing at all can be found in the root
 */
export async function* walkTree(
  root: ByteString,
  list: (path: ByteString) => Promise<DirectoryRecord>,
  options: WalkTreeOptions,
): AsyncGenerator<DirectoryRecord> {
  const { parallelism, prune, signal } = options;
  const waiting = [root];
  const listed: DirectoryRecord[] = [];
  const running = new Set<Promise<void>>();
  let failure: { error: unknown } | undefined;
  let wake = () => {};
  const begin = () => {
    while (running.size < parallelism && listed.length < parallelism && !failure && !signal?.aborted) {
      const path = waiting.pop();
      if (path === undefined) return;
      const run = list(path).then(async (record) => {
        if (path === root) ensureFound(record);
        await prune?.(record);
        listed.push(record);
        for (const { info } of record.children.toReversed()) {
          if (isDirectory(info.mode)) waiting.push(join(path, info.name));
        }
      }).catch((error) => {
        failure ??= { error };
      }).then(() => {
        running.delete(run);
        begin();
        wake();
      });
      running.add(run);
    }
  };
  const abort = () => wake();
  signal?.addEventListener("abort", abort);
  try {
    while (true) {
      signal?.throwIfAborted();
      if (failure) throw failure.error;
      begin();
      const record = listed.shift();
      if (record) yield record;
      else if (running.size === 0) return;
      else await new Promise<void>((resolve) => wake = resolve);
    }
  } finally {
    signal?.removeEventListener("abort", abort);
    failure ??= { error: undefined };
    await Promise.all(running);
  }
}

/**
 * Makes sure that there is something to walk. An unreadable directory below is an error of the snapshot; were the
 * root one, the snapshot would be empty, and look as if everything had been removed.
 *
 * @param root the root of a tree
 * @throws {PlakarError} `io` if nothing of it could be examined
 */
export function ensureFound({ children, errors: [first] }: DirectoryRecord): void {
  if (children.length > 0 || !first) return;
  throw new PlakarError("io", first.message, {
    hint: "Nothing of the source can be examined: see that it may be read",
  });
}
