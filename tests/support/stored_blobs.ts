/** What the states of a repository say is stored: the index that is made of them is asked, and lists nothing. */

import { ResourceType } from "../../src/kloset/resource.ts";
import { decodeState } from "../../src/kloset/state.ts";
import type { Repository } from "../../src/repository/repository.ts";

/** A blob's type and MAC. */
export type StoredBlob = [type: number, mac: Uint8Array];

/**
 * The blobs of a repository as its states are now, one for each place.
 *
 * @param repository the repository
 * @param types the types to list; all but padding if none is given
 * @returns they, in the order they were stored
 */
export async function storedBlobs({ storage, codec }: Repository, ...types: number[]): Promise<StoredBlob[]> {
  const blobs: StoredBlob[] = [];
  for (const id of await storage.list("state")) {
    const { version, plain } = codec.unseal(ResourceType.state, await storage.get("state", id), 1024 ** 3);
    decodeState(plain, version, {
      location(type, _version, mac) {
        const isWanted = types.length === 0 ? type !== ResourceType.random : types.includes(type);
        if (isWanted) blobs.push([type, mac.slice()]);
      },
      coloured() {},
      packfile() {},
      deleted() {},
    });
  }
  return blobs;
}
