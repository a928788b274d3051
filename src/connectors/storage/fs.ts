/** A store in a directory of this machine. */

import { dirname, join } from "@std/path";
import { forEachBounded } from "../../lib/concurrency.ts";
import { PlakarError } from "../../lib/errors.ts";
import { flushDirectory } from "../local/directory_flush.ts";
import { osError, osErrorName } from "../local/os_error.ts";
import { TemporaryFile, writeDurably } from "../local/temporary_file.ts";
import {
  BUCKETED,
  buckets,
  CONFIG_FILE,
  DIRECTORIES,
  isId,
  pathOf,
  TEMPORARY_PREFIX,
  temporaryDirectoryOf,
} from "./layout.ts";
import { OpenFiles } from "./open_files.ts";
import type { ByteRange, ResourceKind, Storage, StorageWriter } from "./storage.ts";

const PRIVATE = 0o700;
/** Bytes. A CONFIG has some hundreds. */
const LONGEST_CONFIG = 1024 * 1024;
/** Directories read or made at once. */
const PARALLEL_DIRECTORIES = 16;

/** The storage of `fs` locations. */
export class FsStorage implements Storage {
  /** The absolute path of the store. */
  readonly location: string;
  readonly #writers = new Set<TemporaryFile>();
  readonly #open = new OpenFiles();

  /**
   * Nothing is opened or looked at yet.
   *
   * @param path the absolute path of the store
   */
  constructor(path: string) {
    this.location = path;
  }

  /**
   * Creates the store; what a failed attempt has made is removed again.
   *
   * @param config the bytes of CONFIG
   */
  async create(config: Uint8Array): Promise<void> {
    const existed = await this.#refuseUnlessEmpty();
    const made: string[] = [];
    try {
      if (!existed) made.push(await makeWithParents(this.location));
      for (const kind of BUCKETED) {
        const directory = join(this.location, DIRECTORIES[kind]);
        await Deno.mkdir(directory, { mode: PRIVATE });
        made.push(directory);
        const make = (bucket: string) => Deno.mkdir(join(directory, bucket), { mode: PRIVATE });
        await forEachBounded(buckets(), PARALLEL_DIRECTORIES, make);
        await flushDirectory(directory);
      }
      const locks = join(this.location, DIRECTORIES.lock);
      await Deno.mkdir(locks, { mode: PRIVATE });
      made.push(locks);
      await this.#write(CONFIG_FILE, ".", config);
      if (!existed) await flushAbove(this.location, dirname(made[0]));
    } catch (error) {
      for (const path of made.reverse()) await Deno.remove(path, { recursive: true }).catch(() => {});
      throw osError("create store", this.location, error);
    }
  }

  /**
   * Reads CONFIG.
   *
   * @returns its bytes
   */
  async readConfig(): Promise<Uint8Array> {
    try {
      return await readConfigFile(join(this.location, CONFIG_FILE));
    } catch (error) {
      if (["ENOENT", "ENOTDIR"].includes(osErrorName(error) ?? "")) {
        const isFree = await this.#refuseUnlessEmpty().then(() => true, () => false);
        throw new PlakarError("no-store", `There is no repository at "${this.location}"`, {
          hint: isFree ? `To create one there: "plakar at ${this.location} create"` : undefined,
          cause: error,
        });
      }
      throw osError("open store", this.location, error);
    }
  }

  /**
   * Lists the ids of a kind, or fails.
   *
   * @param kind the kind of files
   * @returns their ids
   */
  async list(kind: ResourceKind): Promise<string[]> {
    const directory = join(this.location, DIRECTORIES[kind]);
    if (!BUCKETED.includes(kind)) return await idsIn(directory);
    const ids: string[] = [];
    const inside = await entriesOf(directory);
    const directories = inside.filter((entry) => entry.isDirectory).map(({ name }) => join(directory, name));
    await forEachBounded(directories, PARALLEL_DIRECTORIES, async (bucket) => {
      for (const id of await idsIn(bucket)) ids.push(id);
    });
    return ids;
  }

