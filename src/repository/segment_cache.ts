/**
 * What was read of a repository, kept on this machine: immutable items by their ids, many in one file, which is
 * a segment.
 *
 * ```
 * segment = enc(item*) || MAC(purpose || enc(item*))
 * item    = id (32) || version u32 LE || length u32 LE || bytes
 * ```
 *
 * It is compressed and encrypted as everything in the repository is, so it tells nobody more than the
 * repository does, and the repository's MAC tells what was torn or changed: such a segment counts for nothing.
 * A few items make a small segment, and many small ones are made one. Nothing here ever fails: whatever cannot
 * be read or written is told once, and done without.
 */

import type { CacheFiles } from "../connectors/cache/cache_files.ts";
import { MAC_SIZE } from "../kloset/mac.ts";
import { concat, equal, fromHex, toHex, viewOf } from "../lib/bytes.ts";
import { messageOf } from "../lib/errors.ts";
import type { RepositoryCodec } from "./repository_codec.ts";

/** No segment decodes to more than this. */
const MAX_SEGMENT = 1024 ** 3;
/** A segment is full when it has this many bytes. */
const FULL_SEGMENT = 4 * 1024 * 1024;
/** A segment of fewer bytes is small. */
const SMALL_SEGMENT = 1024 * 1024;
/** So many small segments are made one. */
const TOO_MANY_SMALL = 8;
const ITEM_HEADER_SIZE = MAC_SIZE + 8;

/** Something that never changes under its id. */
export interface CachedItem {
  /** Its id, hexadecimal. */
  readonly id: string;
  /** The version of its format. */
  readonly version: number;
  /** Its plain bytes. */
  readonly bytes: Uint8Array;
}

/** What is worth keeping, which depends on what it costs to get it from the store. */
export interface CachePolicy {
  /** Nothing is written for fewer new items than this. */
  readonly leastItems: number;
  /** Larger items are not kept, in bytes. */
  readonly largestItem: number;
}

/** Where the caches of a repository are, and what they are told. */
export interface CacheSettings {
  /** The files. */
  readonly files: CacheFiles;
  /** What is worth keeping. */
  readonly policy: CachePolicy;
  /** Told, at most once for each kind of items, why there is no cache. */
  readonly note: (message: string) => void;
}

interface Segment {
  readonly name: string;
  readonly items: readonly CachedItem[];
}

/** The cached items of one kind. */
export class SegmentCache {
  readonly #kind: string;
  readonly #codec: RepositoryCodec;
  readonly #settings: CacheSettings;
  readonly #purpose: Uint8Array;
  /** Segments that are written anew together with what comes next. */
  #toMerge: Segment[] = [];
  #kept: CachedItem[] = [];
  #keptSize = 0;
  #hasNoted = false;

  /**
   * Nothing is read yet.
   *
   * @param kind what the items are, in the names of files
   * @param codec the repository's transforms
   * @param settings where the files are
   */
  constructor(kind: string, codec: RepositoryCodec, settings: CacheSettings) {
    this.#kind = kind;
    this.#codec = codec;
    this.#settings = settings;
    this.#purpose = new TextEncoder().encode(`plakar cache 1 ${kind}\0`);
  }

  /**
   * Reads what is cached.
   *
   * @param wanted the ids of all items there are; others are dropped from the cache
   * @param found given each item that is cached, once
   */
  async load(wanted: ReadonlySet<string>, found: (item: CachedItem) => void): Promise<void> {
    const missing = new Set(wanted);
    const small: Segment[] = [];
    this.#toMerge = [];
    for (const name of await this.#quietly("read", () => this.#settings.files.names(this.#kind)) ?? []) {
      const segment = await this.#read(name);
      if (!segment) continue;
      const items = segment.items.filter(({ id }) => missing.delete(id));
      for (const item of items) found(item);
      if (items.length < segment.items.length) this.#toMerge.push({ name, items });
      else if (sizeOf(items) < SMALL_SEGMENT) small.push(segment);
    }
    if (small.length >= TOO_MANY_SMALL) this.#toMerge.push(...small);
  }

