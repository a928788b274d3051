/** Several directories and files of one host as one source: what a snapshot of all of them is made from. */

import { emptyFileInfo, type FileInfo } from "../../kloset/file_info.ts";
import { MODE_DIRECTORY } from "../../kloset/file_mode.ts";
import { basename, dirname, isWithin, join } from "../../lib/byte_path.ts";
import { type ByteString, ROOT } from "../../lib/byte_string.ts";
import type { ChildRecord, DirectoryRecord } from "../record.ts";
import type { Importer, ReaderSpec, WalkOptions } from "./importer.ts";

/**
 * Sources of one host, reached in one way. As in plakar, the snapshot is of the deepest directory that holds
 * them all, and has nothing in it but them and the directories on the way to them. A source that lies in
 * another comes once, with the other.
 */
export class SeveralImporter implements Importer {
  /** The type of the sources. */
  readonly type: string;
  /** The host of the sources. */
  readonly origin: string;
  /** The deepest directory that holds all sources. */
  readonly root: ByteString;
  /** The one file or link that all of them are, if they are. */
  readonly only: ByteString | undefined;
  /** The precision of the sources. */
  readonly timePrecision: bigint;
  /** What a pipeline opens its reader from. */
  readonly readerSpec: ReaderSpec;
  readonly #opened: readonly Importer[];
  readonly #sources: readonly Importer[];

  /**
   * One importer of them all.
   *
   * @param sources one or more importers of the same host; disposed of with this one, the first last
   */
  constructor(sources: readonly Importer[]) {
    const [first] = sources;
    this.type = first.type;
    this.origin = first.origin;
    this.timePrecision = first.timePrecision;
    this.readerSpec = first.readerSpec;
    this.#opened = sources;
    this.#sources = withoutContained(sources);
    this.only = this.#sources.length === 1 ? this.#sources[0].only : undefined;
    this.root = this.#sources.map(({ root }) => root).reduce(commonDirectory);
  }

  /**
   * The root and what is above it.
   *
   * @returns metadata of those that can be examined
   */
  async ancestors(): Promise<{ path: ByteString; info: FileInfo }[]> {
    return (await this.#sources[0].ancestors()).filter(({ path }) => isWithin(this.root, path));
  }

  /**
   * Lists the tree: the directories on the way to the sources, then the sources.
   *
   * @param options what to leave out of the sources, and when to stop
   */
  async *walk(options: WalkOptions = {}): AsyncGenerator<DirectoryRecord> {
    yield* (await this.#way(options)).values();
    for (const source of this.#sources) if (source.only === undefined) yield* source.walk(options);
  }

  /**
   * Lists one directory of the tree.
   *
   * @param path the directory
   * @returns what a walk would yield for it
   */
  async list(path: ByteString): Promise<DirectoryRecord> {
    const source = this.#sources.find(({ only, root }) => only === undefined && isWithin(path, root));
    if (source) return await source.list(path);
    return (await this.#way({})).get(path) ?? { path, children: [], errors: [] };
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
    const source = this.#sources.find((source) => isWithin(path, placeOf(source))) ?? this.#sources[0];
    return await source.readStart(path, child, length);
  }

  /** Closes all sources; the others may use the connection of the first. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const source of this.#opened.toReversed()) await source[Symbol.asyncDispose]();
  }

  /** The directories from the root to the sources, each with what of it leads to one, parents first. */
  async #way({ exclude, signal }: WalkOptions): Promise<Map<ByteString, DirectoryRecord>> {
    const infos = new Map<ByteString, FileInfo>();
    for (const source of this.#sources) {
      for (const { path, info } of await source.ancestors()) infos.set(path, info);
    }
    const way = new Map<ByteString, DirectoryRecord>();
    const child = (path: ByteString) => ({ info: infos.get(path) ?? unknownDirectory(basename(path)) });
    const onTheWay = (path: ByteString): DirectoryRecord => {
      const known = way.get(path);
      if (known) return known;
      // Its parent first: that is the order in which they are listed.
      const parent = path === this.root ? undefined : onTheWay(dirname(path));
      parent?.children.push(child(path));
      const record: DirectoryRecord = { path, children: [], errors: [] };
      way.set(path, record);
      return record;
    };
    for (const source of this.#sources) {
      if (source.only !== undefined) {
        for await (const { path, children, errors } of source.walk({ exclude, signal })) {
          onTheWay(path).children.push(...children);
          onTheWay(path).errors.push(...errors);
        }
      } else if (source.root !== this.root) onTheWay(dirname(source.root)).children.push(child(source.root));
    }
    return way;
  }
}

/**
 * Where a source is: a directory, or the one file or link that it is.
 *
 * @param importer the source
 * @returns the path
 */
export function placeOf({ root, only }: Pick<Importer, "root" | "only">): ByteString {
  return only === undefined ? root : join(root, only);
}

/** The sources that are in no other one. */
function withoutContained(sources: readonly Importer[]): Importer[] {
  return sources.filter((source, i) =>
    !sources.some((other, j) => {
      if (i === j) return false;
      const [place, otherPlace] = [placeOf(source), placeOf(other)];
      return place === otherPlace ? j < i : other.only === undefined && isWithin(place, otherPlace);
    })
  );
}

function commonDirectory(a: ByteString, b: ByteString): ByteString {
  let common = a;
  while (common !== ROOT && !isWithin(b, common)) common = dirname(common);
  return common;
}

function unknownDirectory(name: ByteString): FileInfo {
  return { ...emptyFileInfo(), name, mode: (MODE_DIRECTORY | 0o750) >>> 0 };
}
