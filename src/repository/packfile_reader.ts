/**
 * Ranged reads of packfiles, coalesced.
 *
 * Blobs that were written together are mostly read together, and most are far smaller than what one request
 * costs. So a small read fetches a window around it, and the windows read last are kept.
 */

import { concat } from "../lib/bytes.ts";
import { WRAPPER_HEADER_SIZE } from "../kloset/wrapper.ts";
import type { Storage } from "../connectors/storage/storage.ts";

/** Enough for neighbours; what lies alone, because it was stored long before, must not bring much along. */
const WINDOW = 64 * 1024;
const KEPT_WINDOWS = 384;

/** Reads byte ranges of packfiles' blob areas. */
export class PackfileReader {
  readonly #storage: Storage;
  readonly #extent: (packfile: string) => number;
  readonly #windows = new Map<string, Promise<Uint8Array>>();
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
   * @param packfile the packfile's id
   * @param offset first byte in the blob area
   * @param length number of bytes
   * @returns the bytes, perhaps a view of a larger array: not to be changed
   */
  async read(packfile: string, offset: number, length: number): Promise<Uint8Array> {
    const start = Math.floor(offset / WINDOW) * WINDOW;
    const end = offset + length;
    if (length > WINDOW) return await this.#fetch(packfile, offset, length);
    try {
      if (end <= start + WINDOW) {
        return (await this.#window(packfile, start)).subarray(offset - start, end - start);
      }
      const next = start + WINDOW;
      const [head, tail] = await Promise.all([this.#window(packfile, start), this.#window(packfile, next)]);
      return concat(head.subarray(offset - start), tail.subarray(0, end - next));
    } catch {
      // A damaged packfile may still hold this blob.
      return await this.#fetch(packfile, offset, length);
    }
  }

  #window(packfile: string, start: number): Promise<Uint8Array> {
    const key = `${packfile}:${start}`;
    let window = this.#windows.get(key);
    if (window) {
      this.#windows.delete(key);
    } else {
      window = this.#fetch(packfile, start, Math.min(WINDOW, this.#extent(packfile) - start));
      window.catch(() => this.#windows.delete(key));
      if (this.#windows.size >= KEPT_WINDOWS) {
        for (const oldest of this.#windows.keys()) {
          this.#windows.delete(oldest);
          break;
        }
      }
    }
    this.#windows.set(key, window);
    return window;
  }

  #fetch(packfile: string, offset: number, length: number): Promise<Uint8Array> {
    this.#bytesRead += length;
    return this.#storage.get("packfile", packfile, { offset: WRAPPER_HEADER_SIZE + offset, length });
  }
}
