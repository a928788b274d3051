/** Making the names in a directory durable. */

import { osError, osErrorName } from "./os_error.ts";

/** Some file systems cannot do this for directories. */
const CANNOT_FLUSH = ["EINVAL", "ENOTSUP", "EOPNOTSUPP"];

/** A directory that is going to be flushed, opened while it may be read. Disposing of it closes it. */
export class DirectoryFlush implements Disposable {
  readonly #path: string;
  readonly #directory: Deno.FsFile;

  private constructor(path: string, directory: Deno.FsFile) {
    this.#path = path;
    this.#directory = directory;
  }

  /**
   * Opens a directory.
   *
   * @param path the directory
   * @returns what flushes it
   * @throws {PlakarError} `permission` if it may not be read
   */
  static async open(path: string): Promise<DirectoryFlush> {
    try {
      return new DirectoryFlush(path, await Deno.open(path, { read: true }));
    } catch (error) {
      throw osError("flush directory", path, error);
    }
  }

  /** Writes the names in it to the disk. */
  async flush(): Promise<void> {
    try {
      await this.#directory.sync();
    } catch (error) {
      if (CANNOT_FLUSH.includes(osErrorName(error) ?? "")) return;
      throw osError("flush directory", this.#path, error);
    }
  }

  /** Closes the directory. */
  [Symbol.dispose](): void {
    this.#directory.close();
  }
}

/**
 * Makes the names in a directory durable.
 *
 * @param path the directory
 */
export async function flushDirectory(path: string): Promise<void> {
  using directory = await DirectoryFlush.open(path);
  await directory.flush();
}
