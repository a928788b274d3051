/** A cache in memory. */

import type { CacheFiles } from "../../src/connectors/cache/cache_files.ts";
import type { CacheSettings } from "../../src/repository/segment_cache.ts";

/** Keeps files in a map, which tests may look into and change. */
export class MemoryCache implements CacheFiles {
  /** Files by `KIND-NAME`. */
  readonly files = new Map<string, Uint8Array>();
  /** What every method throws, if anything. */
  failure: Error | undefined;
  #written = 0;

  names(kind: string): Promise<string[]> {
    return this.#do(() =>
      [...this.files.keys()].filter((key) => key.startsWith(`${kind}-`)).map((key) =>
        key.slice(kind.length + 1)
      )
    );
  }

  read(kind: string, name: string): Promise<Uint8Array> {
    return this.#do(() => {
      const bytes = this.files.get(`${kind}-${name}`);
      if (!bytes) throw new Error(`There is no ${kind}-${name}`);
      return bytes.slice();
    });
  }

  write(kind: string, bytes: Uint8Array): Promise<string> {
    return this.#do(() => {
      const name = String(this.#written++);
      this.files.set(`${kind}-${name}`, bytes.slice());
      return name;
    });
  }

  remove(kind: string, name: string): Promise<void> {
    return this.#do(() => void this.files.delete(`${kind}-${name}`));
  }

  #do<T>(run: () => T): Promise<T> {
    return new Promise((resolve) => {
      if (this.failure) throw this.failure;
      resolve(run());
    });
  }
}

/**
 * Settings under which everything is worth keeping.
 *
 * @param files the files
 * @param changes settings other than these
 * @returns the settings
 */
export function cacheSettings(files: CacheFiles, changes: Partial<CacheSettings> = {}): CacheSettings {
  return {
    files,
    policy: { leastItems: 1, largestItem: Infinity },
    note: (message) => {
      throw new Error(message);
    },
    ...changes,
  };
}
