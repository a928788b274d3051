/** What two trees differ in: two snapshots, or a snapshot and what is there now. */

import type { Mac } from "../../crypto/mac.ts";
import { goToPosix, isDirectory, isRegular, isSymlink } from "../../kloset/file_mode.ts";
import { compareBytes } from "../../kloset/path_order.ts";
import { join } from "../../lib/byte_path.ts";
import type { ByteString } from "../../lib/byte_string.ts";
import { mapAhead } from "../../lib/concurrency.ts";
import { PlakarError } from "../../lib/errors.ts";
import { compareFiles, type FileVerdict } from "./compare_files.ts";
import type { ComparedDirectory, ComparedEntry, ComparedSide } from "./compared_side.ts";

/** A pair of paths, one of each side. */
export type PathPair = readonly [ByteString, ByteString];

/** Something that a comparison found. */
export type Difference =
  /** Only one side has it. */
  | { kind: "only"; side: 0 | 1; directory: ByteString; name: ByteString }
  /** Both have a directory there. */
  | { kind: "directories"; paths: PathPair }
  /** They are not of the same kind. */
  | { kind: "types"; paths: PathPair; areDirectories: readonly [boolean, boolean] }
  /** Both are links, to different targets. */
  | { kind: "links"; paths: PathPair }
  /** Contents differ that are not text. */
  | { kind: "binary"; paths: PathPair }
  /** Contents differ; how was not asked for, or they are too long to be compared by lines. */
  | { kind: "files"; paths: PathPair }
  /** Texts differ. */
  | { kind: "text"; paths: PathPair; texts: readonly [Uint8Array, Uint8Array] }
  /** Something of one side could not be examined or read. */
  | { kind: "failed"; side: 0 | 1 | undefined; path: ByteString; error: PlakarError };

/** How trees are compared. */
export interface DiffOptions {
  /** The MAC by which the repository names contents. */
  mac: Mac;
  /** Whether directories below are compared as well, and texts by lines. */
  recursive: boolean;
  /** Whether a file in a directory whose size and time are the same on both sides is taken for the same. */
  trustsTimes: boolean;
  /** Stops the work. */
  signal?: AbortSignal;
}

/** What is compared. */
export type Sides = readonly [ComparedSide, ComparedSide];

/** So many files are compared ahead of the one that is reported. */
const FILES_AHEAD = 4;
/** So many directories are listed ahead of the one that is compared. */
const DIRECTORIES_AHEAD = 8;

/**
 * Compares two files or two directories.
 *
 * @param sides what is compared
 * @param options how
 * @yields what differs, by name, and the directories that both have
 * @throws {PlakarError} `unsupported` if one is a directory and the other a file, or the like
 */
export async function* diff(sides: Sides, options: DiffOptions): AsyncGenerator<Difference> {
  const roots = [sides[0].root, sides[1].root] as const;
  if (kindOf(roots[0]) !== kindOf(roots[1])) {
    throw new PlakarError("unsupported", "can't diff different file types", {
      hint: "compare a file with a file, or a directory with a directory",
    });
  }
  if (isDirectory(roots[0].info.mode)) {
    yield* diffDirectories(sides, [roots[0].path, roots[1].path], options);
    return;
  }
  // Who names a file wants to know about its content.
  const comparison = await compareEntries(sides, roots, { ...options, texts: true, trustsTimes: false });
  yield* differenceOf(roots, comparison);
}

