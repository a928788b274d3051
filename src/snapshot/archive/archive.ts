/** Writing a snapshot, or a part of it, as an archive that other programs unpack. */

import type { Entry } from "../../kloset/entry.ts";
import { isDirectory, isPipe, isRegular, isSymlink } from "../../kloset/file_mode.ts";
import type { KlosetObject } from "../../kloset/object.ts";
import { basename } from "../../lib/byte_path.ts";
import type { ByteString } from "../../lib/byte_string.ts";
import { toHex } from "../../lib/bytes.ts";
import { messageOf, PlakarError } from "../../lib/errors.ts";
import type { Snapshot } from "../snapshot.ts";
import type { ArchiveMember, ArchiveSink, ArchiveWriter } from "./archive_writer.ts";
import { DeflateStream } from "./deflate_stream.ts";
import { TarWriter } from "./tar_writer.ts";
import { ZipWriter } from "./zip_writer.ts";

/** The formats: tar, tar compressed with gzip, zip. */
export type ArchiveFormat = "tar" | "tarball" | "zip";

/** What an archive is made of, and what is told meanwhile. */
export interface ArchiveOptions {
  /** The snapshot. */
  snapshot: Snapshot;
  /** The path to begin at; links to it are followed. */
  path: ByteString;
  /** The format. */
  format: ArchiveFormat;
  /** Whether names begin at the path rather than at `/`. */
  rebase: boolean;
  /** Takes the archive's bytes. */
  sink: ArchiveSink;
  /**
   * Told of what could not be read. A file of which some was written already is in the archive, with zeros or
   * nothing in place of the rest.
   */
  failed: (path: ByteString, error: PlakarError) => void;
  /** Told of what the format has no place for. */
  skipped: (path: ByteString, why: string) => void;
  /** Stops the work. */
  signal?: AbortSignal;
}

/** What was written. */
export interface ArchiveResult {
  /** Members. */
  members: number;
  /** Bytes of content. */
  size: number;
}

/**
 * Writes an archive.
 *
 * @param options what and where
 * @returns what was written
 * @throws {PlakarError} `not-found` if there is nothing at the path; what the sink throws
 */
export async function archive(options: ArchiveOptions): Promise<ArchiveResult> {
  const { snapshot, format, sink, failed, signal } = options;
  const start = await snapshot.lookup(options.path);
  const gzip = format === "tarball" ? new DeflateStream("gzip", sink) : undefined;
  const out: ArchiveSink = gzip ? (bytes) => gzip.write(bytes) : sink;
  const writer = format === "zip" ? new ZipWriter(out) : new TarWriter(out);
  const run = new ArchiveRun(options, writer, start.path);
  for await (const { path, entry, error } of snapshot.walk(start.path)) {
    signal?.throwIfAborted();
    if (error) failed(path, error);
    if (entry) await run.add(path, entry);
  }
  await writer.finish();
  await gzip?.finish();
  return run.result;
}

class ArchiveRun {
  readonly result: ArchiveResult = { members: 0, size: 0 };
  readonly #options: ArchiveOptions;
  readonly #writer: ArchiveWriter;
  readonly #start: ByteString;
  /** Names of files with further links, by what makes them the same file. */
  readonly #linked = new Map<string, ByteString>();

  constructor(options: ArchiveOptions, writer: ArchiveWriter, start: ByteString) {
    this.#options = options;
    this.#writer = writer;
    this.#start = start;
  }

  async add(path: ByteString, entry: Entry): Promise<void> {
    const { info, symlinkTarget } = entry;
    const bare = { name: this.#nameOf(path, entry), info, target: "" as ByteString, size: 0 };
    if (isRegular(info.mode)) await this.#addFile(path, entry, bare.name);
    else if (isDirectory(info.mode)) await this.#addBare({ ...bare, type: "directory" });
    else if (isSymlink(info.mode)) await this.#addBare({ ...bare, type: "symlink", target: symlinkTarget });
    else if (isPipe(info.mode) && this.#writer.hasPipes) await this.#addBare({ ...bare, type: "pipe" });
    else this.#options.skipped(path, "archives of this format have no place for it");
  }

  async #addFile(path: ByteString, entry: Entry, name: ByteString): Promise<void> {
    const { failed, signal } = this.#options;
    const file = { name, info: entry.info, target: "" as ByteString };
    const earlier = this.#earlierLink(entry, name);
    if (earlier !== undefined) {
      return await this.#addBare({ ...file, type: "hardlink", target: earlier, size: 0 });
    }
    let object: KlosetObject | undefined;
    let pieces: AsyncGenerator<Uint8Array> | undefined;
    let next: IteratorResult<Uint8Array> = { done: true, value: undefined };
    try {
      object = entry.object && await this.#options.snapshot.object(entry.object);
      pieces = object && this.#options.snapshot.content(object);
      // What cannot be read at all is better left out than begun.
      if (pieces) next = await pieces.next();
    } catch (error) {
      signal?.throwIfAborted();
      return failed(path, asPlakarError(error));
    }
    const size = object?.chunks.reduce((sum, chunk) => sum + chunk.length, 0) ?? 0;
    await this.#writer.begin({ ...file, type: "file", size });
    while (!next.done) {
      signal?.throwIfAborted();
      await this.#writer.write(next.value);
      try {
        if (pieces) next = await pieces.next();
      } catch (error) {
        signal?.throwIfAborted();
        failed(path, asPlakarError(error));
        break;
      }
    }
    await this.#writer.end();
    this.result.members++;
    this.result.size += size;
  }

  async #addBare(member: ArchiveMember): Promise<void> {
    await this.#writer.begin(member);
    await this.#writer.end();
    this.result.members++;
  }

  /** The member that is the same file under another name, if there is one; otherwise this one is remembered. */
  #earlierLink({ info, object }: Entry, name: ByteString): ByteString | undefined {
    if (!this.#writer.hasHardLinks || info.nlink < 2 || info.ino === 0n || !object) return undefined;
    // Were the file written to while it was backed up, its names may have different contents.
    const key = `${info.dev}:${info.ino}:${toHex(object)}`;
    const earlier = this.#linked.get(key);
    if (earlier === undefined) this.#linked.set(key, name);
    return earlier;
  }

  #nameOf(path: ByteString, { info }: Entry): ByteString {
    const rebased = this.#options.rebase ? path.slice(this.#start.length) : path;
    const name = rebased.replace(/^\/+/, "") as ByteString;
    if (name !== "") return name;
    return isDirectory(info.mode) ? "." as ByteString : basename(path);
  }
}

function asPlakarError(error: unknown): PlakarError {
  return error instanceof PlakarError ? error : new PlakarError("io", messageOf(error), { cause: error });
}
