/**
 * What the parent snapshot knows: the answer to "is this file unchanged?", a directory at a time.
 */

import type { ChildRecord } from "../connectors/record.ts";
import type { Entry } from "../kloset/entry.ts";
import type { FileInfo } from "../kloset/file_info.ts";
import { isRegular } from "../kloset/file_mode.ts";
import { ResourceType } from "../kloset/resource.ts";
import { type ByteString, display } from "../lib/byte_string.ts";
import { messageOf } from "../lib/errors.ts";
import type { Repository } from "../repository/repository.ts";
import type { StoredContent } from "./object_builder.ts";
import type { DirectoryEntry, Listing, Snapshot } from "./snapshot.ts";
import { isOfBuilder } from "./snapshot_builder.ts";

/** A directory of a parent snapshot. */
export interface ParentDirectory extends Listing {
  /** Its entries by name. */
  byName: Map<ByteString, DirectoryEntry>;
}

const NOTHING: Listing = { children: [], dirpack: undefined };

/** The entries of a parent snapshot. */
export class ParentEntries {
  readonly #snapshot: Snapshot;
  readonly #warn: (message: string) => void;

  private constructor(snapshot: Snapshot, warn: (message: string) => void) {
    this.#snapshot = snapshot;
    this.#warn = warn;
  }

  /** The parent's short id. */
  get shortId(): string {
    return this.#snapshot.shortId;
  }

  /**
   * Finds the newest snapshot made from the same place.
   *
   * @param snapshots the snapshots there are, newest first
   * @param source type, origin and directory, which must all be equal
   * @param warn told when the parent cannot be read
   * @returns the parent, `undefined` if there is none
   */
  static find(
    snapshots: readonly Snapshot[],
    source: { type: string; origin: ByteString; directory: ByteString },
    warn: (message: string) => void,
  ): ParentEntries | undefined {
    const parent = snapshots.find(({ header }) => {
      const { type, origin, directory } = header.sources[0].importer;
      return type === source.type && origin === source.origin && directory === source.directory;
    });
    return parent && new ParentEntries(parent, warn);
  }

  /**
   * A directory as the parent has it.
   *
   * @param path the directory's absolute path
   * @returns its entries; none if the parent does not know the directory
   */
  async directory(path: ByteString): Promise<ParentDirectory> {
    try {
      const { children, dirpack } = await this.#snapshot.listing(path) ?? NOTHING;
      return { children, dirpack, byName: new Map(children.map((child) => [child.entry.info.name, child])) };
    } catch (error) {
      // What the parent cannot tell is read again: a damaged parent must not stop a backup.
      this.#warn(`Reading all files of "${display(path)}" again: ${messageOf(error)}`);
      return { ...NOTHING, byName: new Map() };
    }
  }

  /**
   * Whether a directory can be in the new snapshot as it is in the parent: nothing in it has changed, and this
   * program would describe it in the same way.
   *
   * @param before the directory in the parent
   * @param now what the walk saw of its children
   * @param precision the finest step of the importer's times, in nanoseconds
   * @param repository where all of it must still be
   * @returns the id of its dirpack, `undefined` if it has to be stored
   */
  static unchangedDirpack(
    before: ParentDirectory,
    now: readonly ChildRecord[],
    precision: bigint,
    repository: Repository,
  ): Uint8Array | undefined {
    const { children, byName, dirpack } = before;
    const isThere = dirpack && repository.blobs.has(ResourceType.object, dirpack);
    if (!isThere || children.length !== now.length) return undefined;
    const isSame = now.every(({ info, target = "" }) => {
      const child = byName.get(info.name);
      return child && ParentEntries.isUnchanged(child.entry, info, precision) &&
        child.entry.symlinkTarget === target && isOfBuilder(child.entry) &&
        repository.blobs.has(ResourceType.vfsEntry, child.mac) &&
        (!isRegular(info.mode) || ParentEntries.contentOf(child.entry, repository) !== undefined);
    });
    const isSorted = children.every(({ entry }, i) =>
      i === 0 || children[i - 1].entry.info.name < entry.info.name
    );
    return isSame && isSorted ? dirpack : undefined;
  }

  /**
   * Whether an entry describes what the walk sees now. Only as much of the modification time counts as the
   * importer can tell: another program may have recorded it to the nanosecond.
   *
   * @param before the entry
   * @param now what the walk saw
   * @param precision the finest step of the importer's times, in nanoseconds
   * @returns true if nothing changed
   */
  static isUnchanged(before: Entry, now: FileInfo, precision: bigint): boolean {
    const a = before.info;
    return a.size === now.size && a.mtime / precision === now.mtime / precision && a.mode === now.mode &&
      a.uid === now.uid && a.gid === now.gid && a.dev === now.dev && a.ino === now.ino &&
      a.nlink === now.nlink &&
      a.username === now.username && a.groupname === now.groupname;
  }

  /**
   * The content of an unchanged file.
   *
   * @param before the parent's entry of it
   * @param repository where the content must still be
   * @returns the content to refer to, `undefined` if the file must be read
   */
  static contentOf(before: Entry, repository: Repository): StoredContent | undefined {
    const { object, chunks, entropy, contentType, info } = before;
    if (!object || !repository.blobs.has(ResourceType.object, object)) return undefined;
    // 1.0.x kept these in the object only: reading the file again writes them where 1.1 has them.
    if (contentType === "" || chunks === 0) return undefined;
    return { object, chunks, entropy, contentType, size: info.size };
  }
}
