/** Snapshots, and what is in them, as candidates for completion, found without asking anybody anything. */

import { isDirectory } from "../kloset/file_mode.ts";
import { type ByteString, toText } from "../lib/byte_string.ts";
import type { Repository } from "../repository/repository.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { findSnapshot, listSnapshots } from "../snapshot/snapshot_list.ts";
import { printableName } from "./format/printable_name.ts";
import { parseSnapshotReference } from "./format/snapshot_reference.ts";
import { formatRfc3339 } from "./format/time.ts";
import type { Candidate, SnapshotQuery } from "./grammar/complete.ts";
import type { Invocation } from "./invocation.ts";
import { openRepositoryOf, storeOf } from "./open_repository.ts";
import type { Surroundings } from "./surroundings.ts";
import { Terminal } from "./terminal.ts";

/**
 * The snapshots of a repository, if it can be opened without a question.
 *
 * @param invocation the run of `complete`
 * @param query the repository, and how ids begin
 * @returns ids with what they are of, newest first
 */
export async function snapshotCandidates(invocation: Invocation, query: SnapshotQuery): Promise<Candidate[]> {
  return await unattended(invocation, query, async (repository) => {
    const snapshots = await listSnapshots(repository, () => {});
    return snapshots.filter(({ shortId }) => shortId.startsWith(query.start)).map(candidateOf);
  });
}

/**
 * Paths in a snapshot, one directory deep, if its repository can be opened without a question. Names that
 * cannot be typed are left out.
 *
 * @param invocation the run of `complete`
 * @param query the repository, and the beginning of `ID:PATH`
 * @returns whole words; those of directories end in a slash
 */
export async function contentCandidates(invocation: Invocation, query: SnapshotQuery): Promise<Candidate[]> {
  return await unattended(invocation, query, async (repository) => {
    const { prefix, path = "" } = parseSnapshotReference(query.start);
    const snapshot = await findSnapshot(repository, prefix);
    const directory = path.slice(0, path.lastIndexOf("/") + 1) as ByteString;
    const start = query.start.slice(0, query.start.length - (toText(path as ByteString) ?? "").length);
    const { path: at } = await snapshot.lookup(snapshot.resolve(directory));
    return (await snapshot.children(at)).flatMap(({ entry: { info } }) => {
      const whole = `${directory}${info.name}` as ByteString;
      const text = toText(whole);
      if (text === undefined || text !== printableName(whole)) return [];
      return [{ word: `${start}${text}${isDirectory(info.mode) ? "/" : ""}`, about: "" }];
    });
  });
}

/** Looks something up in a repository without a question. `passphrase_cmd` is not run: it may ask as well. */
async function unattended(
  invocation: Invocation,
  { at, global }: SnapshotQuery,
  find: (repository: Repository) => Promise<Candidate[]>,
): Promise<Candidate[]> {
  const nobody = withoutPerson(invocation.surroundings);
  const alone: Invocation = {
    ...invocation,
    at,
    global: { ...invocation.global, ...global },
    surroundings: nobody,
    terminal: new Terminal(nobody, invocation.output),
  };
  try {
    const { settings } = await storeOf(alone);
    if (settings.passphrase_cmd && !settings.passphrase && alone.global.keyfile === undefined) return [];
    await using open = await openRepositoryOf(alone);
    return await find(open.repository);
  } catch {
    // A word is being typed: that there is nothing to offer is all there is to say.
    return [];
  }
}

function candidateOf({ shortId, header }: Snapshot): Candidate {
  const { origin, directory } = header.sources[0].importer;
  const time = formatRfc3339(header.timestamp);
  return { word: shortId, about: `${time} ${printableName(origin)}:${printableName(directory)}` };
}

function withoutPerson(surroundings: Surroundings): Surroundings {
  return {
    ...surroundings,
    openTerminal: () => undefined,
    stdin: { isTerminal: () => false, read: () => Promise.resolve(null), setRaw: () => {} },
  };
}
