/** What keeps paths of a source out of a snapshot: patterns, marks of directories, and the store's own place. */

import type { Importer, WalkOptions } from "../connectors/importer/importer.ts";
import type { ChildRecord, DirectoryRecord } from "../connectors/record.ts";
import { isRegular } from "../kloset/file_mode.ts";
import { basename, join } from "../lib/byte_path.ts";
import { type ByteString, display, fromBytes } from "../lib/byte_string.ts";
import { type IgnoreRule, type IgnoreRules, leavesAllOut } from "./ignore.ts";

/** Why a path stays out. */
export interface ExclusionReason {
  /** Where that was asked for: `FILE:LINE`, an option, or a setting of a source. */
  readonly origin: string;
  /** The pattern, or the name that marks the directory, where it is one. */
  readonly pattern?: ByteString;
}

/** What {@linkcode Exclusions} works with. */
export interface ExclusionOptions {
  /** What is walked. */
  importer: Pick<Importer, "root" | "readStart">;
  /** Patterns. */
  rules: IgnoreRules;
  /** Where it was asked for that contents of directories with a `CACHEDIR.TAG` stay out, if it was. */
  caches?: string;
  /** Contents of directories that hold one of these names stay out, and where that was asked for. */
  markers: ReadonlyMap<ByteString, string>;
  /** The store, if it may lie in the source: an absolute, clean path. */
  store?: ByteString;
  /** Told of every path that stays out; of a directory, not of what is in it. */
  leftOut?: (path: ByteString, reason: ExclusionReason) => void;
  /** Told what a person should know. */
  warn?: (message: string) => void;
}

/** See https://bford.info/cachedir/: a file of this name that begins so marks a directory. */
const CACHE_TAG = "CACHEDIR.TAG" as ByteString;
const CACHE_SIGNATURE = "Signature: 8a477f597d28d172789f06886806bc55";

/**
 * Decides for a walk what stays out. The mark of a directory is kept, whatever the patterns say: it has to be
 * seen, and it marks the directory again when that is restored.
 */
export class Exclusions implements Required<Pick<WalkOptions, "exclude" | "prune">> {
  readonly #options: ExclusionOptions;
  readonly #defeated = new Set<IgnoreRule>();

  /**
   * Nothing is left out yet.
   *
   * @param options what stays out
   */
  constructor(options: ExclusionOptions) {
    this.#options = options;
  }

  /** Whether a path stays out, with everything in it. */
  readonly exclude: (path: ByteString, isDirectory: boolean) => boolean = (path, isDirectory) => {
    const { rules, store } = this.#options;
    if (path === store) return this.#leaveOut(path, { origin: "the repository" });
    const rule = rules.excludedBy(path, isDirectory);
    if (!rule || this.#isMark(basename(path))) return false;
    if (isDirectory) this.#warnOfDefeated(path, rule);
    return this.#leaveOut(path, rule);
  };

  /** Takes the contents of a marked directory out, except for the mark. */
  readonly prune: (record: DirectoryRecord) => Promise<void> = async (record) => {
    const found = await this.#markOf(record);
    if (!found) return;
    const { mark, reason } = found;
    for (const child of record.children) {
      if (child !== mark) this.#leaveOut(join(record.path, child.info.name), reason);
    }
    if (record.path === this.#options.importer.root) {
      const name = display(mark.info.name);
      this.#options.warn?.(`Nothing in "${display(record.path)}" is backed up: it holds ${name}`);
    }
    record.children = [mark];
  };

  /** A directory that stays out is not looked into, so nothing in it is taken back in. Each rule is told once. */
  #warnOfDefeated(directory: ByteString, by: IgnoreRule): void {
    const { rules, warn } = this.#options;
    if (!warn) return;
    for (const rule of rules.defeatedBelow(directory, by)) {
      if (this.#defeated.has(rule)) continue;
      this.#defeated.add(rule);
      const advice = leavesAllOut(by)
        ? '"!*/" behind that keeps directories'
        : `"${display(basename(directory))}/*" leaves out only what is in it`;
      warn(
        `Pattern "${display(rule.pattern)}" (${rule.origin}) takes nothing back in from "${
          display(directory)
        }":` +
          ` "${display(by.pattern)}" (${by.origin}) leaves out the whole directory; ${advice}`,
      );
    }
  }

  #leaveOut(path: ByteString, reason: ExclusionReason): true {
    this.#options.leftOut?.(path, reason);
    return true;
  }

  #isMark(name: ByteString): boolean {
    const { markers, caches } = this.#options;
    return markers.has(name) || caches !== undefined && name === CACHE_TAG;
  }

  async #markOf(
    { path, children }: DirectoryRecord,
  ): Promise<{ mark: ChildRecord; reason: ExclusionReason } | undefined> {
    const { markers, caches } = this.#options;
    for (const mark of children) {
      const { name } = mark.info;
      const origin = markers.get(name);
      if (origin !== undefined) return { mark, reason: { origin, pattern: name } };
      if (caches !== undefined && name === CACHE_TAG && await this.#isCacheTag(path, mark)) {
        return { mark, reason: { origin: caches, pattern: name } };
      }
    }
    return undefined;
  }

  async #isCacheTag(directory: ByteString, tag: ChildRecord): Promise<boolean> {
    if (!isRegular(tag.info.mode) || tag.info.size < CACHE_SIGNATURE.length) return false;
    try {
      const path = join(directory, tag.info.name);
      const start = await this.#options.importer.readStart(path, tag, CACHE_SIGNATURE.length);
      return fromBytes(start) === CACHE_SIGNATURE;
    } catch {
      // Nobody knows that this is a cache, so it is kept; that the tag cannot be read shows when it is backed up.
      return false;
    }
  }
}
