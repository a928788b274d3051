/** Files that appear whole or not at all. */

import { dirname, join } from "@std/path";
import { flushDirectory } from "./directory_flush.ts";
import { osError } from "./os_error.ts";

/** A file being written under a temporary name. */
export class TemporaryFile {
  /** Where it is until it is published. */
  readonly path: string;
  readonly #file: Deno.FsFile;
  #open = true;
  #there = true;

  private constructor(path: string, file: Deno.FsFile) {
    this.path = path;
    this.#file = file;
  }

  /**
   * Creates an empty file that only its owner can open.
   *
   * @param directory where
   * @param prefix how its name begins; random digits follow
   * @returns the file
   */
  static async create(directory: string, prefix: string): Promise<TemporaryFile> {
    const path = join(directory, `${prefix}${crypto.getRandomValues(new BigUint64Array(1))[0]}`);
    try {
      return new TemporaryFile(path, await Deno.open(path, { write: true, createNew: true, mode: 0o600 }));
    } catch (error) {
      throw osError("create", path, error);
    }
  }

  /**
   * Appends bytes.
   *
   * @param bytes what to append; they may be changed once the promise resolves
   */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length;) at += await this.#file.write(bytes.subarray(at));
    } catch (error) {
      throw osError("write", this.path, error);
    }
  }

  /** Writes everything to the disk and closes the file. */
  async finish(): Promise<void> {
    try {
      await this.#file.sync();
    } catch (error) {
      throw osError("flush", this.path, error);
    }
    this.#close();
  }

  /**
   * Gives the finished file its final name, over whatever file has it.
   *
   * @param path the final path, in the same file system
   */
  async publish(path: string): Promise<void> {
    try {
      await Deno.rename(this.path, path);
      this.#there = false;
    } catch (error) {
      throw osError("create", path, error);
    }
  }

  /** Removes the file, unless it was published. Never fails: there is nothing a caller could do about it. */
  async discard(): Promise<void> {
    this.#close();
    if (!this.#there) return;
    this.#there = false;
    await Deno.remove(this.path).catch(() => {});
  }

  #close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#file.close();
  }
}

/**
 * Writes a file that appears whole or not at all and is durable.
 *
 * @param path the file
 * @param bytes its content
 * @param temporary directory and prefix of its temporary name
 */
export async function writeDurably(
  path: string,
  bytes: Uint8Array,
  temporary: { directory: string; prefix: string },
): Promise<void> {
  const file = await TemporaryFile.create(temporary.directory, temporary.prefix);
  try {
    await file.write(bytes);
    await file.finish();
    await file.publish(path);
    await flushDirectory(dirname(path));
  } finally {
    await file.discard();
  }
}
