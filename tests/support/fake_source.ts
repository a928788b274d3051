/** A tree in memory that snapshots can be made from. */

import type {
  FileReader,
  Importer,
  ReaderSpec,
  WalkOptions,
} from "../../src/connectors/importer/importer.ts";
import { ensureFound } from "../../src/connectors/importer/walk_tree.ts";
import type { ChildRecord, DirectoryRecord } from "../../src/connectors/record.ts";
import type { FileInfo } from "../../src/kloset/file_info.ts";
import { isDirectory, MODE_DIRECTORY, MODE_SYMLINK } from "../../src/kloset/file_mode.ts";
import { basename, dirname, join } from "../../src/lib/byte_path.ts";
import { type ByteString, fromText, ROOT } from "../../src/lib/byte_string.ts";
import { PlakarError } from "../../src/lib/errors.ts";

interface FakeNode {
  record: ChildRecord;
  content: Uint8Array;
  error?: string | PlakarError;
}

/** A tree. Paths are relative to its root, or `.` for the root itself; strings are taken as bytes. */
export class FakeSource {
  /** The absolute path of its root. */
  readonly root: ByteString;
  /** The paths whose content was read, in order. */
  readonly reads: string[] = [];
  /** How large the pieces are in which contents are read. */
  pieceSize = 64 * 1024;
  /** Whether ancestors of the root can be examined. */
  describesAncestors = true;
  /** Asked before every piece is given. */
  beforePiece: (path: ByteString) => void | Promise<void> = () => {};
  readonly #nodes = new Map<ByteString, FakeNode>();
  readonly #children = new Map<ByteString, Set<ByteString>>();
  readonly #listingErrors = new Map<ByteString, string>();

  constructor(root: string) {
    this.root = root as ByteString;
    this.directory(".");
  }

  /** Adds or replaces a regular file, and the directories above it. */
  file(path: string, content: string | Uint8Array, changes: Partial<FileInfo> = {}): this {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    return this.#add(path, { mode: 0o644, size: bytes.length, ...changes }, bytes);
  }

  /** Adds a directory. */
  directory(path: string, changes: Partial<FileInfo> = {}): this {
    return this.#add(path, { mode: (MODE_DIRECTORY | 0o755) >>> 0, ...changes });
  }

  /** Adds a symbolic link. */
  link(path: string, target: string, changes: Partial<FileInfo> = {}): this {
    const mode = (MODE_SYMLINK | 0o777) >>> 0;
    this.#add(path, { mode, size: target.length, ...changes });
    this.node(path).record.target = target as ByteString;
    return this;
  }

  /** Adds a pipe, socket or device. */
  special(path: string, mode: number): this {
    return this.#add(path, { mode: (mode | 0o600) >>> 0 });
  }

  /** Removes a file, a link or an empty directory. */
  remove(path: string): this {
    const absolute = this.at(path);
    this.#nodes.delete(absolute);
    this.#children.get(dirname(absolute))?.delete(basename(absolute));
    return this;
  }

  /** Lets reading a file fail. */
  failRead(path: string, error: string | PlakarError): this {
    this.node(path).error = error;
    return this;
  }

  /** Lets listing a directory fail. */
  failListing(path: string, message: string): this {
    this.#listingErrors.set(this.at(path), message);
    return this;
  }

  /** The absolute path of a relative one. */
  at(path: string): ByteString {
    return path === "." ? this.root : join(this.root, path as ByteString);
  }

  /** What is at a path. */
  node(path: string): FakeNode {
    const node = this.#nodes.get(this.at(path));
    if (!node) throw new Error(`nothing at ${path}`);
    return node;
  }

