/**
 * From records and contents to a snapshot: entries, dirpacks, summaries, the six trees and the header.
 *
 * Directories are sealed as soon as all their files are stored, and summed up as soon as all directories
 * below them are; what stays in memory of a sealed directory is its path and two ids.
 */

import type { PathError } from "../connectors/record.ts";
import { bulkLoad, type SortedPairs } from "../kloset/btree_load.ts";
import { DirpackFrameType, DirpackWriter } from "../kloset/dirpack.ts";
import { encodeEntry, type Entry } from "../kloset/entry.ts";
import { encodeErrorItem } from "../kloset/error_item.ts";
import { isDirectory, isRegular, MODE_DIRECTORY } from "../kloset/file_mode.ts";
import { emptyFileInfo, type FileInfo } from "../kloset/file_info.ts";
import { encodeHeader, type Header } from "../kloset/header.ts";
import { compareBytes } from "../kloset/path_order.ts";
import { ResourceType } from "../kloset/resource.ts";
import { encodeSummary, type Summary } from "../kloset/summary.ts";
import { SummaryBuilder } from "../kloset/summary_builder.ts";
import { basename, dirname } from "../lib/byte_path.ts";
import { type ByteString, ROOT } from "../lib/byte_string.ts";
import { IndexTable } from "./index_table.ts";
import { type PathRow, PathTable } from "./path_table.ts";
import type { DirectoryEntry } from "./snapshot.ts";
import { ObjectBuilder, type ObjectContext, type StoredContent } from "./object_builder.ts";

const NOT_REGULAR = "application/x-not-regular-file" as ByteString;
const DIRPACK_TYPE = "application/octet-stream" as ByteString;
const NONE = "" as ByteString;
/** So many entries of a directory are stored before it is waited for the storage. */
const PUTS_AT_ONCE = 1024;

/** A child of a directory whose content, if it is a regular file, is stored. */
export interface SealedChild {
  /** Its metadata. */
  info: FileInfo;
  /** The target, of a symbolic link. */
  target?: ByteString;
  /** Its content, of a regular file. */
  content?: StoredContent;
}

/** The ids a header needs. */
export interface SnapshotRoots {
  /** The tree of entries. */
  root: Uint8Array;
  /** The tree of extended attributes. */
  xattrs: Uint8Array;
  /** The tree of errors. */
  errors: Uint8Array;
  /** The index by content type. */
  contentType: Uint8Array;
  /** The index of dirpacks. */
  dirpack: Uint8Array;
  /** The index of summaries. */
  summary: Uint8Array;
  /** The summary of `/`. */
  rootSummary: Summary;
}

/** A directory that waits for directories below it. */
interface OpenDirectory {
  path: ByteString;
  summary: SummaryBuilder;
  /** Summaries of directories below, as they come, by name. */
  below: Map<ByteString, Summary>;
  /** How many directories below are still awaited, `undefined` until it is sealed. */
  awaited: number | undefined;
}

/** What a snapshot is stored into. */
export interface BuilderContext extends ObjectContext {
  /**
   * Whether the repository had a blob before the snapshot was begun.
   *
   * @param type its resource type
   * @param mac its MAC
   */
  isStored(type: ResourceType, mac: Uint8Array): boolean;
}

/** Builds one snapshot. */
export class SnapshotBuilder {
  readonly #context: ObjectContext;
  /**
   * For what there is once in a snapshot: entries, because they hold their paths, and dirpacks of entries. Only what
   * the repository had before can be the same, so that nobody has to remember what was stored.
   */
  readonly #singular: ObjectContext;
  readonly #paths = new PathTable();
  readonly #dirpacks = new IndexTable();
  readonly #summaries = new IndexTable();
  readonly #errors = new Map<ByteString, string>();
  readonly #errorsIn = new Map<ByteString, number>();
  readonly #open = new Map<ByteString, OpenDirectory>();
  #rootSummary: Summary | undefined;