  /**
   * Reads a file or a range of it.
   *
   * @param kind the kind of file
   * @param id its id
   * @param range what to read of it, everything if not given
   * @param into where the range goes
   * @returns the bytes
   */
  async get(kind: ResourceKind, id: string, range?: ByteRange, into?: Uint8Array): Promise<Uint8Array> {
    const path = join(this.location, pathOf(kind, id));
    try {
      return await (range ? this.#open.read(path, range, into) : Deno.readFile(path));
    } catch (error) {
      const failure = osError(`read ${kind}`, path, error);
      const known = failure.code === "not-found" || failure.code === "unreadable";
      throw known ? failure : new PlakarError("unreadable", failure.message, { cause: error });
    }
  }

  /**
   * Writes a file.
   *
   * @param kind the kind of file
   * @param id its id
   * @param bytes its content
   */
  async put(kind: ResourceKind, id: string, bytes: Uint8Array): Promise<void> {
    await this.#write(pathOf(kind, id), temporaryDirectoryOf(kind), bytes);
  }

  /**
   * Begins a file.
   *
   * @param kind the kind of file
   * @param name gives its id when it is committed
   * @returns what writes it
   */
  async begin(kind: ResourceKind, name: () => string): Promise<StorageWriter> {
    const file = await TemporaryFile.create(
      join(this.location, temporaryDirectoryOf(kind)),
      TEMPORARY_PREFIX,
    );
    this.#writers.add(file);
    return {
      write: (bytes) => file.write(bytes),
      commit: async () => {
        const path = join(this.location, pathOf(kind, name()));
        await file.finish();
        await file.publish(path);
        this.#writers.delete(file);
        await flushDirectory(dirname(path));
      },
      abort: async () => {
        this.#writers.delete(file);
        await file.discard();
      },
    };
  }

  /**
   * Removes a file, if it is there.
   *
   * @param kind the kind of file
   * @param id its id
   */
  async delete(kind: ResourceKind, id: string): Promise<void> {
    const path = join(this.location, pathOf(kind, id));
    try {
      await Deno.remove(path);
    } catch (error) {
      if (osErrorName(error) !== "ENOENT") throw osError(`remove ${kind}`, path, error);
    }
  }

  /**
   * The sum of the sizes of all files.
   *
   * @returns bytes
   */
  async size(): Promise<number | undefined> {
    return await sizeOf(this.location);
  }

  /** Closes what is read, and removes the temporary files of writers that were neither committed nor aborted. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#open[Symbol.dispose]();
    const writers = [...this.#writers];
    this.#writers.clear();
    await Promise.all(writers.map((file) => file.discard()));
  }

  async #write(path: string, temporaryDirectory: string, bytes: Uint8Array): Promise<void> {
    const directory = join(this.location, temporaryDirectory);
    await writeDurably(join(this.location, path), bytes, { directory, prefix: TEMPORARY_PREFIX });
  }

  /** Returns whether the directory is there. */
  async #refuseUnlessEmpty(): Promise<boolean> {
    const refusal = (state: string) =>
      new PlakarError("exists", `Cannot create store "${this.location}": ${state}`, {
        hint: "Choose a path where nothing is, or an empty directory",
      });
    let first;
    try {
      for await (const entry of Deno.readDir(this.location)) {
        first = entry.name;
        break;
      }
    } catch (error) {
      if (osErrorName(error) === "ENOENT" && !(await isThere(this.location))) return false;
      if (osErrorName(error) === "ENOTDIR" && await isThere(this.location)) {
        throw refusal("something that is not a directory is there");
      }
      throw osError("create store", this.location, error);
    }
    if (first === undefined) return true;
    throw refusal(
      await isThere(join(this.location, CONFIG_FILE)) ? "there is one already" : "the directory is not empty",
    );
  }
}

/** Whatever is in its place, no more is read than a CONFIG may have. */
async function readConfigFile(path: string): Promise<Uint8Array> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(LONGEST_CONFIG + 1);
  let length = 0;
  while (length < bytes.length) {
    const read = await file.read(bytes.subarray(length));
    if (read === null) break;
    length += read;
  }
  if (length > LONGEST_CONFIG) throw new PlakarError("corrupt", "it has more than 1 MiB");
  return bytes.slice(0, length);
}

async function isThere(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

/** Makes a directory and returns the uppermost one that had to be made. */
async function makeWithParents(path: string): Promise<string> {
  let top = path;
  while (!(await isThere(dirname(top)))) top = dirname(top);
  try {
    await Deno.mkdir(path, { mode: PRIVATE, recursive: true });
  } catch (error) {
    throw osError("create directory", path, error);
  }
  return top;
}

/** Makes a new directory durable, with those above it that are new, too. */
async function flushAbove(path: string, top: string): Promise<void> {
  for (let above = dirname(path);; above = dirname(above)) {
    await flushDirectory(above);
    if (above === top) return;
  }
}

async function entriesOf(directory: string): Promise<Deno.DirEntry[]> {
  try {
    return await Array.fromAsync(Deno.readDir(directory));
  } catch (error) {
    throw osError("list", directory, error);
  }
}

async function idsIn(directory: string): Promise<string[]> {
  const entries = await entriesOf(directory);
  return entries.filter(({ name, isFile }) => isFile && isId(name)).map(({ name }) => name);
}

async function sizeOf(directory: string): Promise<number> {
  let size = 0;
  for (const { name, isDirectory, isFile } of await entriesOf(directory)) {
    const path = join(directory, name);
    if (isDirectory) size += await sizeOf(path);
    // A file may have gone since it was listed.
    else if (isFile) size += (await Deno.lstat(path).catch(() => undefined))?.size ?? 0;
  }
  return size;
}
