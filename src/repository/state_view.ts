/**
 * The current view of a repository: what all its state files say together.
 *
 * States are an append-only log. They are applied in the order in which they arrive; deletions are kept as
 * tombstones, because a deletion may be met before what it deletes.
 */

import type { RepositoryCodec } from "./repository_codec.ts";
import { decodeState, StateEntryType } from "../kloset/state.ts";
import type { Storage } from "../connectors/storage/storage.ts";
import { ResourceType } from "../kloset/resource.ts";
import { type MacKey, macKey } from "../kloset/mac.ts";
import { toHex } from "../lib/bytes.ts";
import { PlakarError } from "../lib/errors.ts";
import { forEachBounded } from "../lib/concurrency.ts";
import { BlobIndex } from "./blob_index.ts";
import type { CachedItem, SegmentCache } from "./segment_cache.ts";

const STATES_IN_FLIGHT = 8;
/** No state of a real repository decodes to more than this. */
const MAX_STATE_SIZE = 4 * 1024 ** 3 - 1;

interface StateNode {
  id: string;
  parent: string;
  timestamp: bigint;
}

/** All blobs, packfiles and deletions that the states of a repository know. */
export class StateView {
  /** Where blobs are. */
  readonly blobs: BlobIndex = new BlobIndex();
  readonly #packfiles = new Set<string>();
  readonly #deletedPackfiles = new Set<string>();
  /** Marked as deleted: newest mark and newest cancellation of the mark, by type and id. */
  readonly #coloured = new Map<string, bigint>();
  readonly #uncoloured = new Map<string, bigint>();
  readonly #deletedBlobs: { type: number; mac: Uint8Array; packfile: string }[] = [];
  readonly #states: StateNode[] = [];
  readonly #snapshots = new Map<MacKey, Uint8Array>();
  readonly #cache: SegmentCache | undefined;

  private constructor(cache: SegmentCache | undefined) {
    this.#cache = cache;
  }

  /**
   * Reads and applies every state in the storage.
   *
   * @param storage where the states are
   * @param codec the repository's transforms
   * @param cache states that need not be fetched, by their ids
   * @returns the view
   */
  static async load(storage: Storage, codec: RepositoryCodec, cache?: SegmentCache): Promise<StateView> {
    const view = new StateView(cache);
    const listed = new Set(await storage.list("state"));
    await cache?.load(listed, (state) => view.#apply(state));
    await view.#add(listed, storage, codec);
    return view;
  }

  /**
   * Reads and applies the states that were added since.
   *
   * @param storage where the states are
   * @param codec the repository's transforms
   */
  async update(storage: Storage, codec: RepositoryCodec): Promise<void> {
    await this.#add(await storage.list("state"), storage, codec);
  }

  async #add(listed: Iterable<string>, storage: Storage, codec: RepositoryCodec): Promise<void> {
    const known = new Set(this.#states.map((state) => state.id));
    await forEachBounded([...listed].filter((id) => !known.has(id)), STATES_IN_FLIGHT, async (id) => {
      const bytes = await storage.get("state", id);
      const state = namingState(id, () => {
        const { version, plain } = codec.unseal(ResourceType.state, bytes, MAX_STATE_SIZE);
        return { id, version, bytes: plain };
      });
      this.#apply(state);
      await this.#cache?.keep(state);
    });
    this.#settle();
    await this.#cache?.flush();
  }

  /** The id of the state that the next one should name as its parent, `undefined` if there is none. */
  get head(): string | undefined {
    const parents = new Set(this.#states.map((state) => state.parent));
    let head: StateNode | undefined;
    for (const state of this.#states) {
      if (!parents.has(state.id) && (!head || state.timestamp >= head.timestamp)) head = state;
    }
    return head?.id;
  }

  /** The identifiers of all live snapshots. */
  get snapshots(): Uint8Array[] {
    return [...this.#snapshots.values()]
      .filter((id) =>
        !this.#isColoured(ResourceType.snapshot, toHex(id)) && this.blobs.has(ResourceType.snapshot, id)
      );
  }

  /**
   * Whether a packfile exists, as far as the states know, and is not marked as deleted.
   *
   * @param id the packfile's id
   * @returns true if blobs in it count
   */
  isLive(id: string): boolean {
    return this.#packfiles.has(id) && !this.#deletedPackfiles.has(id) &&
      !this.#isColoured(ResourceType.packfile, id);
  }

  /**
   * Leaves out of sight every packfile that the storage does not have, so that nothing new relies on it.
   *
   * @param present the packfiles in the storage
   */
  keepOnly(present: ReadonlySet<string>): void {
    this.blobs.setUsable((id) => present.has(id) && this.isLive(id));
  }

  #apply({ id, version, bytes }: CachedItem): void {
    const uncoloured: string[] = [];
    const { parent, metadata } = namingState(id, () =>
      decodeState(bytes, version, {
        location: (type, _version, mac, packfile, offset, length) => {
          if (type === ResourceType.random) return;
          this.blobs.add(type, mac, packfile, offset, length);
          if (type === ResourceType.snapshot) {
            const copy = mac.slice();
            this.#snapshots.set(macKey(copy), copy);
          }
        },
        coloured: (type, mac, when) => raise(this.#coloured, `${type}:${toHex(mac)}`, when),
        packfile: (mac) => void this.#packfiles.add(toHex(mac)),
        deleted: (entry, type, mac, packfile) => {
          if (entry === StateEntryType.location) {
            this.#deletedBlobs.push({ type, mac: mac.slice(), packfile: toHex(packfile) });
          } else if (entry === StateEntryType.packfile) this.#deletedPackfiles.add(toHex(packfile));
          else uncoloured.push(`${type}:${toHex(mac)}`);
        },
      }));
    for (const key of uncoloured) raise(this.#uncoloured, key, metadata.timestamp);
    this.#states.push({ id, parent: toHex(parent), timestamp: metadata.timestamp });
  }

  #settle(): void {
    for (const { type, mac, packfile } of this.#deletedBlobs) this.blobs.remove(type, mac, packfile);
    this.blobs.setUsable((id) => this.isLive(id));
  }

  #isColoured(type: number, id: string): boolean {
    const key = `${type}:${id}`;
    const when = this.#coloured.get(key);
    return when !== undefined && when >= (this.#uncoloured.get(key) ?? when);
  }
}

/** Does something with a state; what fails names it. */
function namingState<T>(id: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof PlakarError)) throw error;
    throw new PlakarError(error.code, `Cannot read state "${id}": ${error.message}`, {
      cause: error,
      hint: error.hint ??
        "Without this state the repository would look smaller than it is: bring the file back from a copy of the store",
    });
  }
}

function raise(map: Map<string, bigint>, key: string, when: bigint): void {
  const before = map.get(key);
  if (before === undefined || when > before) map.set(key, when);
}
