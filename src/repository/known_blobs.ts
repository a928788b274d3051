/** The blobs that are stored or about to be: what the repository had, and what threads together add to it. */

import { ResourceType } from "../kloset/resource.ts";
import { BlobIndex, type SharedBlobIndex } from "./blob_index.ts";
import { MacSet } from "./mac_set.ts";

/** What another thread makes its own {@linkcode KnownBlobs} from. */
export interface SharedKnownBlobs {
  /** Where the blobs are that the repository had. */
  readonly stored: SharedBlobIndex;
  /** The shared memory of those that were added. */
  readonly added: SharedArrayBuffer;
}

/** Blobs that need not be stored again. */
export class KnownBlobs {
  readonly #stored: BlobIndex;
  readonly #added: MacSet;

  /**
   * Begins with what a repository has.
   *
   * @param stored where its blobs are
   * @param added those that were added since
   */
  constructor(stored: BlobIndex, added: MacSet = new MacSet()) {
    this.#stored = stored;
    this.#added = added;
  }

  /**
   * Makes the same of what another thread has shared.
   *
   * @param shared what it has shared
   * @returns blobs to ask for and to add to, together with that thread
   */
  static of({ stored, added }: SharedKnownBlobs): KnownBlobs {
    return new KnownBlobs(BlobIndex.of(stored), new MacSet(added));
  }

  /**
   * Shares them with other threads.
   *
   * @returns what can be posted to them
   */
  share(): SharedKnownBlobs {
    return { stored: this.#stored.share(), added: this.#added.buffer };
  }

  /**
   * Adds a blob.
   *
   * @param type its resource type
   * @param mac its MAC
   * @returns true for the one caller, of all threads, that has to store it
   */
  add(type: number, mac: Uint8Array): boolean {
    return !this.#stored.has(type, mac) && this.#added.add(type, mac);
  }

  /**
   * Adds the object of a file that has one chunk. What such an object says follows from that chunk, so that it is
   * enough to mark the chunk.
   *
   * @param object the object's MAC
   * @param chunk the MAC of its only chunk, which was added before it
   * @returns true for the one caller, of all threads, that has to store the object
   */
  addObject(object: Uint8Array, chunk: Uint8Array): boolean {
    if (this.#stored.has(ResourceType.object, object)) return false;
    // A chunk that the repository had was not added: there is nothing to mark.
    return this.#added.mark(ResourceType.chunk, chunk) ?? this.#added.add(ResourceType.object, object);
  }
}
