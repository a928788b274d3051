/** `plakar ls`. */

import { OwnerNames } from "../../connectors/local/owner_names.ts";
import { isDirectory } from "../../kloset/file_mode.ts";
import { join } from "../../lib/byte_path.ts";
import type { Repository } from "../../repository/repository.ts";
import { findSnapshot } from "../../snapshot/snapshot_list.ts";
import { entryData, entryLine } from "../entry_line.ts";
import { CORRUPT, OK, PARTIAL } from "../exit_status.ts";
import { parseSnapshotReference } from "../format/snapshot_reference.ts";
import type { LS_OPTIONS } from "../grammar/table/snapshots.ts";
import type { Invocation } from "../invocation.ts";
import { jsonPath } from "../json_line.ts";
import { openRepositoryOf } from "../open_repository.ts";
import { selectSnapshots } from "../select_snapshots.ts";
import { snapshotData, snapshotLine } from "../snapshot_line.ts";
import { printableName } from "../format/printable_name.ts";

/** A run of `ls`. */
export type LsInvocation = Invocation<typeof LS_OPTIONS>;

/**
 * Lists snapshots, or a directory of one.
 *
 * @param invocation the command's run
 * @returns the exit status: 3 if a snapshot is there whose header cannot be read
 */
export async function run(invocation: LsInvocation): Promise<number> {
  await using open = await openRepositoryOf(invocation);
  const { repository } = open;
  const [reference] = invocation.args;
  if (reference !== undefined) return await listEntries(repository, reference, invocation);
  const { uuid, tags } = invocation.options;
  let unreadable = 0;
  for (const { header } of await selectSnapshots(repository, invocation, () => unreadable++)) {
    const text = snapshotLine(header, { uuid, tags });
    invocation.output.product({ type: "snapshot", data: snapshotData(header), text });
  }
  return unreadable > 0 ? PARTIAL : OK;
}

async function listEntries(
  repository: Repository,
  reference: string,
  invocation: LsInvocation,
): Promise<number> {
  const { output, options, signal } = invocation;
  const { prefix, path } = parseSnapshotReference(reference);
  const snapshot = await findSnapshot(repository, prefix);
  const start = await snapshot.lookup(snapshot.resolve(path));
  const owners = await OwnerNames.load();
  if (!isDirectory(start.entry.info.mode)) {
    const name = options.recursive ? start.path : start.entry.info.name;
    output.product({
      type: "entry",
      data: entryData(start.entry, start.path),
      text: entryLine(start.entry, name, owners),
    });
    return OK;
  }
  if (!options.recursive) {
    for (const { entry } of await snapshot.children(start.path)) {
      const data = entryData(entry, join(start.path, entry.info.name));
      output.product({ type: "entry", data, text: entryLine(entry, entry.info.name, owners) });
      await output.drain();
    }
    return OK;
  }
  let failed = false;
  for await (const walked of snapshot.walk(start.path)) {
    signal.throwIfAborted();
    if (walked.error) {
      failed = true;
      output.failedStep({
        type: "failed",
        data: { ...jsonPath(walked.path), message: walked.error.message },
        text: `error: ls: ${printableName(walked.path)}: ${walked.error.message}`,
      });
    } else if (walked.entry && walked.path !== start.path) {
      const text = entryLine(walked.entry, walked.path, owners);
      output.product({ type: "entry", data: entryData(walked.entry, walked.path), text });
    }
    await output.drain();
  }
  return failed ? CORRUPT : OK;
}
