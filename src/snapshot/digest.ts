/** Digests of the files of a snapshot, such as other programs compute them of files. */

import { createHash, type HashName } from "../crypto/mac.ts";
import type { Entry } from "../kloset/entry.ts";
import { isRegular, isSymlink } from "../kloset/file_mode.ts";
import { rebase } from "../lib/byte_path.ts";
import type { ByteString } from "../lib/byte_string.ts";
import { isPlakarError, messageOf, PlakarError } from "../lib/errors.ts";
import type { Snapshot } from "./snapshot.ts";

/** The digest of one file, or why there is none. */
export interface FileDigest {
  /** The file's absolute path. */
  path: ByteString;
  /** The digest of its content. */
  digest?: Uint8Array;
  /** Why the file, or the directory at this path, could not be read. */
  error?: PlakarError;
}

/**
 * Computes digests of a file, or of every regular file below a directory. Links to files count as files,
 * directories are not looked for behind links.
 *
 * @param snapshot where they are
 * @param path the file or directory; links to it are followed
 * @param hashing which digest
 * @param signal stops the work
 * @yields the files in the order of a walk
 * @throws {PlakarError} `not-found` if there is nothing at the path
 */
export async function* digests(
  snapshot: Snapshot,
  path: ByteString,
  hashing: HashName,
  signal?: AbortSignal,
): AsyncGenerator<FileDigest> {
  const start = await snapshot.lookup(path);
  for await (const walked of snapshot.walk(start.path)) {
    signal?.throwIfAborted();
    const shown = rebase(walked.path, start.path, path);
    if (walked.error) yield { path: shown, error: walked.error };
    if (!walked.entry) continue;
    try {
      const file = await fileOf(snapshot, walked.path, walked.entry);
      if (file?.object) yield { path: shown, digest: await digestOf(snapshot, file.object, hashing, signal) };
    } catch (error) {
      signal?.throwIfAborted();
      yield { path: shown, error: error instanceof PlakarError ? error : failure(error) };
    }
  }
}

/** The regular file that an entry is or leads to, if it is one. */
async function fileOf(snapshot: Snapshot, path: ByteString, entry: Entry): Promise<Entry | undefined> {
  if (isRegular(entry.info.mode)) return entry;
  if (!isSymlink(entry.info.mode)) return undefined;
  try {
    const target = await snapshot.lookup(path);
    return isRegular(target.entry.info.mode) ? target.entry : undefined;
  } catch (error) {
    // A link may lead to what was not backed up.
    if (isPlakarError(error, "not-found")) return undefined;
    throw error;
  }
}

async function digestOf(
  snapshot: Snapshot,
  object: Uint8Array,
  hashing: HashName,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const hash = createHash(hashing);
  for await (const piece of snapshot.content(await snapshot.object(object))) {
    signal?.throwIfAborted();
    hash.update(piece);
  }
  return hash.digest();
}

function failure(cause: unknown): PlakarError {
  return new PlakarError("io", messageOf(cause), { cause });
}
