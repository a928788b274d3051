/**
 * What the parent snapshot knows: the answer to "is this file unchanged?", a directory at a time.
 */

import type { Entry } from "../kloset/entry.ts";
import type { FileInfo } from "../kloset/file_info.ts";
import { isRegular } from "../kloset/file_mode.ts";
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
   * @returns its regular files by name; empty if the parent does not know the directory
   */
  async filesOf(path: ByteString): Promise<Map<ByteString, Entry>> {
    const files = new Map<ByteString, Entry>();
    try {
      for (const { entry } of await this.#snapshot.childrenIfAny(path) ?? []) {
        if (isRegular(entry.fileInfo.mode)) files.set(entry.fileInfo.name, entry);
      }
    } catch (error) {
      // What the parent cannot tell is read again: a damaged parent must not stop a backup.
      this.#warn(`Reading all files of "${display(path)}" again: ${messageOf(error)}`);
    }
    return files;
  }

  /**
   * The content of an unchanged file.
   *
   * @param before the parent's entry of this path, if any
   * @param now what the walk saw
   * @param repository where the content must still be
   * @returns the content to refer to, `undefined` if the file must be read
   */
  static reuse(before: Entry | undefined, now: FileInfo, repository: Repository): StoredContent | undefined {
    if (
      !before || !isSame(before.fileInfo, now) || !repository.blobs.has(ResourceType.object, before.object)
    ) {
      return undefined;
    }
    // 1.0.x kept these three in the object only: reading the file again writes them where 1.1 has them.
    if (before.contentType === undefined || !before.chunks) return undefined;
    return {
      object: before.object,
      chunks: before.chunks,
      entropy: before.entropy ?? 0,
      contentType: before.contentType,
      size: before.fileInfo.size,
    };
  }
}

function isSame(a: FileInfo, b: FileInfo): boolean {
  return a.size === b.size && a.mtime === b.mtime && a.mode === b.mode && a.uid === b.uid &&
    a.gid === b.gid &&
    a.dev === b.dev && a.ino === b.ino && a.nlink === b.nlink && a.username === b.username &&
    a.groupname === b.groupname;
}
