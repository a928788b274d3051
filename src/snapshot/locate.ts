/** Finding files in a snapshot by their names. */

import { basename } from "../lib/byte_path.ts";
import type { ByteString } from "../lib/byte_string.ts";
import { compilePathMatch } from "./path_match.ts";
import type { Snapshot } from "./snapshot.ts";

/** What is looked for: names as they are, and patterns. */
export interface NamePatterns {
  /**
   * Whether a name is one of them or matches one of them.
   *
   * @param name a base name
   * @returns true if it is wanted
   */
  matches(name: ByteString): boolean;
  /** Those that are not well formed as patterns: they find only files of that very name. */
  readonly malformed: readonly ByteString[];
}

/**
 * What a person looks for.
 *
 * @param given names and patterns
 * @returns how to find them
 */
export function namePatterns(given: readonly ByteString[]): NamePatterns {
  const names = new Set(given);
  const compiled = given.map((pattern) => ({ pattern, matches: compilePathMatch(pattern) }));
  const patterns = compiled.flatMap(({ matches }) => matches ?? []);
  return {
    matches: (name) => names.has(name) || patterns.some((matches) => matches(name)),
    malformed: compiled.flatMap(({ pattern, matches }) => matches ? [] : pattern),
  };
}

/**
 * Finds files in a snapshot. Each is found once, however many patterns match it.
 *
 * @param snapshot where to look
 * @param patterns what to look for
 * @param signal stops looking
 * @yields absolute paths, in the order of the snapshot's tree: those with fewer slashes first
 */
export async function* locate(
  snapshot: Snapshot,
  patterns: NamePatterns,
  signal?: AbortSignal,
): AsyncGenerator<ByteString> {
  for await (const path of snapshot.paths()) {
    signal?.throwIfAborted();
    if (patterns.matches(basename(path))) yield path;
  }
}