async function* diffDirectories(
  sides: Sides,
  paths: PathPair,
  options: DiffOptions,
): AsyncGenerator<Difference> {
  const { recursive, signal } = options;
  const listings = await Promise.all([sides[0].list(paths[0]), sides[1].list(paths[1])]);
  const unknown = new Set<ByteString>();
  for (const side of [0, 1] as const) {
    for (const { path, error } of listings[side].errors) {
      yield { kind: "failed", side, path, error };
      unknown.add(path);
    }
  }
  // Of a directory that could not be listed, nothing can be said to be missing.
  if (unknown.has(paths[0]) || unknown.has(paths[1])) return;
  const names = namesOf(listings).filter(({ name }) =>
    !unknown.has(join(paths[0], name)) && !unknown.has(join(paths[1], name))
  );
  const upcoming = recursive ? names.filter((pair) => areBothDirectories(pair)) : [];
  const prefetchNext = () => {
    for (const pair of upcoming.splice(0, 1)) {
      for (const side of [0, 1] as const) sides[side].prefetch(join(paths[side], pair.name));
    }
  };
  for (let i = 0; i < DIRECTORIES_AHEAD; i++) prefetchNext();
  const compared = mapAhead(names, FILES_AHEAD, async ({ entries: [a, b] }) => {
    if (!a || !b || kindOf(a) !== kindOf(b) || isDirectory(a.info.mode)) return undefined;
    return await compareEntries(sides, [a, b], { ...options, texts: recursive });
  });
  for await (const [pair, comparison] of compared) {
    signal?.throwIfAborted();
    const { name, entries: [a, b] } = pair;
    if (!b) yield { kind: "only", side: 0, directory: paths[0], name };
    else if (!a) yield { kind: "only", side: 1, directory: paths[1], name };
    else if (comparison) yield* differenceOf([a, b], comparison);
    else if (areBothDirectories(pair)) {
      yield { kind: "directories", paths: [a.path, b.path] };
      if (!recursive) continue;
      prefetchNext();
      yield* diffDirectories(sides, [a.path, b.path], options);
    } else {
      const areDirectories = [isDirectory(a.info.mode), isDirectory(b.info.mode)] as const;
      yield { kind: "types", paths: [a.path, b.path], areDirectories };
    }
  }
}

/** A name and what it is on each side. */
interface NamePair {
  name: ByteString;
  entries: [ComparedEntry | undefined, ComparedEntry | undefined];
}

function namesOf(listings: readonly [ComparedDirectory, ComparedDirectory]): NamePair[] {
  const pairs = new Map<ByteString, NamePair>();
  for (const side of [0, 1] as const) {
    for (const entry of listings[side].entries) {
      const { name } = entry.info;
      const pair: NamePair = pairs.get(name) ?? { name, entries: [undefined, undefined] };
      pair.entries[side] = entry;
      pairs.set(name, pair);
    }
  }
  return [...pairs.values()].sort((one, other) => compareBytes(one.name, other.name));
}

function areBothDirectories({ entries }: NamePair): boolean {
  return entries.every((entry) => entry !== undefined && isDirectory(entry.info.mode));
}

/** What two entries of the same kind are to each other. */
type Comparison = FileVerdict | { kind: "links" } | { kind: "failed"; error: PlakarError };

async function compareEntries(
  sides: Sides,
  [a, b]: readonly [ComparedEntry, ComparedEntry],
  { mac, texts, trustsTimes, signal }: DiffOptions & { texts: boolean },
): Promise<Comparison> {
  if (isSymlink(a.info.mode)) return { kind: a.target === b.target ? "same" : "links" };
  // Pipes, sockets and devices have no content to compare.
  if (!isRegular(a.info.mode)) return { kind: "same" };
  const files = [{ side: sides[0], entry: a }, { side: sides[1], entry: b }] as const;
  try {
    return await compareFiles(files, { mac, texts, trustsTimes, signal });
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof PlakarError) return { kind: "failed", error };
    throw error;
  }
}

function* differenceOf(
  [a, b]: readonly [ComparedEntry, ComparedEntry],
  comparison: Comparison,
): Generator<Difference> {
  const paths = [a.path, b.path] as const;
  switch (comparison.kind) {
    case "text":
      yield { kind: "text", paths, texts: comparison.texts };
      break;
    case "binary":
    case "links":
      yield { kind: comparison.kind, paths };
      break;
    case "large":
      yield { kind: "files", paths };
      break;
    case "failed":
      yield { kind: "failed", side: undefined, path: a.path, error: comparison.error };
  }
}

/** The bits of a mode that say what an entry is: a directory, a file, a link. */
function kindOf({ info }: ComparedEntry): number {
  return goToPosix(info.mode) & 0o170000;
}
