/** The configuration: sources, destinations and stores by name, and the files they are kept in. */

import { dirname, join } from "@std/path";
import { osError } from "../connectors/local/os_error.ts";
import { PlakarError } from "../lib/errors.ts";
import { type Entry, EntryFile, type EntryKind } from "./entry_file.ts";
import { fromLegacy } from "./legacy_file.ts";
import { writeAtomically } from "./write_atomically.ts";

/** The kinds of entries, in the order they are listed. */
export const ENTRY_KINDS = ["source", "destination", "store"] as const;

/** Names of the files, the first to be written, the others read where that is missing. */
const FILES: Readonly<Record<EntryKind, readonly string[]>> = {
  source: ["sources.yml"],
  destination: ["destinations.yml"],
  store: ["stores.yml", "klosets.yml"],
};
const LEGACY_FILE = "plakar.yml";

/** Named entries of all kinds. */
export class Configuration {
  readonly #files: Readonly<Record<EntryKind, EntryFile>>;

  /**
   * A configuration of these entries.
   *
   * @param files the entries of each kind
   */
  constructor(files: Readonly<Record<EntryKind, EntryFile>>) {
    this.#files = files;
  }

  /**
   * The entries of a kind.
   *
   * @param kind which
   * @returns names and options, in the order of the file
   */
  entries(kind: EntryKind): [name: string, options: Entry][] {
    const file = this.#files[kind];
    return file.names().map((name) => [name, file.get(name) ?? {}]);
  }

  /**
   * The options of an entry.
   *
   * @param kind its kind
   * @param name its name
   * @returns its options, or `undefined` if there is no such entry
   */
  get(kind: EntryKind, name: string): Entry | undefined {
    return this.#files[kind].get(name);
  }

  /**
   * The options of an entry that has to exist.
   *
   * @param kind its kind
   * @param name its name
   * @returns its options
   * @throws {PlakarError} `not-found`
   */
  require(kind: EntryKind, name: string): Entry {
    const entry = this.get(kind, name);
    if (entry === undefined) throw new PlakarError("not-found", `${kind} "${name}" does not exist`);
    return entry;
  }

  /**
   * Adds an entry under a name that is free.
   *
   * @param kind its kind
   * @param name its name
   * @param options its options
   * @throws {PlakarError} `exists`, or `usage` if that cannot be a name
   */
  add(kind: EntryKind, name: string, options: Entry): void {
    if (this.get(kind, name) !== undefined) {
      throw new PlakarError("exists", `${kind} "${name}" already exists`);
    }
    this.put(kind, name, options);
  }

  /**
   * Adds an entry, or replaces all of it.
   *
   * @param kind its kind
   * @param name its name
   * @param options its options
   * @throws {PlakarError} `usage` if that cannot be a name
   */
  put(kind: EntryKind, name: string, options: Entry): void {
    if (name === "" || /[:@\s]|\p{C}/u.test(name)) {
      throw new PlakarError("usage", `Cannot use "${name}" as the name of a ${kind}`, {
        hint: "names have no colon, which begins a path in @name:path, no @ and no blanks",
      });
    }
    this.#files[kind].put(name, options);
  }

  /**
   * Sets an option of an entry.
   *
   * @param kind its kind
   * @param name its name
   * @param key the option
   * @param value its value
   * @throws {PlakarError} `not-found`
   */
  set(kind: EntryKind, name: string, key: string, value: string): void {
    this.require(kind, name);
    this.#files[kind].set(name, key, value);
  }

  /**
   * Removes an option of an entry, if it has it.
   *
   * @param kind its kind
   * @param name its name
   * @param key the option
   * @throws {PlakarError} `not-found`; `usage` if it is the location
   */
  unset(kind: EntryKind, name: string, key: string): void {
    this.require(kind, name);
    if (key === "location") throw new PlakarError("usage", "cannot unset location");
    this.#files[kind].unset(name, key);
  }

  /**
   * Removes an entry.
   *
   * @param kind its kind
   * @param name its name
   * @throws {PlakarError} `not-found`
   */
  remove(kind: EntryKind, name: string): void {
    this.require(kind, name);
    this.#files[kind].remove(name);
  }

  /** The name of the store that is used when none is given. */
  get defaultStore(): string | undefined {
    return this.#files.store.default;
  }

  set defaultStore(name: string | undefined) {
    this.#files.store.default = name;
  }

  /**
   * The text that each file should have.
   *
   * @returns file names and texts
   */
  texts(): [name: string, text: string][] {
    return ENTRY_KINDS.map((kind) => [FILES[kind][0], this.#files[kind].toString()]);
  }
}

/**
 * Reads the configuration. Nothing is written: files of older versions are taken over when something changes.
 *
 * @param directory the configuration directory, or a `plakar.yml` as plakar 1.0.1 was given it
 * @returns the configuration, empty if there is none
 * @throws {PlakarError} `config`, `version` or `permission`
 */
export async function readConfiguration(directory: string): Promise<Configuration> {
  const { folder, legacyPath } = await locate(directory);
  const legacy = await readIfThere(legacyPath);
  const read = (kind: EntryKind) => readKind(kind, folder, legacyPath, legacy);
  return new Configuration({
    source: await read("source"),
    destination: await read("destination"),
    store: await read("store"),
  });
}

async function readKind(
  kind: EntryKind,
  folder: string,
  legacyPath: string,
  legacy: string | undefined,
): Promise<EntryFile> {
  for (const name of FILES[kind]) {
    const path = join(folder, name);
    const text = await readIfThere(path);
    if (text !== undefined) return EntryFile.parse(kind, text, path);
  }
  return legacy === undefined ? EntryFile.empty(kind) : fromLegacy(kind, legacy, legacyPath);
}

/**
 * Changes the configuration: reads it, lets it be changed and writes it, while no other process of this
 * program does.
 *
 * @param directory the configuration directory, made if it is missing
 * @param change changes it; if it throws, nothing is written
 */
export async function changeConfiguration(
  directory: string,
  change: (configuration: Configuration) => void | Promise<void>,
): Promise<void> {
  const { folder } = await locate(directory);
  try {
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    using lock = await Deno.open(join(folder, ".lock"), { write: true, create: true, mode: 0o600 });
    await lock.lock(true);
    const configuration = await readConfiguration(directory);
    const before = await Promise.all(configuration.texts().map(([name]) => readIfThere(join(folder, name))));
    await change(configuration);
    // All are written even if one changed: plakar takes a missing file for an old configuration that is to be
    // migrated, and then empties the others.
    const changed = configuration.texts().filter(([, text], i) => text !== before[i]);
    await writeAtomically(new Map(changed.map(([name, text]) => [join(folder, name), text])));
  } catch (error) {
    throw osError("write configuration", folder, error);
  }
}

/** The directory meant by `-config`, which was a file in plakar 1.0.1. */
async function locate(directory: string): Promise<{ folder: string; legacyPath: string }> {
  const isFile = await Deno.stat(directory).then((info) => info.isFile, () => false);
  if (isFile) return { folder: dirname(directory), legacyPath: directory };
  return { folder: directory, legacyPath: join(directory, LEGACY_FILE) };
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw osError("read configuration", path, error);
  }
}
