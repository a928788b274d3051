/** The verb "check": reads what a restore would read and compares every byte with its MAC. */

import type { Entry } from "../kloset/entry.ts";
import type { FileInfo } from "../kloset/file_info.ts";
import { isRegular } from "../kloset/file_mode.ts";
import { type MacKey, macKey } from "../kloset/mac.ts";
import { ResourceType } from "../kloset/resource.ts";
import type { ByteString } from "../lib/byte_string.ts";
import { toHex } from "../lib/bytes.ts";
import { forEachBounded } from "../lib/concurrency.ts";
import { isPlakarError, messageOf, PlakarError } from "../lib/errors.ts";
import { readContent } from "./content_reader.ts";
import type { Snapshot } from "./snapshot.ts";

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
  /** Objects known to be intact; shared by the checks of one run. */
  verified: Map<MacKey, Promise<void>>;
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
 * Checks a snapshot from a path on.
 *
 * @param options the snapshot and how deep to look
 * @returns how many paths are intact and how many are not
 * @throws {PlakarError} `not-found` if the snapshot does not hold the path
 */
export async function check(options: CheckOptions): Promise<CheckResult> {
  const { snapshot, events, signal } = options;
  const result: CheckResult = { intact: 0, errors: 0 };
  const fail = (path: ByteString, error: unknown) => {
    signal?.throwIfAborted();
    result.errors++;
    events.failed(path, messageOf(error), isPlakarError(error, "corrupt") ? "corrupt" : "unreadable");
  };
  if (!options.fast && !snapshot.repository.configuration.encryption) {
    const { identifier } = snapshot.header;
    await snapshot.repository.verifyPackfileOf(ResourceType.snapshot, identifier).catch((error) => {
      fail(options.path, error);
    });
  }
  let path;
  try {
    path = (await snapshot.lookup(options.path)).path;
  } catch (error) {
    if (isPlakarError(error, "not-found")) throw error;
    fail(options.path, error);
    return result;
  }
  await forEachBounded(snapshot.walk(path), FILES_IN_FLIGHT, async (walked) => {
    signal?.throwIfAborted();
    try {
      if (walked.error) throw walked.error;
      if (!walked.entry) return;
      if (isRegular(walked.entry.info.mode)) await checkFile(options, walked.path, walked.entry);
      result.intact++;
      events.intact(walked.path, walked.entry.info);
    } catch (error) {
      fail(walked.path, error);
    }
  });
  return result;
}

/** The same object is checked once, however many files have it. */
function checkFile(options: CheckOptions, path: ByteString, { object, info }: Entry): Promise<void> {
  if (!object) {
    return Promise.reject(new PlakarError("corrupt", "The entry of a regular file names no content"));
  }
  const key = macKey(object);
  const known = options.verified.get(key);
  if (known) return known.then(() => options.events.checked?.(info.size, path));
  const checked = checkObject(options, path, object);
  options.verified.set(key, checked);
  return checked;
}

async function checkObject(
  { snapshot, fast, events }: CheckOptions,
  path: ByteString,
  mac: Uint8Array,
): Promise<void> {
  const object = await snapshot.object(mac);
  if (fast) {
    for (const { contentMac, length } of object.chunks) {
      if (!snapshot.repository.blobs.has(ResourceType.chunk, contentMac)) {
        throw new PlakarError("corrupt", `Chunk ${toHex(contentMac)} is in no packfile of the repository`);
      }
      events.checked?.(length, path);
    }
    return;
  }
  let length = 0;
  for await (const bytes of readContent(snapshot, object)) {
    length += bytes.length;
    events.checked?.(bytes.length, path);
  }
  const expected = object.chunks.reduce((n, chunk) => n + chunk.length, 0);
  if (length !== expected) {
    throw new PlakarError("corrupt", `The content has ${length} bytes, its object says ${expected}`);
  }
}
