/** A snapshot as one side of a comparison. */

import type { Entry } from "../../kloset/entry.ts";
import { join } from "../../lib/byte_path.ts";
import type { ByteString } from "../../lib/byte_string.ts";
import { PlakarError } from "../../lib/errors.ts";
import type { Snapshot } from "../snapshot.ts";
import type { ComparedDirectory, ComparedEntry, ComparedSide } from "./compared_side.ts";

/** The side. */
export class SnapshotSide implements ComparedSide {
  /** What comparisons begin with. */
  readonly root: ComparedEntry;
  /** Snapshots keep nanoseconds. */
  readonly timePrecision = 1n;
  readonly #snapshot: Snapshot;

  private constructor(snapshot: Snapshot, root: ComparedEntry) {
    this.#snapshot = snapshot;
    this.root = root;
  }

  /**
   * Looks up where a comparison begins.
   *
   * @param snapshot the snapshot
   * @param path the absolute path; links are followed
   * @returns the side
   * @throws {PlakarError} `not-found` if there is nothing
   */
  static async open(snapshot: Snapshot, path: ByteString): Promise<SnapshotSide> {
    const found = await snapshot.lookup(path);
    return new SnapshotSide(snapshot, comparedEntry(found.path, found.entry));
  }

  /**
   * Lists a directory.
   *
   * @param path the directory
   * @returns what is in it
   */
  async list(path: ByteString): Promise<ComparedDirectory> {
    try {
      const children = await this.#snapshot.children(path);
      return {
        entries: children.map(({ entry }) => comparedEntry(join(path, entry.info.name), entry)),
        errors: [],
      };
    } catch (error) {
      if (!(error instanceof PlakarError)) throw error;
      return { entries: [], errors: [{ path, error }] };
    }
  }

  /** Snapshots are near enough. */
  prefetch(): void {}

  /**
   * The MAC of a file's content.
   *
   * @param entry the file
   * @returns its MAC
   */
  async contentMac(entry: ComparedEntry): Promise<Uint8Array | undefined> {
    if (!entry.object) return this.#snapshot.repository.codec.mac.mac(new Uint8Array(0));
    return (await this.#snapshot.object(entry.object)).contentMac;
  }

  /**
   * Reads a file.
   *
   * @param entry the file
   * @param sink takes the pieces
   * @param signal stops reading
   */
  async read(entry: ComparedEntry, sink: (piece: Uint8Array) => void, signal?: AbortSignal): Promise<void> {
    if (!entry.object) return;
    for await (const piece of this.#snapshot.content(await this.#snapshot.object(entry.object))) {
      signal?.throwIfAborted();
      sink(piece);
    }
  }
}

function comparedEntry(path: ByteString, { info, symlinkTarget, object }: Entry): ComparedEntry {
  return { path, info, target: symlinkTarget, object };
}
