/** `plakar info`. */

import { totalSize } from "../../kloset/summary.ts";
import type { Repository } from "../../repository/repository.ts";
import type { Snapshot } from "../../snapshot/snapshot.ts";
import { findSnapshot, listSnapshots } from "../../snapshot/snapshot_list.ts";
import { OK, PARTIAL } from "../exit_status.ts";
import { printableName } from "../format/printable_name.ts";
import { parseSnapshotReference } from "../format/snapshot_reference.ts";
import type { INFO_OPTIONS } from "../grammar/table/snapshots.ts";
import { configurationData, headerData } from "../info_data.ts";
import { configurationLines, headerLines, sizeAndBytes } from "../info_lines.ts";
import type { Invocation } from "../invocation.ts";
import { jsonPath } from "../json_line.ts";
import { openRepositoryOf } from "../open_repository.ts";

/** A run of `info`. */
export type InfoInvocation = Invocation<typeof INFO_OPTIONS>;

/**
 * Shows what is known about the repository or a snapshot.
 *
 * @param invocation the command's run
 * @returns the exit status
 */
export async function run(invocation: InfoInvocation): Promise<number> {
  const { args, options, output } = invocation;
  await using open = await openRepositoryOf(invocation);
  const { repository } = open;
  const [reference] = args;
  if (reference === undefined) {
    return await showRepository(repository, invocation);
  }
  const { prefix, path } = parseSnapshotReference(reference);
  const snapshot = await findSnapshot(repository, prefix);
  if (!options.errors) {
    showSnapshot(snapshot, invocation);
    return OK;
  }
  for await (const error of snapshot.errors(snapshot.resolve(path))) {
    const text = `${printableName(error.path)}: ${error.message}`;
    output.product({ type: "error_item", data: { ...jsonPath(error.path), message: error.message }, text });
    await output.drain();
  }
  return OK;
}

async function showRepository(repository: Repository, { output }: InfoInvocation): Promise<number> {
  const snapshots = await listSnapshots(repository, (message) => output.warn(message));
  const unreadable = repository.state.snapshots.length - snapshots.length;
  const logical = snapshots.reduce((sum, { header }) => sum + totalSize(header.sources[0].summary), 0);
  const stored = await repository.storage.size();
  const lines = [
    ...configurationLines(repository.configuration),
    `Snapshots: ${snapshots.length}`,
    `Storage size: ${stored === undefined ? "unknown" : sizeAndBytes(stored)}`,
    `Logical size: ${sizeAndBytes(logical)}`,
  ];
  const data = {
    ...configurationData(repository.configuration),
    snapshots: snapshots.length,
    storage_size: stored,
    logical_size: logical,
  };
  output.product({ type: "repository", data, text: lines.join("\n") });
  return unreadable > 0 ? PARTIAL : OK;
}

function showSnapshot({ header }: Snapshot, { output }: InfoInvocation): void {
  output.product({ type: "snapshot", data: headerData(header), text: headerLines(header).join("\n") });
}
