/** What options and settings of a source keep out of its backups. */

import { join, resolve } from "@std/path";
import type { Entry } from "../config/entry_file.ts";
import { configDirectory } from "../config/directories.ts";
import type { Importer } from "../connectors/importer/importer.ts";
import { osError } from "../connectors/local/os_error.ts";
import type { Location } from "../connectors/location.ts";
import { clean, isWithin } from "../lib/byte_path.ts";
import { type ByteString, display, fromBytes, fromText } from "../lib/byte_string.ts";
import { PlakarError } from "../lib/errors.ts";
import { type ExclusionOptions, Exclusions } from "../snapshot/exclusions.ts";
import { ignoreLines, IgnoreRules, type IgnoreSource } from "../snapshot/ignore.ts";
import { BACKUP_OPTIONS } from "./grammar/table/backup.ts";
import type { Invocation } from "./invocation.ts";

/** What of an invocation the exclusions depend on. */
export type ExcludingInvocation = Pick<
  Invocation<typeof BACKUP_OPTIONS>,
  "options" | "global" | "surroundings"
>;

/** A source as it was named, with its settings. */
export interface ExclusionSource {
  /** As the person named it. */
  readonly displayName: string;
  /** Its settings. */
  readonly settings: Entry;
  /** Its importer. */
  readonly importer: Importer;
}

/** What a walk may be told beside what stays out. */
export type ExclusionEvents = Pick<ExclusionOptions, "leftOut" | "warn">;

/**
 * Reads files of patterns, and says what stays out of a backup. What the command line says counts after what
 * the source's settings say, and patterns after files of patterns.
 *
 * @param invocation the command's run
 * @param source what is backed up
 * @param store where the snapshot goes
 * @returns makes what decides for one walk
 * @throws {PlakarError} `usage` if the source is the store itself
 */
export async function exclusionsOf(
  invocation: ExcludingInvocation,
  source: ExclusionSource,
  store: Location,
): Promise<(events?: ExclusionEvents) => Exclusions> {
  const { options, global, surroundings } = invocation;
  const { displayName, settings, importer } = source;
  const configured = settingsOf(settings, displayName);
  const directory = configDirectory(global.configdir, surroundings);
  const inHome = (path: string) => path.startsWith("~/") ? join(surroundings.home, path.slice(2)) : path;
  const patterns: IgnoreSource[] = [];
  for (const file of configured.ignoreFiles) {
    patterns.push(await readPatterns(file, resolve(directory, inHome(file))));
  }
  patterns.push({ origin: `ignore of ${displayName}`, isFile: false, lines: configured.ignore });
  for (const file of options["ignore-file"]) {
    patterns.push(await readPatterns(file, resolve(surroundings.currentDirectory, file)));
  }
  patterns.push({ origin: "-ignore", isFile: false, lines: options.ignore.map(fromText) });
  const common: ExclusionOptions = {
    importer,
    rules: new IgnoreRules(patterns, importer.root),
    caches: options["exclude-caches"] ? "-exclude-caches" : configured.caches,
    markers: new Map([
      ...configured.markers.map((name) => [fromText(name), `exclude_if_present of ${displayName}`] as const),
      ...options["exclude-if-present"].map((name) => [fromText(name), "-exclude-if-present"] as const),
    ]),
    store: await pathInSource(store, importer),
  };
  return (events) => new Exclusions({ ...common, ...events });
}

/** Settings that hold several values hold one a line. */
function settingsOf(settings: Entry, displayName: string) {
  const lines = (key: string) => (settings[key] ?? "").split("\n").filter((line) => line.trim() !== "");
  const { exclude_caches: caches } = settings;
  let excludeCaches = false;
  try {
    if (caches) excludeCaches = BACKUP_OPTIONS["exclude-caches"].accept(caches, false);
  } catch (cause) {
    const message = `Cannot use exclude_caches=${caches} of ${displayName}: it is either true or false`;
    throw new PlakarError("config", message, { cause });
  }
  return {
    ignore: lines("ignore").map(fromText),
    ignoreFiles: lines("ignore_file"),
    caches: excludeCaches ? `exclude_caches of ${displayName}` : undefined,
    markers: lines("exclude_if_present"),
  };
}

async function readPatterns(name: string, path: string): Promise<IgnoreSource> {
  try {
    return { origin: name, isFile: true, lines: ignoreLines(fromBytes(await Deno.readFile(path))) };
  } catch (error) {
    throw osError("read ignore file", path, error);
  }
}

/** The store's own path, if the source is on this machine and the store is as well. */
async function pathInSource(store: Location, { type, root }: Importer): Promise<ByteString | undefined> {
  if (type !== "fs" || store.protocol !== "fs") return undefined;
  // A store that is not there cannot be walked into.
  const real = await Deno.realPath(store.path).catch(() => store.path);
  const path = clean(fromText(real));
  if (isWithin(root, path)) {
    throw new PlakarError("usage", `Cannot back up "${display(root)}": it is in the repository itself`, {
      hint: 'choose another directory, or another repository with "plakar at"',
    });
  }
  return path;
}
