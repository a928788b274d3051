/**
 * Bytes that are appended to, in pages that stay where they are: growing copies nothing, and leaves no holes in the
 * process's memory.
 */

import { viewOf } from "./bytes.ts";

/**
 * The size of pages that are memory of their own, of which only what is used costs anything: the C library maps what
 * is larger than 32 MiB for itself. Smaller ones lie between all that is allocated while the buffer fills, and hold
 * the holes open that this leaves.
 */
export const OWN_MEMORY = 40 * 1024 * 1024;

interface Page {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** A position in a page. */
export interface PagePosition {
  /** The bytes of the page. */
  readonly bytes: Uint8Array;
  /** The same bytes, for integers. */
  readonly view: DataView;
  /** Where the position is in them. */
  readonly offset: number;
}

/** A buffer of pages. A position in it is a number that stays valid. */
export class PagedBuffer {
  readonly #pageSize: number;
  readonly #pages: Page[] = [];
  #end = 0;

  /**
   * An empty buffer.
   *
   * @param pageSize bytes of a page, and the most that can be reserved at once
   */
  constructor(pageSize: number) {
    this.#pageSize = pageSize;
  }

  /**
   * Makes room at the end, all of it in one page. What is left of the page before is not used if it is too small.
   *
   * @param size how many bytes will be written
   * @returns where
   */
  reserve(size: number): number {
    const pageSize = this.#pageSize;
    if (size > pageSize) throw new RangeError(`${size} bytes are more than a page of ${pageSize}`);
    const whole = this.#pages.length * pageSize;
    if (this.#end + size > whole) {
      // V8 does not count shared memory: it would look for garbage because of what is not even used yet.
      const bytes = new Uint8Array(new SharedArrayBuffer(pageSize));
      this.#pages.push({ bytes, view: viewOf(bytes) });
      this.#end = whole;
    }
    const at = this.#end;
    this.#end += size;
    return at;
  }

  /**
   * Finds a position.
   *
   * @param at the position
   * @returns where it is
   */
  locate(at: number): PagePosition {
    const number = Math.floor(at / this.#pageSize);
    const { bytes, view } = this.#pages[number];
    return { bytes, view, offset: at - number * this.#pageSize };
  }
}
