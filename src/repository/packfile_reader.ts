/**
 * Ranged reads of packfiles, coalesced.
 *
 * Blobs that were written together are mostly read together, and most are far smaller than what one request
 * costs. So a small read fetches a window around it, and the windows read last are kept; their memory is used
 * again when nobody looks at them any more.
 */

import { BufferPool } from "../lib/buffer_pool.ts";
import { concat } from "../lib/bytes.ts";
import { WRAPPER_HEADER_SIZE } from "../kloset/wrapper.ts";
import type { Storage } from "../connectors/storage/storage.ts";

/** Enough for neighbours; what lies alone, because it was stored long before, must not bring much along. */
const WINDOW = 64 * 1024;
const KEPT_WINDOWS = 384;
/** Bytes of windows that wait at most to be used again. */
const KEPT_FREE = 32 * WINDOW;

/** A piece of a packfile. */
interface Window {
  readonly bytes: Promise<Uint8Array>;
  /** How many wait for it or look at it. */
  users: number;
  isKept: boolean;
}

/** Reads byte ranges of packfiles' blob areas. */
export class PackfileReader {
  readonly #storage: Storage;
  readonly #extent: (packfile: string) => number;
  /** The one that was used last is last. */
  readonly #windows = new Map<string, Window>();
  readonly #free = new BufferPool(KEPT_FREE);
  #bytesRead = 0;

  /**
   * Makes a reader that has read nothing yet.
   *
   * @param storage where the packfiles are
   * @param extent how far the blobs of a packfile reach
   */
  constructor(storage: Storage, extent: (packfile: string) => number) {
    this.#storage = storage;
    this.#extent = extent;
  }

  /** Bytes fetched from the storage so far. */
  get bytesRead(): number {
    return this.#bytesRead;
  }

  /**
   * Reads a range of a packfile's blob area.
   *
   * @typeParam T what is made of it
   * @param packfile the packfile's id
   * @param offset first byte in the blob area
   * @param length number of bytes
   * @param use makes something of the bytes, which are valid during the call and not to be changed
   * @returns what it made
   */
  async read<T>(packfile: string, offset: number, length: number, use: (bytes: Uint8Array) => T): Promise<T> {
    if (length > WINDOW) return use(await this.#fetch(packfile, offset, length));
    const start = Math.floor(offset / WINDOW) * WINDOW;
    const head = this.#hold(packfile, start);
    const tail = offset + length > start + WINDOW ? this.#hold(packfile, start + WINDOW) : undefined;
    let bytes: Uint8Array;
    try {
      try {
        bytes = cutOut(await head.bytes, await tail?.bytes, offset - start, length);
      } catch {
        // A damaged packfile may still hold this blob.
        bytes = await this.#fetch(packfile, offset, length);
      }
      return use(bytes);
    } finally {
      this.#letGo(head);
      if (tail) this.#letGo(tail);
    }
  }

  #hold(packfile: string, start: number): Window {
    const key = `${packfile}:${start}`;
    const window = this.#windows.get(key) ?? this.#open(packfile, start, key);
    this.#windows.delete(key);
    this.#windows.set(key, window);
    window.users++;
    return window;
  }

  #open(packfile: string, start: number, key: string): Window {
    for (const [oldest, window] of this.#windows) {
      if (this.#windows.size < KEPT_WINDOWS) break;
      this.#forget(oldest, window);
    }
    const length = Math.min(WINDOW, this.#extent(packfile) - start);
    const into = length === WINDOW ? this.#free.take(WINDOW) : undefined;
    const window = { bytes: this.#fetch(packfile, start, length, into), users: 0, isKept: true };
    window.bytes.catch(() => this.#forget(key, window));
    return window;
  }

  #forget(key: string, window: Window): void {
    if (this.#windows.get(key) !== window) return;
    this.#windows.delete(key);
    window.isKept = false;
    if (window.users === 0) this.#useAgain(window);
  }

  #letGo(window: Window): void {
    window.users--;
    if (window.users === 0 && !window.isKept) this.#useAgain(window);
  }

  #useAgain({ bytes }: Window): void {
    bytes.then((free) => free.length === WINDOW && this.#free.give(free), () => {});
  }

  #fetch(packfile: string, offset: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
    this.#bytesRead += length;
    return this.#storage.get("packfile", packfile, { offset: WRAPPER_HEADER_SIZE + offset, length }, into);
  }
}

/** A range of one window, or of two that follow each other. */
function cutOut(head: Uint8Array, tail: Uint8Array | undefined, offset: number, length: number): Uint8Array {
  const end = offset + length;
  return tail ? concat(head.subarray(offset), tail.subarray(0, end - WINDOW)) : head.subarray(offset, end);
}
