/** The snapshots that a command works on. */

import type { Repository } from "../repository/repository.ts";
import { selectSnapshots as select } from "../snapshot/locate_filter.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { listSnapshots } from "../snapshot/snapshot_list.ts";
import type { Invocation } from "./invocation.ts";
import { type FilterValues, locateFilterOf, type PeriodValues } from "./locate_filter_of.ts";

/**
 * Lists the snapshots that the options of a command select, newest first.
 *
 * @param repository the repository
 * @param invocation the command's run
 * @param unreadable told of each snapshot whose header cannot be read; a warning is printed in any case
 * @returns the snapshots
 */
export async function selectSnapshots(
  repository: Repository,
  { output, surroundings, options }: Pick<Invocation, "output" | "surroundings"> & {
    readonly options: FilterValues & Partial<PeriodValues>;
  },
  unreadable: () => void = () => {},
): Promise<Snapshot[]> {
  const all = await listSnapshots(repository, (message) => {
    unreadable();
    output.warn(message);
  });
  const now = surroundings.now();
  return select(all, locateFilterOf(options, now), now);
}
