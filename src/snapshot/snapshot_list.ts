/** The snapshots of a repository, and how a person names one of them. */

import { macKey } from "../kloset/mac.ts";
import { compareBytes } from "../kloset/path_order.ts";
import { toHex } from "../lib/bytes.ts";
import { messageOf, PlakarError } from "../lib/errors.ts";
import type { Repository } from "../repository/repository.ts";
import { readSnapshotHeaders } from "../repository/snapshot_headers.ts";
import { Snapshot } from "./snapshot.ts";

/**
 * All live snapshots, newest first, and those of one time by their identifiers.
 *
 * @param repository the repository
 * @param warn told of snapshots whose header cannot be read
 * @returns the snapshots that can
 */
export async function listSnapshots(
  repository: Repository,
  warn: (message: string) => void,
): Promise<Snapshot[]> {
  const snapshots: Snapshot[] = [];
  await readSnapshotHeaders(repository, {
    read: (id, header) => void snapshots.push(Snapshot.of(repository, id, header)),
    failed: (id, error) => warn(`Cannot read snapshot ${toHex(id).slice(0, 8)}: ${messageOf(error)}`),
  });
  return snapshots.sort((a, b) =>
    Number(b.header.timestamp - a.header.timestamp) ||
    compareBytes(macKey(a.header.identifier), macKey(b.header.identifier))
  );
}

/**
 * The one snapshot that a prefix names.
 *
 * @param repository the repository
 * @param prefix the first digits of its identifier
 * @returns the snapshot
 * @throws {PlakarError} `not-found` or `ambiguous`
 */
export async function findSnapshot(repository: Repository, prefix: string): Promise<Snapshot> {
  const id = findSnapshotId(repository, prefix);
  if (id) return await Snapshot.load(repository, id);
  throw new PlakarError("not-found", `no snapshot has prefix: ${prefix}`, {
    hint: '"plakar ls" lists the snapshots',
  });
}

/**
 * The identifier of the one snapshot that a prefix names, whether its header can be read or not.
 *
 * @param repository the repository
 * @param prefix the first digits of its identifier
 * @returns the identifier, `undefined` if no snapshot has it
 * @throws {PlakarError} `ambiguous` if several have it
 */
export function findSnapshotId(repository: Repository, prefix: string): Uint8Array | undefined {
  const matching = repository.state.snapshots.filter((id) => toHex(id).startsWith(prefix));
  if (matching.length <= 1) return matching[0];
  const message = `snapshot ID is ambiguous: ${prefix} (matches ${matching.length} snapshots)`;
  throw new PlakarError("ambiguous", message, {
    hint: 'Give more digits of the identifier; "plakar ls -uuid" shows all of them',
  });
}