  /**
   * Begins an empty snapshot.
   *
   * @param context what is stored into
   */
  constructor(context: BuilderContext) {
    this.#context = context;
    const isNew = (type: ResourceType, mac: Uint8Array) => !context.isStored(type, mac);
    this.#singular = {
      ...context,
      known: { add: isNew, addObject: (object) => isNew(ResourceType.object, object) },
    };
  }

  /** How many errors were recorded. */
  get errorCount(): number {
    return this.#errors.size;
  }

  /**
   * Records that a path could not be read. The last error of a path wins. Errors of the children of a
   * directory must be recorded before the directory is sealed.
   *
   * @param error the path and why
   */
  addError(error: PathError): void {
    if (!this.#errors.has(error.path) && error.path !== ROOT) {
      const directory = dirname(error.path);
      this.#errorsIn.set(directory, (this.#errorsIn.get(directory) ?? 0) + 1);
    }
    this.#errors.set(error.path, error.message);
  }

  /**
   * Stores a directory whose children are all known and whose regular files are stored.
   *
   * @param path the directory's absolute path
   * @param children its children, sorted in place
   */
  async sealDirectory(path: ByteString, children: SealedChild[]): Promise<void> {
    children.sort((a, b) => a.info.name < b.info.name ? -1 : 1);
    const directory = this.#openDirectory(path);
    const dirpack = new DirpackWriter();
    const rows: PathRow[] = [];
    const stored: Promise<void>[] = [];
    for (const child of children) {
      const entry = entryOf(path, child);
      const bytes = encodeEntry(entry);
      const mac = this.#context.codec.mac.mac(bytes);
      const type = isDirectory(child.info.mode) ? DirpackFrameType.directory : DirpackFrameType.other;
      dirpack.add(type, bytes, mac);
      stored.push(this.#putEntry(mac, bytes));
      // What is stored faster than it is written piles up.
      if (stored.length === PUTS_AT_ONCE) await Promise.all(stored.splice(0));
      rows.push(rowOf(directory, entry, mac));
    }
    await Promise.all(stored);
    await this.#seal(directory, rows, await this.#storeDirpack(dirpack.take()));
  }

  /**
   * Takes a directory that the repository has, whose entries and dirpack are the same as in another snapshot.
   *
   * @param path the directory's absolute path
   * @param children its entries by name, for which {@linkcode isOfBuilder} holds
   * @param dirpack the id of the object that holds them together
   */
  async keepDirectory(
    path: ByteString,
    children: readonly DirectoryEntry[],
    dirpack: Uint8Array,
  ): Promise<void> {
    const directory = this.#openDirectory(path);
    const rows = children.map(({ entry, mac }) => rowOf(directory, entry, mac));
    await this.#seal(directory, rows, dirpack);
  }

  /**
   * Writes the trees. Every directory up to `/` must have been sealed.
   *
   * @param root the metadata of `/`
   * @returns what the header needs
   */
  async finish(root: FileInfo): Promise<SnapshotRoots> {
    const bytes = encodeEntry(entryOf(ROOT, { info: { ...root, name: ROOT } }));
    const mac = this.#context.codec.mac.mac(bytes);
    await this.#putEntry(mac, bytes);
    if (!this.#rootSummary) throw new Error("the root directory was never sealed");

    const errors = new IndexTable();
    for (const [path, message] of this.#errors) {
      const item = encodeErrorItem({ path, message });
      const id = this.#context.codec.mac.mac(item);
      await this.#put(ResourceType.errorEntry, id, item);
      errors.add(path, id);
    }
    for (const table of [errors, this.#dirpacks, this.#summaries]) table.sort(compareBytes);
    const { vfsBtree, vfsNode, errorBtree, errorNode, xattrBtree, xattrNode, btreeRoot, btreeNode } =
      ResourceType;
    return {
      root: await this.#writeTree(vfsBtree, vfsNode, this.#paths.byPath(mac)),
      errors: await this.#writeTree(errorBtree, errorNode, errors),
      xattrs: await this.#writeTree(xattrBtree, xattrNode, new IndexTable()),
      contentType: await this.#writeTree(btreeRoot, btreeNode, this.#paths.byContentType()),
      dirpack: await this.#writeTree(btreeRoot, btreeNode, this.#dirpacks),
      summary: await this.#writeTree(btreeRoot, btreeNode, this.#summaries),
      rootSummary: this.#rootSummary,
    };
  }

  /**
   * Stores the header: the last blob of a snapshot.
   *
   * @param header the header, complete
   */
  async storeHeader(header: Header): Promise<void> {
    await this.#context.packer.put(ResourceType.snapshot, header.identifier, encodeHeader(header));
  }

  #openDirectory(path: ByteString): OpenDirectory {
    let directory = this.#open.get(path);
    if (!directory) {
      directory = { path, summary: new SummaryBuilder(), below: new Map(), awaited: undefined };
      this.#open.set(path, directory);
    }
    return directory;
  }

  async #seal(directory: OpenDirectory, rows: PathRow[], dirpack: Uint8Array): Promise<void> {
    const { path } = directory;
    this.#paths.addDirectory(path, rows);
    this.#dirpacks.add(path, dirpack);
    directory.awaited = rows.filter(({ contentType }) => contentType === undefined).length;
    await this.#closeIfComplete(directory);
  }

  async #closeIfComplete(directory: OpenDirectory): Promise<void> {
    if (directory.awaited === undefined || directory.below.size < directory.awaited) return;
    const { path } = directory;
    this.#open.delete(path);
    for (const name of [...directory.below.keys()].sort()) {
      const below = directory.below.get(name);
      if (below) directory.summary.addDirectory(below);
    }
    directory.summary.addErrors(this.#errorsIn.get(path) ?? 0);
    const summary = directory.summary.finish();
    const bytes = encodeSummary(summary);
    const mac = this.#context.codec.mac.mac(bytes);
    this.#summaries.add(path, mac);
    await this.#put(ResourceType.vfsSummary, mac, bytes);
    if (path === ROOT) {
      this.#rootSummary = summary;
      return;
    }
    const parent = this.#openDirectory(dirname(path));
    parent.below.set(basename(path), summary);
    await this.#closeIfComplete(parent);
  }

  async #storeDirpack(content: Uint8Array): Promise<Uint8Array> {
    const context = content.length > 0 ? this.#singular : this.#context;
    using builder = new ObjectBuilder(context, content.length, DIRPACK_TYPE);
    await builder.add(content);
    return (await builder.finish()).object;
  }

  async #writeTree(
    rootType: ResourceType,
    nodeType: ResourceType,
    pairs: SortedPairs,
  ): Promise<Uint8Array> {
    let root: Uint8Array = new Uint8Array(0);
    for (const { kind, mac, bytes } of bulkLoad(pairs, (data) => this.#context.codec.mac.mac(data))) {
      await this.#put(kind === "root" ? rootType : nodeType, mac, bytes);
      if (kind === "root") root = mac;
    }
    return root;
  }

  async #putEntry(mac: Uint8Array, bytes: Uint8Array): Promise<void> {
    if (this.#singular.known.add(ResourceType.vfsEntry, mac)) {
      await this.#context.packer.put(ResourceType.vfsEntry, mac, bytes);
    }
  }

  async #put(type: ResourceType, mac: Uint8Array, bytes: Uint8Array): Promise<void> {
    if (this.#context.known.add(type, mac)) await this.#context.packer.put(type, mac, bytes);
  }
}

