/**
 * Writes files and links into directories that are there, each under a temporary name until it is whole. Any number
 * of these may write into one target, from other threads too, as long as no two write the same path.
 */

import { dirname, join } from "../../lib/byte_path.ts";
import { type ByteString, display } from "../../lib/byte_string.ts";
import { PlakarError } from "../../lib/errors.ts";
import type { FileInfo } from "../../kloset/file_info.ts";
import { Degradations } from "./degradations.ts";
import type { Degradation, FileWriter } from "./exporter.ts";
import { restoreLinkAttributes } from "./restore_attributes.ts";
import { checkedPath, type Lost, pathIn, type Target, type TargetFile } from "./target.ts";

/** What has a temporary name. */
interface Unfinished {
  readonly path: ByteString;
  file?: TargetFile;
}

/** The exporter of what is not a directory. Paths are relative to the target's root. */
export class FileExporter implements AsyncDisposable {
  readonly #target: Target;
  readonly #degradations = new Degradations();
  readonly #unfinished = new Set<Unfinished>();

  /**
   * Makes an exporter that has written nothing yet.
   *
   * @param target where to; disposed of with the exporter
   */
  constructor(target: Target) {
    this.#target = target;
  }

  /** What was lost so far. */
  get degradations(): readonly Degradation[] {
    return this.#degradations.list;
  }

  /**
   * What notes a loss.
   *
   * @param path of what something is lost
   * @returns called with each loss
   */
  lost(path: ByteString): Lost {
    return (kind, message) => this.#degradations.add(kind, path, message);
  }

  /**
   * Begins a file.
   *
   * @param path the file
   * @param info its metadata
   * @returns what writes it
   */
  async createFile(path: ByteString, info: FileInfo): Promise<FileWriter> {
    const unfinished = this.#begin(path);
    const file = await this.#target.createFile(unfinished.path).catch((error) => {
      this.#unfinished.delete(unfinished);
      throw error;
    });
    unfinished.file = file;
    return {
      write: (piece) => file.write(piece),
      commit: () => this.#commit(file, unfinished, path, info),
      abort: () => this.#abandon(unfinished),
    };
  }

  /**
   * Creates a symbolic link.
   *
   * @param path the link
   * @param target where it points to
   * @param info its metadata
   */
  async createSymlink(path: ByteString, target: ByteString, info: FileInfo): Promise<void> {
    const unfinished = this.#begin(path);
    try {
      await this.#target.createLink(unfinished.path, target);
      await restoreLinkAttributes(this.#target.link(unfinished.path), info, this.lost(path));
      await this.#publish(unfinished, path);
    } catch (error) {
      await this.#abandon(unfinished);
      throw error;
    }
  }

  /** Removes what was begun and not finished, and lets go of the target. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#unfinished].map((unfinished) => this.#abandon(unfinished)));
    await this.#target[Symbol.asyncDispose]();
  }

  async #commit(file: TargetFile, unfinished: Unfinished, path: ByteString, info: FileInfo): Promise<void> {
    await file.finish(info, this.lost(path));
    await this.#publish(unfinished, path);
  }

  async #publish(unfinished: Unfinished, path: ByteString): Promise<void> {
    const at = pathIn(this.#target.root, path);
    try {
      await this.#target.rename(unfinished.path, at);
    } catch (error) {
      if (await this.#target.examine(at).catch(() => "none") !== "directory") throw error;
      throw new PlakarError("exists", `Cannot replace "${display(at)}": a directory is in its place`, {
        cause: error,
      });
    }
    this.#unfinished.delete(unfinished);
  }

  #begin(path: ByteString): Unfinished {
    const digits = crypto.getRandomValues(new BigUint64Array(1))[0];
    const directory = dirname(pathIn(this.#target.root, checkedPath(path)));
    const unfinished = { path: join(directory, `.plakar-${digits}` as ByteString) };
    this.#unfinished.add(unfinished);
    return unfinished;
  }

  async #abandon(unfinished: Unfinished): Promise<void> {
    if (!this.#unfinished.delete(unfinished)) return;
    // Whether it can be removed changes nothing for who gives it up.
    unfinished.file?.abandon();
    await this.#target.remove(unfinished.path).catch(() => {});
  }
}
