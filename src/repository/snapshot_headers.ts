/** Headers of many snapshots at once: those that this machine keeps, and the others from the store. */

import { ResourceType } from "../kloset/resource.ts";
import { fromHex, toHex } from "../lib/bytes.ts";
import { forEachBounded } from "../lib/concurrency.ts";
import type { Repository } from "./repository.ts";
import type { CachedItem } from "./segment_cache.ts";

const HEADERS_IN_FLIGHT = 16;
/** Nothing says which version a header has but the header itself. */
const NO_VERSION = 0;

/** Who gets the headers. */
export interface HeaderReceiver {
  /** Takes a header; one that it throws for is not kept. */
  read(id: Uint8Array, header: Uint8Array): void;
  /** Told why a header cannot be had, or what `read` threw. */
  failed(id: Uint8Array, error: unknown): void;
}

/**
 * Reads the headers of all live snapshots, in no order.
 *
 * @param repository where they are
 * @param receiver gets the plain blobs
 */
export async function readSnapshotHeaders(repository: Repository, receiver: HeaderReceiver): Promise<void> {
  const missing = new Map(repository.state.snapshots.map((id) => [toHex(id), id]));
  const take = ({ id, bytes }: CachedItem) => {
    receiver.read(fromHex(id), bytes);
    missing.delete(id);
  };
  const cache = repository.cache?.headers;
  await cache?.load(new Set(missing.keys()), take);
  await forEachBounded(missing.values(), HEADERS_IN_FLIGHT, async (id) => {
    try {
      const bytes = await repository.readBlob(ResourceType.snapshot, id);
      receiver.read(id, bytes);
      await cache?.keep({ id: toHex(id), version: NO_VERSION, bytes });
    } catch (error) {
      receiver.failed(id, error);
    }
  });
  await cache?.flush();
}
