/** Restores a tree into any target; what differs between targets is behind {@linkcode Target}. */

import { dirname } from "../../lib/byte_path.ts";
import { type ByteString, display } from "../../lib/byte_string.ts";
import { PlakarError } from "../../lib/errors.ts";
import type { FileInfo } from "../../kloset/file_info.ts";
import { modeString } from "../../kloset/file_mode.ts";
import type { Degradation, Exporter, FileExporterSpec, FileWriter } from "./exporter.ts";
import { FileExporter } from "./file_exporter.ts";
import { checkedPath, pathIn, type Target } from "./target.ts";

/** How an exporter presents itself. */
export interface TreeExporterOptions {
  /** The target as a person would name it. */
  displayName: string;
  /** How many files are worth writing at once. */
  parallelism: number;
  /** From what another thread writes into the same target. */
  fileExporterSpec: FileExporterSpec;
}

/** The exporter of every target. */
export class TreeExporter implements Exporter {
  /** The target as a person would name it. */
  readonly displayName: string;
  /** How many files are worth writing at once. */
  readonly parallelism: number;
  /** From what another thread writes into the same target. */
  readonly fileExporterSpec: FileExporterSpec;
  readonly #target: Target;
  readonly #files: FileExporter;
  readonly #rootExisted: boolean;
  /** Directories known to be there and not to be links, or being made sure of. */
  readonly #directories = new Map<ByteString, Promise<void>>();

  private constructor(target: Target, rootExisted: boolean, options: TreeExporterOptions) {
    this.#target = target;
    this.#files = new FileExporter(target);
    this.#rootExisted = rootExisted;
    this.displayName = options.displayName;
    this.parallelism = options.parallelism;
    this.fileExporterSpec = options.fileExporterSpec;
    this.#directories.set("/" as ByteString, Promise.resolve());
  }

  /**
   * Makes sure of the target's root; it and its parents are created if they are missing.
   *
   * @param target where to restore
   * @param options how the exporter presents itself
   * @returns the exporter
   */
  static async open(target: Target, options: TreeExporterOptions): Promise<TreeExporter> {
    const missing: ByteString[] = [];
    for (let path = target.root;; path = dirname(path)) {
      const entry = await target.examine(path);
      if (entry === "directory") break;
      // Links above the root are the person's own; only a root that is one would have been resolved before.
      if (entry === "link" && path !== target.root) break;
      if (entry !== "none" || path === "/") {
        throw new PlakarError("exists", `Cannot restore to "${display(path)}": it is not a directory`);
      }
      missing.push(path);
    }
    for (const path of missing.toReversed()) {
      await target.createDirectory(path);
      // What is above may be closed to this person, who then has no say in it.
      await target.finishDirectory(dirname(path), undefined, () => {});
    }
    return new TreeExporter(target, missing.length === 0, options);
  }

  /** What was lost so far. */
  get degradations(): readonly Degradation[] {
    return this.#files.degradations;
  }

  /**
   * Creates a directory and those above it, or accepts what is there.
   *
   * @param path the directory, relative to the root
   */
  async createDirectory(path: ByteString): Promise<void> {
    await this.#directory(checkedPath(path));
  }

  /**
   * Begins a file.
   *
   * @param path the file, relative to the root
   * @param info its metadata
   * @returns what writes it
   */
  async createFile(path: ByteString, info: FileInfo): Promise<FileWriter> {
    await this.#directory(dirname(checkedPath(path)));
    return await this.#files.createFile(path, info);
  }

  /**
   * Creates a symbolic link.
   *
   * @param path the link, relative to the root
   * @param target where it points to
   * @param info its metadata
   */
  async createSymlink(path: ByteString, target: ByteString, info: FileInfo): Promise<void> {
    await this.#directory(dirname(checkedPath(path)));
    await this.#files.createSymlink(path, target, info);
  }

  /**
   * Notes that a pipe, socket or device is not restored.
   *
   * @param path its path, relative to the root
   * @param info its metadata
   */
  skipSpecialFile(path: ByteString, info: FileInfo): Promise<void> {
    this.#files.lost(path)("special-file", `special files (${modeString(info.mode)}) cannot be created here`);
    return Promise.resolve();
  }

  /**
   * Sets the attributes of a directory, after everything in it, and makes what is in it durable.
   *
   * @param path the directory, relative to the root
   * @param info its metadata, if it is to be set
   */
  async finishDirectory(path: ByteString, info?: FileInfo): Promise<void> {
    const isUntouched = checkedPath(path) === "/" && this.#rootExisted;
    await this.#directory(path);
    await this.#target.finishDirectory(
      this.#at(path),
      isUntouched ? undefined : info,
      this.#files.lost(path),
    );
  }

  /** Removes what was begun and not finished, and lets go of the target. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#files[Symbol.asyncDispose]();
  }

  #directory(path: ByteString): Promise<void> {
    const known = this.#directories.get(path);
    if (known) return known;
    const made = this.#makeSureOf(path);
    this.#directories.set(path, made);
    // What failed may be tried again.
    made.catch(() => this.#directories.delete(path));
    return made;
  }

  async #makeSureOf(path: ByteString): Promise<void> {
    await this.#directory(dirname(path));
    const at = this.#at(path);
    const entry = await this.#target.examine(at);
    if (entry === "directory") return;
    if (entry === "none") return await this.#target.createDirectory(at);
    const state = entry === "link"
      ? "a symbolic link is in its place, which is not followed"
      : "something that is not a directory is in its place";
    throw new PlakarError("exists", `Cannot create directory "${display(at)}": ${state}`);
  }

  #at(path: ByteString): ByteString {
    return pathIn(this.#target.root, path);
  }
}
