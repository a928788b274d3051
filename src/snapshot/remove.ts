/** Removing snapshots: one small state says that they are gone. Maintenance frees their space later. */

import { ResourceType } from "../kloset/resource.ts";
import { StateWriter } from "../kloset/state_writer.ts";
import { fromHex, toHex, ZERO_MAC } from "../lib/bytes.ts";
import type { Repository } from "../repository/repository.ts";

/**
 * Removes snapshots, all of them at once. Nothing is locked: what a backup of this moment shares with them stays
 * until maintenance has looked.
 *
 * @param repository the repository they are in
 * @param identifiers their identifiers
 * @param now nanoseconds since 1970
 */
export async function removeSnapshots(
  repository: Repository,
  identifiers: readonly Uint8Array[],
  now: bigint,
): Promise<void> {
  const { codec, configuration, storage, state } = repository;
  const head = state.head;
  const writer = new StateWriter(head === undefined ? ZERO_MAC : fromHex(head));
  for (const identifier of identifiers) writer.coloured(ResourceType.snapshot, identifier, now);
  const stream = writer.finish({ timestamp: now, serial: configuration.repositoryId });
  await storage.put("state", toHex(codec.mac.mac(stream)), codec.seal(ResourceType.state, stream));
}