/** The row of an entry in the table of paths; what is no directory is summed up at once. */
function rowOf({ summary }: OpenDirectory, entry: Entry, mac: Uint8Array): PathRow {
  const { name, mode } = entry.info;
  if (isDirectory(mode)) return { name, mac };
  summary.addFile(entry);
  return { name, mac, contentType: entry.contentType.split(";", 1)[0] };
}

/**
 * Whether an entry has nothing but what entries of this builder have.
 *
 * @param entry the entry of another snapshot
 * @returns false if it has attributes, or is described in another way
 */
export function isOfBuilder(entry: Entry): boolean {
  const { info, object, contentType, chunks, entropy, extendedAttributes, unused } = entry;
  if (extendedAttributes.length > 0 || unused !== undefined) return false;
  if (isRegular(info.mode)) return object !== undefined;
  const expected = isDirectory(info.mode) ? NONE : NOT_REGULAR;
  return object === undefined && contentType === expected && chunks === 0 && entropy === 0;
}

function entryOf(directory: ByteString, { info, target, content }: SealedChild): Entry {
  const isPlain = isDirectory(info.mode) || isRegular(info.mode);
  return {
    parentPath: directory,
    info,
    symlinkTarget: target ?? NONE,
    object: content?.object,
    contentType: content?.contentType ?? (isPlain ? NONE : NOT_REGULAR),
    entropy: content?.entropy ?? 0,
    chunks: content?.chunks ?? 0,
    extendedAttributes: [],
  };
}

/**
 * The metadata plakar gives to a directory that nobody described.
 *
 * @param name its base name
 * @returns mode 0750, no times, no owner
 */
export function syntheticDirectory(name: ByteString): FileInfo {
  return { ...emptyFileInfo(), name, mode: (MODE_DIRECTORY | 0o750) >>> 0, mtime: 0n };
}