  /** An importer of the tree; one file of it if `only` names it. */
  importer(options: { type?: string; origin?: string; only?: string } = {}): Importer {
    const only = options.only === undefined ? undefined : this.at(options.only);
    const root = only === undefined ? this.root : dirname(only);
    return {
      type: options.type ?? "sftp",
      origin: options.origin ?? "server",
      root,
      timePrecision: 1_000_000_000n,
      readerSpec: { protocol: "fs" } satisfies ReaderSpec,
      ancestors: () => Promise.resolve(this.#ancestors(root)),
      only: only === undefined ? undefined : basename(only),
      walk: (walkOptions) => this.#walk(root, only, walkOptions ?? {}),
      list: (path) => Promise.resolve(this.#list(path, only)),
      readStart: (path, _child, length) => {
        this.reads.push(path);
        return Promise.resolve(this.#nodes.get(path)?.content.slice(0, length) ?? new Uint8Array(0));
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }

  /** A reader of its files. */
  reader(parallelism = 4): FileReader {
    return {
      parallelism,
      read: async (path, child, sink, signal) => {
        this.reads.push(path);
        const node = this.#nodes.get(path);
        if (!node) throw new PlakarError("not-found", `Cannot read "${path}": it is not there any more`);
        let size = 0;
        for (; size < node.content.length; size += this.pieceSize) {
          signal?.throwIfAborted();
          await this.beforePiece(path);
          const piece = node.content.slice(size, size + this.pieceSize);
          const pause = sink(piece);
          if (pause) await pause;
          piece.fill(0xee);
          if (node.error) break;
        }
        if (node.error) throw typeof node.error === "string" ? new Error(node.error) : node.error;
        return { size: node.content.length, changed: node.content.length !== child.info.size };
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }

  async *#walk(
    root: ByteString,
    only: ByteString | undefined,
    { exclude, prune, signal }: WalkOptions,
  ): AsyncGenerator<DirectoryRecord> {
    const waiting = [root];
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      signal?.throwIfAborted();
      await Promise.resolve();
      const record = this.#list(path, only, exclude);
      if (path === root) ensureFound(record);
      await prune?.(record);
      for (const { info } of record.children) if (isDirectory(info.mode)) waiting.push(join(path, info.name));
      yield record;
    }
  }

  #list(path: ByteString, only?: ByteString, exclude?: WalkOptions["exclude"]): DirectoryRecord {
    const failure = this.#listingErrors.get(path);
    if (failure !== undefined) return { path, children: [], errors: [{ path, message: failure }] };
    const record: DirectoryRecord = { path, children: [], errors: [] };
    for (const name of this.#children.get(path) ?? []) {
      const at = join(path, name);
      const child = this.#nodes.get(at)?.record;
      if (!child || (only !== undefined && at !== only)) continue;
      if (exclude?.(at, isDirectory(child.info.mode))) continue;
      record.children.push({ info: { ...child.info }, target: child.target });
    }
    return record;
  }

  #ancestors(root: ByteString): { path: ByteString; info: FileInfo }[] {
    const paths = [root];
    while (this.describesAncestors && paths[0] !== ROOT) paths.unshift(dirname(paths[0]));
    return paths.map((path) => ({
      path,
      info: this.#nodes.get(path)?.record.info ?? infoOf(path, { mode: (MODE_DIRECTORY | 0o711) >>> 0 }),
    }));
  }

  #add(path: string, changes: Partial<FileInfo>, content: Uint8Array = new Uint8Array(0)): this {
    const absolute = this.at(path);
    if (absolute !== this.root && !this.#nodes.has(dirname(absolute))) {
      this.directory(dirname(absolute).slice(this.root === "/" ? 1 : this.root.length + 1));
    }
    this.#nodes.set(absolute, { record: { info: infoOf(absolute, changes) }, content });
    const siblings = this.#children.get(dirname(absolute)) ?? new Set();
    if (absolute !== this.root) this.#children.set(dirname(absolute), siblings.add(basename(absolute)));
    return this;
  }
}

function infoOf(path: ByteString, changes: Partial<FileInfo>): FileInfo {
  return {
    name: basename(path),
    size: 0,
    mode: 0o644,
    mtime: 1_600_000_000_000_000_000n,
    dev: 0n,
    ino: 0n,
    uid: 1000,
    gid: 1001,
    nlink: 1,
    username: fromText("alice"),
    groupname: fromText("users"),
    ...changes,
  };
}
