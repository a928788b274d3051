/** Snapshots as candidates for completion, found without asking anybody anything. */

import type { Snapshot } from "../snapshot/snapshot.ts";
import { listSnapshots } from "../snapshot/snapshot_list.ts";
import { printableName } from "./format/printable_name.ts";
import { formatRfc3339 } from "./format/time.ts";
import type { Candidate, SnapshotQuery } from "./grammar/complete.ts";
import type { Invocation } from "./invocation.ts";
import { openRepositoryOf, storeOf } from "./open_repository.ts";
import type { Surroundings } from "./surroundings.ts";
import { Terminal } from "./terminal.ts";

/**
 * The snapshots of a repository, if it can be opened without a question. `passphrase_cmd` is not run: it may
 * ask as well.
 *
 * @param invocation the run of `complete`
 * @param query the repository, and how ids begin
 * @returns ids with what they are of, newest first
 */
export async function snapshotCandidates(
  invocation: Invocation,
  { at, global, start }: SnapshotQuery,
): Promise<Candidate[]> {
  const nobody = withoutPerson(invocation.surroundings);
  const unattended: Invocation = {
    ...invocation,
    at,
    global: { ...invocation.global, ...global },
    surroundings: nobody,
    terminal: new Terminal(nobody, invocation.output),
  };
  try {
    const { settings } = await storeOf(unattended);
    if (settings.passphrase_cmd && !settings.passphrase && unattended.global.keyfile === undefined) return [];
    const { repository } = await openRepositoryOf(unattended);
    const snapshots = await listSnapshots(repository, () => {});
    return snapshots.filter(({ shortId }) => shortId.startsWith(start)).map(candidateOf);
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
