/** A file that a person named for output: it appears whole or not at all, unless it is no regular file. */

import { dirname } from "@std/path";
import { osError, osErrorName } from "./os_error.ts";
import { TemporaryFile } from "./temporary_file.ts";

/** A file being written. Disposing of it without {@linkcode OutputFile.publish} leaves nothing behind. */
export class OutputFile implements AsyncDisposable {
  readonly #path: string;
  /** What is written before it gets its name; absent for a device or a pipe, which is written to as it is. */
  readonly #temporary: TemporaryFile | undefined;
  readonly #direct: Deno.FsFile | undefined;
  /** The permissions of the file whose place it takes. */
  readonly #mode: number | undefined;
  #isOpen = true;

  private constructor(path: string, to: TemporaryFile | Deno.FsFile, mode?: number) {
    this.#path = path;
    this.#mode = mode;
    if (to instanceof TemporaryFile) this.#temporary = to;
    else this.#direct = to;
  }

  /**
   * Begins a file that only its owner can read, or with the permissions of the one whose place it takes.
   *
   * @param path where; what a link there leads to
   * @returns the file
   */
  static async open(path: string): Promise<OutputFile> {
    let stat: Deno.FileInfo | undefined;
    let real = path;
    try {
      stat = await Deno.stat(path);
      real = await Deno.realPath(path);
    } catch (error) {
      if (osErrorName(error) !== "ENOENT") throw osError("create", path, error);
    }
    if (!stat || stat.isFile) {
      const temporary = await TemporaryFile.create(dirname(real), ".plakar-");
      return new OutputFile(real, temporary, stat?.mode ?? undefined);
    }
    try {
      return new OutputFile(path, await Deno.open(path, { write: true }));
    } catch (error) {
      throw osError("open", path, error);
    }
  }

  /**
   * Appends bytes.
   *
   * @param bytes what to append
   */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#temporary) return await this.#temporary.write(bytes);
    try {
      for (let at = 0; at < bytes.length;) at += await this.#direct?.write(bytes.subarray(at)) ?? 0;
    } catch (error) {
      throw osError("write", this.#path, error);
    }
  }

  /** Ends the file and gives it its name. */
  async publish(): Promise<void> {
    if (this.#temporary) {
      await this.#temporary.finish();
      if (this.#mode !== undefined) {
        await Deno.chmod(this.#temporary.path, this.#mode & 0o777).catch(() => {});
      }
      await this.#temporary.publish(this.#path);
    }
    await this[Symbol.asyncDispose]();
  }

  /** Removes the file, unless it was published. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#direct?.close();
    await this.#temporary?.discard();
  }
}
