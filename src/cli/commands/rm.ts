/** `plakar rm`. */

import { toHex } from "../../lib/bytes.ts";
import { messageOf, PlakarError } from "../../lib/errors.ts";
import type { Repository } from "../../repository/repository.ts";
import { isEmptyFilter, selectSnapshots } from "../../snapshot/locate_filter.ts";
import { removeSnapshots } from "../../snapshot/remove.ts";
import { Snapshot } from "../../snapshot/snapshot.ts";
import { findSnapshotId, listSnapshots } from "../../snapshot/snapshot_list.ts";
import { OK } from "../exit_status.ts";
import { parseSnapshotReference } from "../format/snapshot_reference.ts";
import type { RM_OPTIONS } from "../grammar/table/snapshots.ts";
import type { Invocation } from "../invocation.ts";
import { locateFilterOf } from "../locate_filter_of.ts";
import { openRepositoryOf } from "../open_repository.ts";
import { snapshotData, snapshotLine } from "../snapshot_line.ts";

/** A run of `rm`. */
export type RmInvocation = Invocation<typeof RM_OPTIONS>;

/** A snapshot that is to be removed, as far as it is known. */
interface Candidate {
  id: Uint8Array;
  /** `undefined` if its header cannot be read. */
  snapshot?: Snapshot;
}

/**
 * Removes snapshots, or lists those that it would remove.
 *
 * @param invocation the command's run
 * @returns the exit status
 */
export async function run(invocation: RmInvocation): Promise<number> {
  const { options, output, surroundings } = invocation;
  const prefixes = prefixesOf(invocation);
  await using open = await openRepositoryOf(invocation);
  const { repository } = open;
  const candidates = await candidatesOf(repository, prefixes, invocation);
  if (candidates.length === 0) {
    output.info("rm: no snapshots matched the selection");
    return OK;
  }
  if (!options.apply) {
    showPlan(candidates, invocation);
    return OK;
  }
  await removeSnapshots(repository, candidates.map(({ id }) => id), surroundings.now());
  for (const { id } of candidates) {
    const text = `info: rm: removal of ${shortId(id)} completed successfully`;
    output.step({ type: "removed", snapshot: toHex(id), text });
  }
  return OK;
}

/** The ids that were given, and the guard against removing everything. */
function prefixesOf({ args, options, surroundings }: RmInvocation): string[] {
  const filter = { ...locateFilterOf(options, surroundings.now()), groupBy: undefined };
  if (args.length === 0 && isEmptyFilter(filter)) {
    throw new PlakarError("usage", "no filter specified, not going to remove everything", {
      hint: "name snapshots by their ids, or give filters such as -before 1y",
    });
  }
  return args.map((arg) => {
    const { prefix, path } = parseSnapshotReference(arg);
    if (path === undefined && prefix !== "") return prefix;
    throw new PlakarError("usage", `Cannot remove "${arg}": only whole snapshots can be removed`);
  });
}

/** What is named and matches the filters, the newest first. */
async function candidatesOf(
  repository: Repository,
  prefixes: readonly string[],
  { options, output, surroundings }: RmInvocation,
): Promise<Candidate[]> {
  const now = surroundings.now();
  const filter = locateFilterOf(options, now);
  const snapshots = prefixes.length > 0
    ? await namedSnapshots(repository, prefixes, output)
    : await listSnapshots(repository, (message) => output.warn(message)).then(asCandidates);
  const readable = snapshots.flatMap(({ snapshot }) => snapshot ?? []);
  const selected = asCandidates(selectSnapshots(readable, filter, now));
  // Filters say nothing about a header that cannot be read; only its id does.
  const unreadable = isEmptyFilter(filter) ? snapshots.filter(({ snapshot }) => !snapshot) : [];
  return [...selected, ...unreadable];
}

async function namedSnapshots(
  repository: Repository,
  prefixes: readonly string[],
  output: RmInvocation["output"],
): Promise<Candidate[]> {
  const found = new Map<string, Candidate>();
  for (const prefix of prefixes) {
    const id = findSnapshotId(repository, prefix);
    if (!id) {
      output.warn(`rm: no snapshot has prefix: ${prefix}`);
      continue;
    }
    try {
      found.set(toHex(id), { id, snapshot: await Snapshot.load(repository, id) });
    } catch (error) {
      output.warn(`Cannot read snapshot ${shortId(id)}: ${messageOf(error)}`);
      found.set(toHex(id), { id });
    }
  }
  return [...found.values()];
}

function showPlan(candidates: readonly Candidate[], { output }: RmInvocation): void {
  output.product({
    type: "removal",
    data: { applied: false, snapshots: candidates.length },
    text: `rm: would remove these ${candidates.length} snapshot(s), run with -apply to proceed`,
  });
  for (const { id, snapshot } of candidates) {
    output.product(
      snapshot
        ? {
          type: "snapshot",
          data: snapshotData(snapshot.header),
          text: snapshotLine(snapshot.header, { uuid: false, tags: true }),
        }
        : { type: "snapshot", data: { id: toHex(id) }, text: `${shortId(id)} (its header cannot be read)` },
    );
  }
}

function asCandidates(snapshots: readonly Snapshot[]): Candidate[] {
  return snapshots.map((snapshot) => ({ id: snapshot.header.identifier, snapshot }));
}

function shortId(id: Uint8Array): string {
  return toHex(id).slice(0, 8);
}
