/**
 * The cache in a directory of this machine: a directory for each repository, and in it files named
 * `KIND-32 hexadecimal digits`. All repositories together stay below a limit; what was not used for the longest
 * time goes first.
 */

import { randomBytes, randomUUID } from "node:crypto";
import { join } from "@std/path";
import { osErrorName } from "../local/os_error.ts";
import type { CacheFiles } from "./cache_files.ts";

const PRIVATE_DIRECTORY = 0o700;
const PRIVATE_FILE = 0o600;
/** What all repositories together may take, in bytes. */
const LIMIT = 1024 ** 3;
/** That a file is in use is noted so often, in milliseconds. */
const NOTED_EVERY = 24 * 3_600_000;
/** A temporary file of this age is one that nobody writes any more, in milliseconds. */
const ABANDONED = 24 * 3_600_000;
const REPOSITORY = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const FILE = /^([a-z]+)-([0-9a-f]{32})$/;
const TEMPORARY = /^tmp\./;

/** How {@linkcode FsCache} differs from the default. */
export interface FsCacheOptions {
  /** What all repositories together may take, in bytes; 1 GiB if omitted. */
  limit?: number;
  /** Milliseconds since 1970. */
  now?: () => number;
}

interface Found {
  path: string;
  size: number;
  used: number;
}

/** The cache of one repository. Nothing is looked at or made before it is used. */
export class FsCache implements CacheFiles {
  readonly #root: string;
  readonly #directory: string;
  readonly #limit: number;
  readonly #now: () => number;

  /**
   * Names the cache of a repository.
   *
   * @param root the directory of the caches of all repositories
   * @param repositoryId the repository's id, as a UUID in text
   * @param options limit and clock
   */
  constructor(root: string, repositoryId: string, options: FsCacheOptions = {}) {
    this.#root = root;
    this.#directory = join(root, repositoryId);
    this.#limit = options.limit ?? LIMIT;
    this.#now = options.now ?? Date.now;
  }

  /**
   * Lists files.
   *
   * @param kind their kind
   * @returns their names
   */
  async names(kind: string): Promise<string[]> {
    const names: string[] = [];
    for (const entry of await entriesOf(this.#directory)) {
      const [, found, name] = FILE.exec(entry.name) ?? [];
      if (entry.isFile && found === kind) names.push(name);
    }
    return names;
  }

  /**
   * Reads a file, and notes that it is in use.
   *
   * @param kind its kind
   * @param name its name
   * @returns its bytes
   */
  async read(kind: string, name: string): Promise<Uint8Array> {
    const path = this.#path(kind, name);
    const bytes = await Deno.readFile(path);
    const { mtime } = await Deno.stat(path);
    const now = this.#now();
    if (mtime && now - mtime.getTime() > NOTED_EVERY) {
      // Where nothing may be written, nothing has to be removed either.
      await Deno.utime(path, now / 1000, now / 1000).catch(() => {});
    }
    return bytes;
  }

  /**
   * Writes a file, then removes those used longest ago if there is too much.
   *
   * @param kind its kind
   * @param bytes its content
   * @returns its name
   */
  async write(kind: string, bytes: Uint8Array): Promise<string> {
    await Deno.mkdir(this.#directory, { recursive: true, mode: PRIVATE_DIRECTORY });
    const name = randomBytes(16).toString("hex");
    const temporary = join(this.#directory, `tmp.${randomUUID()}`);
    try {
      await Deno.writeFile(temporary, bytes, { createNew: true, mode: PRIVATE_FILE });
      // All times in the cache are of one clock.
      const now = this.#now() / 1000;
      await Deno.utime(temporary, now, now);
      await Deno.rename(temporary, this.#path(kind, name));
    } catch (error) {
      await Deno.remove(temporary).catch(() => {});
      throw error;
    }
    await this.#makeRoom();
    return name;
  }

  /**
   * Removes a file.
   *
   * @param kind its kind
   * @param name its name
   */
  async remove(kind: string, name: string): Promise<void> {
    await removeIfThere(this.#path(kind, name));
  }

  #path(kind: string, name: string): string {
    return join(this.#directory, `${kind}-${name}`);
  }

  async #makeRoom(): Promise<void> {
    const files = await this.#allFiles();
    let total = files.reduce((sum, { size }) => sum + size, 0);
    for (const { path, size } of files.sort((a, b) => a.used - b.used)) {
      if (total <= this.#limit) return;
      await removeIfThere(path);
      total -= size;
    }
  }

  /** The files of all repositories. Others may be in the directory: it is a person who chooses it. */
  async #allFiles(): Promise<Found[]> {
    const files: Found[] = [];
    for (const { name: repository } of await entriesOf(this.#root)) {
      if (!REPOSITORY.test(repository)) continue;
      for (const { name } of await entriesOf(join(this.#root, repository))) {
        const path = join(this.#root, repository, name);
        if (!FILE.test(name) && !TEMPORARY.test(name)) continue;
        const stat = await Deno.lstat(path).catch(() => undefined);
        if (!stat?.isFile) continue;
        const used = stat.mtime?.getTime() ?? 0;
        if (FILE.test(name)) files.push({ path, size: stat.size, used });
        else if (this.#now() - used > ABANDONED) await removeIfThere(path);
      }
    }
    return files;
  }
}

async function entriesOf(directory: string): Promise<Deno.DirEntry[]> {
  try {
    return await Array.fromAsync(Deno.readDir(directory));
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(osErrorName(error) ?? "")) return [];
    throw error;
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (osErrorName(error) !== "ENOENT") throw error;
  }
}
