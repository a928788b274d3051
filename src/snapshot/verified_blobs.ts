/** What the checks of one run have looked at already: snapshots share most of what they lead to. */

import { type MacKey, macKey } from "../kloset/mac.ts";
import type { ResourceType } from "../kloset/resource.ts";
import { MacSet } from "../repository/mac_set.ts";

/** The blobs that were verified, and what was found of those that are damaged. */
export class VerifiedBlobs {
  readonly #objects = new Map<MacKey, Promise<void>>();
  readonly #blobs = new MacSet();
  readonly #failures = new Map<string, unknown>();
  readonly #frames = new Map<MacKey, number>();
  readonly #trees = new Set<string>();

  /** How many contents were verified. */
  get contents(): number {
    return this.#objects.size;
  }

  /**
   * Verifies a content unless that was done.
   *
   * @param object the id of its object
   * @param verify verifies it
   * @returns whether it had been verified before
   * @throws {PlakarError} what verifying it found, then or now
   */
  async content(object: Uint8Array, verify: () => Promise<void>): Promise<boolean> {
    const key = macKey(object);
    const known = this.#objects.get(key);
    const verified = known ?? verify();
    if (!known) this.#objects.set(key, verified);
    await verified;
    return known !== undefined;
  }

  /**
   * Verifies a small blob unless that was done or is being done.
   *
   * @param type its resource type
   * @param mac its id
   * @param verify verifies it
   * @throws {PlakarError} what verifying it found, then or now
   */
  async blob(type: ResourceType, mac: Uint8Array, verify: () => Promise<void>): Promise<void> {
    const key = keyOf(type, mac);
    if (!this.#blobs.add(type, mac)) {
      if (this.#failures.has(key)) throw this.#failures.get(key);
      return;
    }
    try {
      await verify();
    } catch (error) {
      this.#failures.set(key, error);
      throw error;
    }
  }

  /**
   * Verifies the entries of a directory unless that was done.
   *
   * @param object the id of their dirpack's object
   * @param verify verifies them and returns how many there are
   * @returns how many there are
   */
  async dirpack(object: Uint8Array, verify: () => Promise<number>): Promise<number> {
    const key = macKey(object);
    const frames = this.#frames.get(key) ?? await verify();
    this.#frames.set(key, frames);
    return frames;
  }

  /**
   * Whether a tree was found intact as a whole, with all it leads to.
   *
   * @param type the resource type of its root blob
   * @param root the id of that
   * @returns true if there is nothing to verify in it
   */
  isIntactTree(type: ResourceType, root: Uint8Array): boolean {
    return this.#trees.has(keyOf(type, root));
  }

  /**
   * Remembers that a tree is intact as a whole.
   *
   * @param type the resource type of its root blob
   * @param root the id of that
   */
  addIntactTree(type: ResourceType, root: Uint8Array): void {
    this.#trees.add(keyOf(type, root));
  }
}

/** Blobs of different types may have the same content: empty trees do. */
function keyOf(type: ResourceType, mac: Uint8Array): string {
  return `${type} ${macKey(mac)}`;
}
