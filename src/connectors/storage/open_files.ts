/**
 * Files that are read in many places, kept open: most reads are small, and opening a file costs more than reading
 * a little of it.
 */

import { PlakarError } from "../../lib/errors.ts";
import type { ByteRange } from "./storage.ts";

/** How many files are kept open. */
const KEPT_OPEN = 32;

interface OpenFile {
  readonly file: Deno.FsFile;
  readonly size: number;
}

/** Reads ranges of files that never change. */
export class OpenFiles implements Disposable {
  /** The one that was used last is last. */
  readonly #files = new Map<string, Promise<OpenFile>>();

  /**
   * Reads a range of a file.
   *
   * @param path the file
   * @param range what to read of it
   * @param into where the bytes go, an array of its own if not given
   * @returns the bytes
   * @throws {PlakarError} `unreadable` if the range is not all there
   */
  async read(path: string, range: ByteRange, into?: Uint8Array): Promise<Uint8Array> {
    const opening = this.#take(path);
    try {
      return readRange(await opening, path, range, into);
    } catch (error) {
      // What is wrong with it may be mended before it is read again.
      this.#drop(path, opening);
      throw error;
    }
  }

  /** Closes all files. */
  [Symbol.dispose](): void {
    for (const [path, opening] of this.#files) this.#drop(path, opening);
  }

  #take(path: string): Promise<OpenFile> {
    const opening = this.#files.get(path) ?? openFile(path);
    this.#files.delete(path);
    this.#files.set(path, opening);
    for (const [oldest, opening] of this.#files) {
      if (this.#files.size <= KEPT_OPEN) break;
      this.#drop(oldest, opening);
    }
    return opening;
  }

  #drop(path: string, opening: Promise<OpenFile>): void {
    if (this.#files.get(path) !== opening) return;
    this.#files.delete(path);
    // Who waited for it to be opened was there first, and has read by then.
    opening.then(({ file }) => file.close(), () => {});
  }
}

async function openFile(path: string): Promise<OpenFile> {
  const file = await Deno.open(path, { read: true });
  try {
    return { file, size: (await file.stat()).size };
  } catch (error) {
    file.close();
    throw error;
  }
}

/** At once: handing so little to another thread and back takes longer than reading it, and nobody comes between. */
function readRange(
  { file, size }: OpenFile,
  path: string,
  { offset, length }: ByteRange,
  bytes: Uint8Array = new Uint8Array(length),
): Uint8Array {
  if (offset < 0 || length < 0 || offset + length > size) {
    throw new PlakarError(
      "unreadable",
      `Cannot read "${path}": ${length} bytes from ${offset} are asked for, but it has only ${size}`,
    );
  }
  file.seekSync(offset, Deno.SeekMode.Start);
  for (let at = 0; at < length;) {
    const count = file.readSync(bytes.subarray(at));
    if (count === null) throw new PlakarError("unreadable", `Cannot read "${path}": it became shorter`);
    at += count;
  }
  return bytes;
}
