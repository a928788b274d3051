/** A snapshot as it is read: its header, its entries, the contents of its files. */

import { DirpackReader } from "../kloset/dirpack.ts";
import { decodeEntry, type Entry } from "../kloset/entry.ts";
import { decodeErrorItem } from "../kloset/error_item.ts";
import { isDirectory, isSymlink } from "../kloset/file_mode.ts";
import { decodeHeader, type Header } from "../kloset/header.ts";
import { macKey } from "../kloset/mac.ts";
import type { KlosetObject } from "../kloset/object.ts";
import { compareBytes, comparePaths } from "../kloset/path_order.ts";
import { ResourceType } from "../kloset/resource.ts";
import { clean, dirname, isWithin, join } from "../lib/byte_path.ts";
import { type ByteString, display, ROOT } from "../lib/byte_string.ts";
import { toHex } from "../lib/bytes.ts";
import { isPlakarError, messageOf, PlakarError } from "../lib/errors.ts";
import type { Repository } from "../repository/repository.ts";
import type { PathError } from "../connectors/record.ts";
import { readChunks, readContent, readObject } from "./content_reader.ts";
import { TreeReader } from "./tree_reader.ts";

/** As many symbolic links as the kernel follows in one path. */
const MAX_LINKS = 40;

/** An entry of a directory, with the id it has in the trees. */
export interface DirectoryEntry {
  /** The entry. */
  entry: Entry;
  /** Its id: the MAC of its bytes. */
  mac: Uint8Array;
}

/** The entries of a directory, as the snapshot has them. */
export interface Listing {
  /** They, by name. */
  children: DirectoryEntry[];
  /** The id of the object that holds them together, `undefined` before 1.0.3. */
  dirpack: Uint8Array | undefined;
}

/** What a walk meets. */
export interface WalkedEntry {
  /** The entry's absolute path. */
  path: ByteString;
  /** The entry, `undefined` if the directory at this path could not be read. */
  entry?: Entry;
  /** Why a directory could not be read. */
  error?: PlakarError;
}

/** A directory that a walk is in. */
interface WalkLevel {
  path: ByteString;
  children: DirectoryEntry[];
  next: number;
  error?: PlakarError;
}

/** One snapshot of a repository. */
export class Snapshot {
  /** The repository it is in. */
  readonly repository: Repository;
  /** Its header. */
  readonly header: Header;
  #vfs: Promise<TreeReader> | undefined;
  #dirpacks: Promise<TreeReader | undefined> | undefined;

  /**
   * Takes a header for a snapshot; {@linkcode Snapshot.load} reads it.
   *
   * @param repository the repository it is in
   * @param header its header
   */
  constructor(repository: Repository, header: Header) {
    this.repository = repository;
    this.header = header;
  }

  /**
   * Loads a snapshot.
   *
   * @param repository where it is
   * @param id its identifier
   * @returns the snapshot
   */
  static async load(repository: Repository, id: Uint8Array): Promise<Snapshot> {
    return Snapshot.of(repository, id, await repository.readBlob(ResourceType.snapshot, id));
  }

  /**
   * Takes the blob of a snapshot's header.
   *
   * @param repository where it is
   * @param id its identifier
   * @param blob the plain blob
   * @returns the snapshot
   * @throws {PlakarError} `corrupt` if it is not its header
   */
  static of(repository: Repository, id: Uint8Array, blob: Uint8Array): Snapshot {
    const header = decodeHeader(blob);
    if (header.sources.length === 0 || macKey(header.identifier) !== macKey(id)) {
      throw new PlakarError("corrupt", `Cannot read snapshot "${toHex(id)}": its header is not its own`);
    }
    return new Snapshot(repository, header);
  }

  /** The first eight digits of its identifier, as it is shown everywhere. */
  get shortId(): string {
    return toHex(this.header.identifier).slice(0, 8);
  }

  /** The directory it was made from. */
  get directory(): ByteString {
    return clean(this.header.sources[0].importer.directory);
  }

