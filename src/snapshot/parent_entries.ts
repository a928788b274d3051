/**
 * What the parent snapshot knows: the answer to "is this file unchanged?", a directory at a time.
 */

import type { Entry } from "../kloset/entry.ts";
import type { FileInfo } from "../kloset/file_info.ts";
import { ResourceType } from "../kloset/resource.ts";
import { type ByteString, display } from "../lib/byte_string.ts";
import { messageOf } from "../lib/errors.ts";
import type { Repository } from "../repository/repository.ts";
import type { StoredContent } from "./object_builder.ts";
import type { Snapshot } from "./snapshot.ts";

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
   * The entries of a directory as the parent has them.
   *
   * @param path the directory's absolute path
   * @returns its entries by name; empty if the parent does not know the directory
   */
  async entriesOf(path: ByteString): Promise<Map<ByteString, Entry>> {
    const entries = new Map<ByteString, Entry>();
    try {
      for (const { entry } of await this.#snapshot.childrenIfAny(path) ?? []) {
        entries.set(entry.info.name, entry);
      }
    } catch (error) {
      // What the parent cannot tell is read again: a damaged parent must not stop a backup.
      this.#warn(`Reading all files of "${display(path)}" again: ${messageOf(error)}`);
    }
    return entries;
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
