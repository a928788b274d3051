/** Restores a tree into any target; what differs between targets is behind {@linkcode Target}. */

import { dirname, isClean, join } from "../../lib/byte_path.ts";
import { type ByteString, display } from "../../lib/byte_string.ts";
import { PlakarError } from "../../lib/errors.ts";
import type { FileInfo } from "../../kloset/file_info.ts";
import { modeString } from "../../kloset/file_mode.ts";
import { Degradations } from "./degradations.ts";
import type { Degradation, Exporter, FileWriter } from "./exporter.ts";
import { restoreLinkAttributes } from "./restore_attributes.ts";
import type { Lost, Target, TargetFile } from "./target.ts";

/** How an exporter presents itself. */
export interface TreeExporterOptions {
  /** The target as a person would name it. */
  displayName: string;
  /** How many files are worth writing at once. */
  parallelism: number;
}

/** The exporter of every target. */
export class TreeExporter implements Exporter {
  /** The target as a person would name it. */
  readonly displayName: string;
  /** How many files are worth writing at once. */
  readonly parallelism: number;
  readonly #target: Target;
  readonly #rootExisted: boolean;
  readonly #degradations = new Degradations();
  /** Directories known to be there and not to be links, or being made sure of. */
  readonly #directories = new Map<ByteString, Promise<void>>();
  readonly #unfinished = new Set<Unfinished>();

  private constructor(target: Target, rootExisted: boolean, options: TreeExporterOptions) {
    this.#target = target;
    this.#rootExisted = rootExisted;
    this.displayName = options.displayName;
    this.parallelism = options.parallelism;
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
    return this.#degradations.list;
  }

  /**
   * Creates a directory and those above it, or accepts what is there.
   *
   * @param path the directory, relative to the root
   */
  async createDirectory(path: ByteString): Promise<void> {
    await this.#directory(checked(path));
  }

  /**
   * Begins a file.
   *
   * @param path the file, relative to the root
   * @param info its metadata
   * @returns what writes it
   */
  async createFile(path: ByteString, info: FileInfo): Promise<FileWriter> {
    await this.#directory(dirname(checked(path)));
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
   * @param path the link, relative to the root
   * @param target where it points to
   * @param info its metadata
   */
  async createSymlink(path: ByteString, target: ByteString, info: FileInfo): Promise<void> {
    await this.#directory(dirname(checked(path)));
    const unfinished = this.#begin(path);
    try {
      await this.#target.createLink(unfinished.path, target);
      await restoreLinkAttributes(this.#target.link(unfinished.path), info, this.#lost(path));
      await this.#publish(unfinished, path);
    } catch (error) {
      await this.#abandon(unfinished);
      throw error;
    }
  }

  /**
   * Notes that a pipe, socket or device is not restored.
   *
   * @param path its path, relative to the root
   * @param info its metadata
   */
  skipSpecialFile(path: ByteString, info: FileInfo): Promise<void> {
    this.#degradations.add(
      "special-file",
      path,
      `special files (${modeString(info.mode)}) cannot be created here`,
    );
    return Promise.resolve();
  }

  /**
   * Sets the attributes of a directory, after everything in it, and makes what is in it durable.
   *
   * @param path the directory, relative to the root
   * @param info its metadata, if it is to be set
   */
  async finishDirectory(path: ByteString, info?: FileInfo): Promise<void> {
    const isUntouched = checked(path) === "/" && this.#rootExisted;
    await this.#directory(path);
    await this.#target.finishDirectory(this.#at(path), isUntouched ? undefined : info, this.#lost(path));
  }

  /** Removes what was begun and not finished, and lets go of the target. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#unfinished].map((unfinished) => this.#abandon(unfinished)));
    await this.#target[Symbol.asyncDispose]();
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

  async #commit(file: TargetFile, unfinished: Unfinished, path: ByteString, info: FileInfo): Promise<void> {
    await file.finish(info, this.#lost(path));
    await this.#publish(unfinished, path);
  }

  async #publish(unfinished: Unfinished, path: ByteString): Promise<void> {
    const at = this.#at(path);
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
    const unfinished = { path: join(dirname(this.#at(path)), `.plakar-${digits}` as ByteString) };
    this.#unfinished.add(unfinished);
    return unfinished;
  }

  async #abandon(unfinished: Unfinished): Promise<void> {
    if (!this.#unfinished.delete(unfinished)) return;
    // Whether it can be removed changes nothing for who gives it up.
    unfinished.file?.abandon();
    await this.#target.remove(unfinished.path).catch(() => {});
  }

  #at(path: ByteString): ByteString {
    if (path === "/") return this.#target.root;
    return (this.#target.root === "/" ? path : this.#target.root + path) as ByteString;
  }

  #lost(path: ByteString): Lost {
    return (kind, message) => this.#degradations.add(kind, path, message);
  }
}

/** What has a temporary name. */
interface Unfinished {
  readonly path: ByteString;
  file?: TargetFile;
}

function checked(path: ByteString): ByteString {
  if (!isClean(path)) {
    throw new PlakarError("corrupt", `Cannot restore "${display(path)}": the path is not clean`);
  }
  return path;
}
