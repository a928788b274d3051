/** Snapshots of directories of this machine. */

import { lstat } from "node:fs/promises";
import type { BigIntStats } from "node:fs";
import { isSymlink, posixToGo } from "../../kloset/file_mode.ts";
import type { FileInfo } from "../../kloset/file_info.ts";
import { basename, clean, dirname, join } from "../../lib/byte_path.ts";
import { type ByteString, fromText } from "../../lib/byte_string.ts";
import type { LocalLocation } from "../location.ts";
import { NOT_UTF8, toLocalPath } from "../local/local_path.ts";
import { osError, osErrorName } from "../local/os_error.ts";
import { OwnerNames } from "../local/owner_names.ts";
import type { ChildRecord, DirectoryRecord } from "../record.ts";
import { FsFileReader } from "./fs_reader.ts";
import type { Importer, ReaderSpec, WalkOptions } from "./importer.ts";
import { readStart } from "./read_start.ts";
import { walkTree } from "./walk_tree.ts";

const PARALLEL_LISTINGS = 4;
/** What the runtime puts in the place of bytes that are not UTF-8. */
const REPLACEMENT = "\ufffd";

/** The importer of `fs` locations. */
export class FsImporter implements Importer {
  /** The type that plakar records. */
  readonly type = "fs";
  /** The host name. */
  readonly origin: string;
  /** The directory that the snapshot records. */
  readonly root: ByteString;
  /** The runtime gives milliseconds. */
  readonly timePrecision = 1_000_000n;
  /** What a pipeline opens its reader from. */
  readonly readerSpec: ReaderSpec = { protocol: "fs" };
  /** The name of the one file to import, if the location is not a directory. */
  readonly only: ByteString | undefined;
  readonly #owners: OwnerNames;

  private constructor(origin: string, root: ByteString, only: ByteString | undefined, owners: OwnerNames) {
    this.origin = origin;
    this.root = root;
    this.only = only;
    this.#owners = owners;
  }

  /**
   * Finds out what is at a location.
   *
   * @param location where to read
   * @param hostname the name of this machine
   * @returns the importer
   */
  static async open(location: LocalLocation, hostname: string): Promise<FsImporter> {
    let real, stat;
    try {
      real = await Deno.realPath(location.path);
      stat = await Deno.lstat(real);
    } catch (error) {
      throw osError("read", location.path, error);
    }
    const path = clean(fromText(real));
    const owners = await OwnerNames.load();
    return stat.isDirectory
      ? new FsImporter(hostname, path, undefined, owners)
      : new FsImporter(hostname, dirname(path), basename(path), owners);
  }

  /**
   * The root and what is above it. Only the root has names of owners, as in plakar's snapshots.
   *
   * @returns metadata of those that can be examined
   */
  async ancestors(): Promise<{ path: ByteString; info: FileInfo }[]> {
    const found: { path: ByteString; info: FileInfo }[] = [];
    for (let path = this.root;; path = dirname(path)) {
      const stat = await lstat(toLocalPath(path), { bigint: true }).catch(() => undefined);
      if (stat) {
        const info = fileInfo(basename(path), stat);
        found.push({ path, info: path === this.root && !this.only ? this.#named(info) : info });
      }
      if (path === "/") return found;
    }
  }

  /**
   * Lists the tree.
   *
   * @param options what to leave out, and when to stop
   * @returns the directories, parents first
   */
  walk(options: WalkOptions = {}): AsyncIterable<DirectoryRecord> {
    const { exclude, prune, signal } = options;
    const parallelism = this.only === undefined ? PARALLEL_LISTINGS : 1;
    return walkTree(this.root, (path) => this.list(path, exclude), { parallelism, prune, signal });
  }

  /**
   * Lists one directory.
   *
   * @param path the directory
   * @param exclude asked for every child
   * @returns the directory with its children
   */
  async list(path: ByteString, exclude?: WalkOptions["exclude"]): Promise<DirectoryRecord> {
    if (this.only === undefined) return await this.#list(path, exclude);
    return await this.#examine(this.root, exclude?.(join(this.root, this.only), false) ? [] : [this.only]);
  }

  /**
   * Reads the first bytes of a file.
   *
   * @param path the file
   * @param child what the walk saw
   * @param length how many bytes
   * @returns the bytes
   */
  async readStart(path: ByteString, child: ChildRecord, length: number): Promise<Uint8Array> {
    await using reader = new FsFileReader();
    return await readStart(length, (sink, signal) => reader.read(path, child, sink, signal));
  }

  /** Nothing is kept open. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  async #list(path: ByteString, exclude: WalkOptions["exclude"]): Promise<DirectoryRecord> {
    const names: ByteString[] = [];
    try {
      for await (const entry of Deno.readDir(toLocalPath(path))) {
        const name = fromText(entry.name);
        if (!exclude?.(join(path, name), entry.isDirectory)) names.push(name);
      }
    } catch (error) {
      const { message } = osError("list directory", toLocalPath(path), error);
      return { path, children: [], errors: [{ path, message }] };
    }
    return await this.#examine(path, names);
  }

  async #examine(directory: ByteString, names: ByteString[]): Promise<DirectoryRecord> {
    const record: DirectoryRecord = { path: directory, children: [], errors: [] };
    const seen = new Set<ByteString>();
    const examined = names.map(async (name) => {
      const path = join(directory, name);
      try {
        // Two names that are not UTF-8 may look the same here.
        if (seen.has(name)) throw new Error(NOT_UTF8);
        seen.add(name);
        record.children.push(await this.#child(path, name));
      } catch (error) {
        const text = toLocalPath(path);
        const lost = text.includes(REPLACEMENT) && osErrorName(error) === "ENOENT";
        const failure = osError("examine", text, lost ? new Error(NOT_UTF8) : error);
        record.errors.push({ path, message: failure.message });
      }
    });
    await Promise.all(examined);
    return record;
  }

  async #child(path: ByteString, name: ByteString): Promise<ChildRecord> {
    const text = toLocalPath(path);
    const info = this.#named(fileInfo(name, await lstat(text, { bigint: true })));
    if (!isSymlink(info.mode)) return { info };
    return { info, target: fromText(await Deno.readLink(text)) };
  }

  #named(info: FileInfo): FileInfo {
    info.username = this.#owners.user(info.uid);
    info.groupname = this.#owners.group(info.gid);
    return info;
  }
}

/** The runtime gives times in milliseconds, so the last six digits of `mtime` are zeros. */
function fileInfo(name: ByteString, stat: BigIntStats): FileInfo {
  return {
    name,
    size: Number(stat.size),
    mode: posixToGo(Number(stat.mode)),
    mtime: stat.mtimeNs,
    dev: stat.dev,
    ino: stat.ino,
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    nlink: Number(stat.nlink) & 0xffff,
    username: "" as ByteString,
    groupname: "" as ByteString,
  };
}