  /**
   * A path given by a person: relative to the directory the snapshot was made from.
   *
   * @param path as given, perhaps empty
   * @returns the absolute path
   */
  resolve(path: ByteString = "" as ByteString): ByteString {
    return clean(path, this.directory);
  }

  /**
   * Looks an entry up; symbolic links on the way and at the end are followed.
   *
   * @param path its absolute path
   * @returns where it really is, and the entry
   * @throws {PlakarError} `not-found` if there is none
   */
  async lookup(path: ByteString): Promise<{ path: ByteString; entry: Entry }> {
    let at = path;
    for (let links = 0; links <= MAX_LINKS; links++) {
      const entry = await this.entry(at);
      if (entry && !isSymlink(entry.info.mode)) return { path: at, entry };
      const followed = entry ? clean(entry.symlinkTarget, dirname(at)) : await this.#followParents(at);
      if (followed === undefined) break;
      at = followed;
    }
    throw this.#notFound(path);
  }

  /**
   * The entry at a path; links are not followed.
   *
   * @param path its absolute path
   * @returns the entry, `undefined` if there is none
   */
  async entry(path: ByteString): Promise<Entry | undefined> {
    const mac = await (await this.#vfsTree()).get(path);
    if (!mac) return undefined;
    try {
      return decodeEntry(await this.repository.readBlob(ResourceType.vfsEntry, mac));
    } catch (error) {
      if (!isPlakarError(error, "corrupt") || path === ROOT) throw error;
      // plakar sometimes names entries it never stored; the dirpack of the directory has a copy.
      for (const child of await this.children(dirname(path))) {
        if (join(child.entry.parentPath, child.entry.info.name) === path) return child.entry;
      }
      throw error;
    }
  }

  /**
   * The entries of a directory, by name.
   *
   * @param directory its absolute path
   * @returns its children
   */
  async children(directory: ByteString): Promise<DirectoryEntry[]> {
    const listing = await this.listing(directory);
    if (listing) return listing.children;
    throw new PlakarError(
      "corrupt",
      `Cannot list "${display(directory)}": the snapshot has no dirpack of it`,
    );
  }

  /**
   * The entries of a directory, if the snapshot knows it.
   *
   * @param directory its absolute path
   * @returns its children, `undefined` if there is no such directory
   */
  async listing(directory: ByteString): Promise<Listing | undefined> {
    const dirpacks = await this.#dirpackTree();
    if (!dirpacks) return { children: await this.#scanChildren(directory), dirpack: undefined };
    const mac = await dirpacks.get(directory);
    if (!mac) return undefined;
    const entries: DirectoryEntry[] = [];
    const frames = new DirpackReader();
    for await (const piece of readChunks(this.repository.blobReader, await this.object(mac))) {
      for (const frame of frames.push(piece)) {
        const entry = decodeEntry(frame.entry);
        if (entry.parentPath !== directory) {
          throw new PlakarError("corrupt", `Cannot list "${display(directory)}": its dirpack is another's`);
        }
        entries.push({ entry, mac: frame.mac.slice() });
      }
    }
    frames.finish();
    if (new Set(entries.map(({ entry }) => entry.info.name)).size < entries.length) {
      throw new PlakarError("corrupt", `Cannot list "${display(directory)}": it has the same name twice`);
    }
    return { children: entries, dirpack: mac };
  }

  /**
   * Every path of the snapshot.
   *
   * @yields absolute paths in the order of the tree of entries: those with fewer slashes first
   */
  async *paths(): AsyncGenerator<ByteString> {
    for await (const [path] of (await this.#vfsTree()).scan(ROOT)) yield path;
  }

  /**
   * Walks a tree depth first, directories before what is in them. Links are not followed.
   *
   * @param path the absolute path to begin at
   * @yields every entry with its path, the first included; directories that cannot be read as errors
   */
  async *walk(path: ByteString): AsyncGenerator<WalkedEntry> {
    const first = await this.entry(path);
    if (!first) throw this.#notFound(path);
    yield { path, entry: first };
    if (isDirectory(first.info.mode)) yield* this.#walkBelow(path);
  }

  async *#walkBelow(directory: ByteString): AsyncGenerator<WalkedEntry> {
    const stack = [await this.#level(directory)];
    for (let level = stack.at(-1); level; level = stack.at(-1)) {
      if (level.error && level.next === 0) yield { path: level.path, error: level.error };
      const child = level.children[level.next++];
      if (!child) {
        stack.pop();
        continue;
      }
      const path = join(level.path, child.entry.info.name);
      yield { path, entry: child.entry };
      if (isDirectory(child.entry.info.mode)) stack.push(await this.#level(path));
    }
  }

  async #level(path: ByteString): Promise<WalkLevel> {
    try {
      return { path, children: await this.children(path), next: 0 };
    } catch (error) {
      const failure = error instanceof PlakarError ? error : new PlakarError("io", messageOf(error));
      return { path, children: [], next: 0, error: failure };
    }
  }

  /**
   * An object.
   *
   * @param mac its id
   * @returns the object
   */
  object(mac: Uint8Array): Promise<KlosetObject> {
    return readObject(this.repository.blobReader, mac);
  }

  /**
   * The content that an object describes, verified.
   *
   * @param object the object
   * @returns the bytes of each chunk, not to be changed
   */
  content(object: KlosetObject): AsyncGenerator<Uint8Array> {
    return readContent(this.repository.blobReader, object);
  }

  /**
   * The errors the backup recorded.
   *
   * @param below the directory of interest
   * @yields path and message
   */
  async *errors(below: ByteString = ROOT): AsyncGenerator<PathError> {
    const tree = await TreeReader.open(
      this.repository,
      ResourceType.errorBtree,
      ResourceType.errorNode,
      this.header.sources[0].root.errors,
      compareBytes,
    );
    for await (const [path, mac] of tree.scan(ROOT)) {
      if (!isWithin(path, below)) continue;
      const item = decodeErrorItem(await this.repository.readBlob(ResourceType.errorEntry, mac));
      yield item;
    }
  }

  #notFound(path: ByteString): PlakarError {
    return new PlakarError("not-found", `Cannot find "${display(path)}" in snapshot ${this.shortId}`, {
      hint: `"plakar ls -recursive ${this.shortId}" lists what is in it`,
    });
  }

  #vfsTree(): Promise<TreeReader> {
    const { vfsBtree, vfsNode } = ResourceType;
    const { root } = this.header.sources[0].root;
    return this.#vfs ??= TreeReader.open(this.repository, vfsBtree, vfsNode, root, comparePaths);
  }

  /** 1.0.x before 1.0.3 had no dirpacks. */
  #dirpackTree(): Promise<TreeReader | undefined> {
    return this.#dirpacks ??= (async () => {
      const index = this.header.sources[0].indexes.find((index) => index.name === "dirpack");
      if (!index) return undefined;
      const { btreeRoot, btreeNode } = ResourceType;
      return await TreeReader.open(this.repository, btreeRoot, btreeNode, index.value, compareBytes);
    })();
  }

  async #scanChildren(directory: ByteString): Promise<DirectoryEntry[]> {
    const prefix = directory === "/" ? "/" : directory + "/";
    const entries: DirectoryEntry[] = [];
    for await (const [path, mac] of (await this.#vfsTree()).scan(prefix as ByteString)) {
      if (path === ROOT) continue;
      if (!path.startsWith(prefix) || path.includes("/", prefix.length)) break;
      const entry = decodeEntry(await this.repository.readBlob(ResourceType.vfsEntry, mac));
      entries.push({ entry, mac });
    }
    return entries;
  }

  /** The path with the nearest link among its parents followed, `undefined` if there is none. */
  async #followParents(path: ByteString): Promise<ByteString | undefined> {
    for (let parent = dirname(path); parent !== ROOT; parent = dirname(parent)) {
      const entry = await this.entry(parent);
      if (!entry) continue;
      if (!isSymlink(entry.info.mode)) return undefined;
      const target = clean(entry.symlinkTarget, dirname(parent));
      return clean(path.slice(parent.length + 1) as ByteString, target);
    }
    return undefined;
  }
}