  /**
   * Keeps what {@linkcode SegmentCache.load} did not find. It may be written only by {@linkcode SegmentCache.flush}.
   *
   * @param item the item
   */
  async keep(item: CachedItem): Promise<void> {
    const { length } = item.bytes;
    if (length > this.#settings.policy.largestItem) return;
    const full = this.#keptSize + length > FULL_SEGMENT ? this.#takeKept() : [];
    this.#kept.push(item);
    this.#keptSize += length;
    if (full.length > 0) await this.#write(full);
  }

  /** Writes what is not written yet, if that is worth it. */
  async flush(): Promise<void> {
    const items = this.#takeKept();
    const merged = this.#toMerge;
    if (items.length < this.#settings.policy.leastItems && merged.length === 0) return;
    this.#toMerge = [];
    await this.#write([...merged.flatMap(({ items }) => items), ...items]);
    await this.#quietly("write", async () => {
      for (const { name } of merged) await this.#settings.files.remove(this.#kind, name);
    });
  }

  #takeKept(): CachedItem[] {
    const kept = this.#kept;
    this.#kept = [];
    this.#keptSize = 0;
    return kept;
  }

  async #write(items: readonly CachedItem[]): Promise<void> {
    await this.#quietly("write", async () => {
      for (const segment of fill(items)) await this.#settings.files.write(this.#kind, this.#seal(segment));
    });
  }

  async #read(name: string): Promise<Segment | undefined> {
    const { files } = this.#settings;
    // Another process may just have made several segments one.
    const bytes = await files.read(this.#kind, name).catch(() => undefined);
    if (!bytes) return undefined;
    try {
      return { name, items: this.#unseal(bytes) };
    } catch {
      await this.#quietly("write", () => files.remove(this.#kind, name));
      return undefined;
    }
  }

  #seal(items: readonly CachedItem[]): Uint8Array {
    const parts = items.flatMap(({ id, version, bytes }) => {
      const header = new Uint8Array(ITEM_HEADER_SIZE);
      header.set(fromHex(id));
      viewOf(header).setUint32(MAC_SIZE, version, true);
      viewOf(header).setUint32(MAC_SIZE + 4, bytes.length, true);
      return [header, bytes];
    });
    const encoded = this.#codec.encode(concat(...parts));
    return concat(encoded, this.#macOf(encoded));
  }

  #unseal(segment: Uint8Array): CachedItem[] {
    const end = segment.length - MAC_SIZE;
    const encoded = segment.subarray(0, end);
    if (end < 0 || !equal(this.#macOf(encoded), segment.subarray(end))) {
      throw new RangeError("its MAC does not match");
    }
    const plain = this.#codec.decode(encoded, MAX_SEGMENT);
    const view = viewOf(plain);
    const items: CachedItem[] = [];
    for (let at = 0; at < plain.length;) {
      const id = toHex(plain.subarray(at, at + MAC_SIZE));
      const version = view.getUint32(at + MAC_SIZE, true);
      const start = at + ITEM_HEADER_SIZE;
      at = start + view.getUint32(at + MAC_SIZE + 4, true);
      items.push({ id, version, bytes: plain.subarray(start, at) });
    }
    return items;
  }

  #macOf(encoded: Uint8Array): Uint8Array {
    const stream = this.#codec.mac.stream();
    stream.update(this.#purpose);
    stream.update(encoded);
    return stream.digest();
  }

  async #quietly<T>(action: "read" | "write", run: () => Promise<T>): Promise<T | undefined> {
    try {
      return await run();
    } catch (error) {
      if (!this.#hasNoted) {
        this.#settings.note(`Cannot ${action} the cache of ${this.#kind}: ${messageOf(error)}`);
      }
      this.#hasNoted = true;
      return undefined;
    }
  }
}

function sizeOf(items: readonly CachedItem[]): number {
  return items.reduce((sum, { bytes }) => sum + ITEM_HEADER_SIZE + bytes.length, 0);
}

/** Spreads items over segments of a bounded size, in their order. */
function* fill(items: readonly CachedItem[]): Generator<CachedItem[]> {
  let segment: CachedItem[] = [];
  let size = 0;
  for (const item of items) {
    if (size > 0 && size + item.bytes.length > FULL_SEGMENT) {
      yield segment;
      segment = [];
      size = 0;
    }
    segment.push(item);
    size += item.bytes.length;
  }
  if (segment.length > 0) yield segment;
}
