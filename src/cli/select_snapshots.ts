/** The snapshots that a command works on. */

import type { Repository } from "../repository/repository.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { listSnapshots } from "../snapshot/snapshot_list.ts";
import type { Invocation } from "./invocation.ts";

/**
 * Lists the snapshots that the options of a command select, newest first.
 *
 * @param repository the repository
 * @param invocation the command's run
 * @returns the snapshots
 */
export async function selectSnapshots(
  repository: Repository,
  { output }: Pick<Invocation, "output">,
): Promise<Snapshot[]> {
  return await listSnapshots(repository, (message) => output.warn(message));
}
