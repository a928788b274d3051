/** `plakar check`. */

import { PlakarError } from "../../lib/errors.ts";
import type { Repository } from "../../repository/repository.ts";
import { check } from "../../snapshot/check.ts";
import type { Snapshot } from "../../snapshot/snapshot.ts";
import { findSnapshot } from "../../snapshot/snapshot_list.ts";
import { VerifiedBlobs } from "../../snapshot/verified_blobs.ts";
import { OK } from "../exit_status.ts";
import { formatCount } from "../format/count.ts";
import { formatSize } from "../format/size.ts";
import { parseSnapshotReference } from "../format/snapshot_reference.ts";
import type { CHECK_OPTIONS } from "../grammar/table/snapshots.ts";
import type { Invocation } from "../invocation.ts";
import { openRepositoryOf } from "../open_repository.ts";
import { progressOf } from "../progress.ts";
import { selectSnapshots } from "../select_snapshots.ts";
import { StepLines } from "../step_lines.ts";
import { tellTotals } from "../tell_totals.ts";
import type { ByteString } from "../../lib/byte_string.ts";

/** A run of `check`. */
export type CheckInvocation = Invocation<typeof CHECK_OPTIONS>;

/** What is checked. */
export interface Target {
  /** The snapshot. */
  snapshot: Snapshot;
  /** The path in it to begin at. */
  path: ByteString;
}

/**
 * Checks snapshots.
 *
 * @param invocation the command's run
 * @returns the exit status
 * @throws {PlakarError} `corrupt` if any of them cannot be restored whole
 */
export async function run(invocation: CheckInvocation): Promise<number> {
  await using open = await openRepositoryOf(invocation, false);
  const { repository } = open;
  const verified = new VerifiedBlobs();
  let failures = 0;
  for (const target of await targetsOf(repository, invocation, () => failures++)) {
    if (
      await checkSnapshot(repository, target, verified, { ...invocation, fast: invocation.options.fast }) > 0
    ) failures++;
  }
  if (failures > 0) throw new PlakarError("corrupt", `check failed for ${failures} snapshot(s)`);
  return OK;
}

/**
 * Checks one snapshot and prints what is found.
 *
 * @param repository the repository it is in
 * @param target the snapshot and the path to begin at
 * @param verified what other checks of this run have looked at
 * @param invocation the command's run
 * @returns how many paths are damaged
 */
export async function checkSnapshot(
  repository: Repository,
  { snapshot, path }: Target,
  verified: VerifiedBlobs,
  { output, surroundings, signal, fast }: Pick<Invocation, "output" | "surroundings" | "signal"> & {
    fast?: boolean;
  },
): Promise<number> {
  const lines = new StepLines(output, "check", snapshot.header.identifier);
  using progress = progressOf(output, surroundings, lines);
  progress.phase(`checking ${snapshot.shortId}`);
  if (progress.wantsTotal) await tellTotals(snapshot, path, progress);
  const began = surroundings.now();
  const bytesBefore = repository.blobReader.bytesRead;
  const { errors, intact } = await check({
    snapshot,
    path,
    fast: fast ?? false,
    verified,
    signal,
    events: {
      intact: (path) => progress.add(1, 0, path),
      checked: (bytes, path) => progress.advance(bytes, path),
      failed: (path, message, code) => progress.error(path, message, { code }),
    },
  });
  progress.finish();
  const duration = surroundings.now() - began;
  const bytesIn = repository.blobReader.bytesRead - bytesBefore;
  lines.result({
    errors,
    duration,
    bytesIn,
    bytesOut: 0,
    facts: [`${formatCount(intact, "path")} intact`, `${formatSize(bytesIn)} read`],
    details: { intact },
  });
  return errors;
}

async function targetsOf(
  repository: Repository,
  invocation: CheckInvocation,
  unreadable: () => void,
): Promise<Target[]> {
  const { args } = invocation;
  if (args.length === 0) {
    const snapshots = await selectSnapshots(repository, invocation, unreadable);
    return snapshots.map((snapshot) => ({ snapshot, path: snapshot.directory }));
  }
  const targets: Target[] = [];
  for (const arg of args) {
    const { prefix, path } = parseSnapshotReference(arg);
    const snapshot = await findSnapshot(repository, prefix);
    targets.push({ snapshot, path: snapshot.resolve(path) });
  }
  return targets;
}
