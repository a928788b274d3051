/**
 * The verb "check": reads what a restore would read and compares every byte with its MAC. A check of the whole
 * snapshot reads all that its header leads to.
 */

import type { Entry } from "../kloset/entry.ts";
import type { FileInfo } from "../kloset/file_info.ts";
import { isRegular } from "../kloset/file_mode.ts";
import { ResourceType } from "../kloset/resource.ts";
import { isWithin } from "../lib/byte_path.ts";
import type { ByteString } from "../lib/byte_string.ts";
import { forEachBounded } from "../lib/concurrency.ts";
import { isPlakarError, messageOf, PlakarError } from "../lib/errors.ts";
import { checkContent } from "./check_content.ts";
import { checkIndexes } from "./check_indexes.ts";
import type { Snapshot } from "./snapshot.ts";
import type { VerifiedBlobs } from "./verified_blobs.ts";

/** Told what a check finds, as it finds it. */
export interface CheckEvents {
  /** A path is intact. */
  intact(path: ByteString, info: FileInfo): void;
  /** More bytes of a file were looked at, or are known to be intact. */
  checked?(bytes: number, path: ByteString): void;
  /** A path is not: what is stored is wrong (`corrupt`), or could not be read (`unreadable`). */
  failed(path: ByteString, message: string, code: "corrupt" | "unreadable"): void;
}

/** What {@linkcode check} works with. */
export interface CheckOptions {
  /** The snapshot. */
  snapshot: Snapshot;
  /** The absolute path to begin at. */
  path: ByteString;
  /** Only whether every blob is there, not whether it is intact. */
  fast: boolean;
  /** Told what is found. */
  events: CheckEvents;
  /** What was looked at already; shared by the checks of one run. */
  verified: VerifiedBlobs;
  /** Stops the check. */
  signal?: AbortSignal;
}

/** What a check found. */
export interface CheckResult {
  /** Paths that are intact. */
  intact: number;
  /** Paths that are not. */
  errors: number;
}

const FILES_IN_FLIGHT = 8;

/**
 * Checks a snapshot from a path on; all of it, with its indexes, if that is the directory it was made from or
 * above.
 *
 * @param options the snapshot and how deep to look
 * @returns how many paths are intact and how many are not
 * @throws {PlakarError} `not-found` if the snapshot does not hold the path
 */
export async function check(options: CheckOptions): Promise<CheckResult> {
  const { snapshot, events, signal } = options;
  const result: CheckResult = { intact: 0, errors: 0 };
  const told = new Set<string>();
  const fail = (path: ByteString, error: unknown) => {
    signal?.throwIfAborted();
    result.errors++;
    told.add(messageOf(error));
    events.failed(path, messageOf(error), isPlakarError(error, "corrupt") ? "corrupt" : "unreadable");
  };
  if (!options.fast && !snapshot.repository.configuration.encryption) {
    const { identifier } = snapshot.header;
    await snapshot.repository.verifyPackfileOf(ResourceType.snapshot, identifier).catch((error) => {
      fail(options.path, error);
    });
  }
  const intact = (path: ByteString, info: FileInfo) => {
    result.intact++;
    events.intact(path, info);
  };
  const isWhole = isWithin(snapshot.directory, options.path);
  try {
    await checkFiles(options, intact, fail);
  } catch (error) {
    if (!isWhole || !isPlakarError(error, "not-found")) throw error;
    fail(options.path, new PlakarError("corrupt", error.message, { cause: error }));
  }
  if (isWhole) {
    // What a restore would have met, too, was told of under the path that it is missed at.
    const failed = (path: ByteString, error: unknown) => told.has(messageOf(error)) || fail(path, error);
    const { fast, verified } = options;
    await checkIndexes({ snapshot, fast, verified, failed, signal });
  }
  return result;
}

/** Checks what a restore would read. */
async function checkFiles(
  options: CheckOptions,
  intact: CheckEvents["intact"],
  fail: (path: ByteString, error: unknown) => void,
): Promise<void> {
  const { snapshot, signal } = options;
  let path;
  try {
    path = (await snapshot.lookup(options.path)).path;
  } catch (error) {
    if (isPlakarError(error, "not-found")) throw error;
    return fail(options.path, error);
  }
  await forEachBounded(snapshot.walk(path), FILES_IN_FLIGHT, async (walked) => {
    signal?.throwIfAborted();
    try {
      if (walked.error) throw walked.error;
      if (!walked.entry) return;
      if (isRegular(walked.entry.info.mode)) await checkFile(options, walked.path, walked.entry);
      intact(walked.path, walked.entry.info);
    } catch (error) {
      fail(walked.path, error);
    }
  });
}

/** The same content is checked once, however many files have it. */
async function checkFile(options: CheckOptions, path: ByteString, { object, info }: Entry): Promise<void> {
  if (!object) throw new PlakarError("corrupt", "The entry of a regular file names no content");
  const { snapshot, fast, events, verified, signal } = options;
  const checked = (bytes: number) => events.checked?.(bytes, path);
  if (await verified.content(object, () => checkContent({ snapshot, fast, checked, signal }, object))) {
    checked(info.size);
  }
}
