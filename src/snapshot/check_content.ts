/** Checking one content: the object that lists its chunks, and every chunk. */

import { ResourceType } from "../kloset/resource.ts";
import { toHex } from "../lib/bytes.ts";
import { PlakarError } from "../lib/errors.ts";
import type { Snapshot } from "./snapshot.ts";

/** How a content is checked. */
export interface ContentCheck {
  /** Where it is. */
  snapshot: Snapshot;
  /** Only whether every chunk is there, not whether it is intact. */
  fast: boolean;
  /** Told of its bytes as they were looked at. */
  checked?: (bytes: number) => void;
  /** Stops the check. */
  signal?: AbortSignal;
}

/**
 * Checks a content.
 *
 * @param options where it is and how deep to look
 * @param mac the id of its object
 * @throws {PlakarError} `corrupt` or `unreadable`
 */
export async function checkContent(
  { snapshot, fast, checked, signal }: ContentCheck,
  mac: Uint8Array,
): Promise<void> {
  const object = await snapshot.object(mac);
  if (fast) {
    for (const { contentMac, length } of object.chunks) {
      if (!snapshot.repository.blobs.has(ResourceType.chunk, contentMac)) {
        throw new PlakarError("corrupt", `Chunk ${toHex(contentMac)} is in no packfile of the repository`);
      }
      checked?.(length);
    }
    return;
  }
  let length = 0;
  for await (const bytes of snapshot.content(object)) {
    signal?.throwIfAborted();
    length += bytes.length;
    checked?.(bytes.length);
  }
  const expected = object.chunks.reduce((n, chunk) => n + chunk.length, 0);
  if (length !== expected) {
    throw new PlakarError("corrupt", `The content has ${length} bytes, its object says ${expected}`);
  }
}
