/** A directory or file as it is now, here or on a server, as one side of a comparison. */

import type { FileReader, Importer } from "../../connectors/importer/importer.ts";
import { openFileReader } from "../../connectors/importer/open_file_reader.ts";
import type { DirectoryRecord } from "../../connectors/record.ts";
import { join } from "../../lib/byte_path.ts";
import type { ByteString } from "../../lib/byte_string.ts";
import { display } from "../../lib/byte_string.ts";
import { PlakarError } from "../../lib/errors.ts";
import type { ComparedDirectory, ComparedEntry, ComparedSide } from "./compared_side.ts";

/** Where a live side reads from. */
export interface LiveSource {
  /** Lists directories. */
  importer: Importer;
  /** Told what a person should know. */
  warn: (message: string) => void;
  /** Opens what reads files; the importer's own reader if omitted. */
  openReader?: () => Promise<FileReader>;
}

/** The side. Disposing of it closes the reader, not the importer. */
export class LiveSide implements ComparedSide, AsyncDisposable {
  /** What comparisons begin with. */
  readonly root: ComparedEntry;
  /** What the importer's times are good for. */
  readonly timePrecision: bigint;
  readonly #importer: Importer;
  readonly #openReader: () => Promise<FileReader>;
  readonly #listings = new Map<ByteString, Promise<DirectoryRecord>>();
  #reader: Promise<FileReader> | undefined;

  private constructor({ importer, warn, openReader }: LiveSource, root: ComparedEntry) {
    this.#importer = importer;
    this.#openReader = openReader ?? (() => openFileReader(importer.readerSpec, warn));
    this.timePrecision = importer.timePrecision;
    this.root = root;
  }

  /**
   * Examines where a comparison begins.
   *
   * @param source where it reads from
   * @returns the side
   */
  static async open(source: LiveSource): Promise<LiveSide> {
    return new LiveSide(source, await rootOf(source.importer));
  }

  /**
   * Lists a directory.
   *
   * @param path the directory
   * @returns what is in it
   */
  async list(path: ByteString): Promise<ComparedDirectory> {
    const listing = this.#listings.get(path) ?? this.#importer.list(path);
    this.#listings.delete(path);
    const { children, errors } = await listing;
    const entries = children.map(({ info, target }) => ({
      path: join(path, info.name),
      info,
      target: target ?? "" as ByteString,
    }));
    return {
      entries,
      errors: errors.map(({ path, message }) => ({ path, error: new PlakarError("unreadable", message) })),
    };
  }

  /**
   * Lists a directory beforehand.
   *
   * @param path the directory
   */
  prefetch(path: ByteString): void {
    if (this.#listings.has(path)) return;
    const listing = this.#importer.list(path);
    listing.catch(() => {});
    this.#listings.set(path, listing);
  }

  /** Nothing is known without reading. */
  contentMac(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /**
   * Reads a file.
   *
   * @param entry the file
   * @param sink takes the pieces
   * @param signal stops reading
   */
  async read(entry: ComparedEntry, sink: (piece: Uint8Array) => void, signal?: AbortSignal): Promise<void> {
    this.#reader ??= this.#openReader();
    await (await this.#reader).read(entry.path, { info: entry.info }, sink, signal);
  }

  /** Closes the reader. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#listings.values());
    const reader = await this.#reader?.catch(() => undefined);
    await reader?.[Symbol.asyncDispose]();
  }
}

async function rootOf(importer: Importer): Promise<ComparedEntry> {
  const { root, only } = importer;
  if (only === undefined) {
    const own = (await importer.ancestors()).find(({ path }) => path === root);
    if (own) return { path: root, info: own.info, target: "" as ByteString };
    throw new PlakarError("io", `Cannot examine "${display(root)}"`);
  }
  const { children: [child], errors: [error] } = await importer.list(root);
  if (child) return { path: join(root, only), info: child.info, target: child.target ?? "" as ByteString };
  throw new PlakarError("io", error?.message ?? `Cannot examine "${display(join(root, only))}"`);
}
