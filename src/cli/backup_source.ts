/** What a backup reads: the sources that its command line names, as one. */

import { isDeepStrictEqual } from "node:util";
import type { ResolvedLocation } from "../config/resolve_location.ts";
import type { Importer, WalkOptions } from "../connectors/importer/importer.ts";
import { openImporter, openImporterBeside } from "../connectors/importer/open_importer.ts";
import { placeOf, SeveralImporter } from "../connectors/importer/several.ts";
import type { Location } from "../connectors/location.ts";
import { isWithin } from "../lib/byte_path.ts";
import type { ByteString } from "../lib/byte_string.ts";
import { PlakarError } from "../lib/errors.ts";
import { locationOf } from "./configuration_of.ts";
import { type ExclusionEvents, exclusionsOf } from "./exclusions_of.ts";
import type { BACKUP_OPTIONS } from "./grammar/table/backup.ts";
import type { Invocation } from "./invocation.ts";
import { connectEnvironment } from "./machine.ts";

/** A run of `backup`, on which the sources depend. */
export type SourceInvocation = Invocation<typeof BACKUP_OPTIONS>;

/** What decides for one walk what stays out. */
export type WalkExclusions = Required<Pick<WalkOptions, "exclude" | "prune">>;

/** Sources that are open, as one. */
export interface BackupSource extends AsyncDisposable {
  /** Lists and reads them. */
  readonly importer: Importer;
  /** Says what stays out in one walk. */
  readonly exclusions: (events?: ExclusionEvents) => WalkExclusions;
}

/**
 * The sources that a command line names; nothing is looked at yet.
 *
 * @param invocation the command's run
 * @returns the sources, the current directory if none is named
 * @throws {PlakarError} `usage` if one snapshot cannot hold them all
 */
export async function sourcesOf(invocation: SourceInvocation): Promise<ResolvedLocation[]> {
  const { args, options, surroundings } = invocation;
  const given = args.length > 0 ? args : [surroundings.currentDirectory];
  const sources: ResolvedLocation[] = [];
  for (const name of given) sources.push(await locationOf(invocation, "source", name, options.o));
  const [first] = sources;
  const other = sources.find(({ location }) => !isSameHost(location, first.location));
  if (!other) return sources;
  const names = `"${first.displayName}" and "${other.displayName}"`;
  throw new PlakarError("usage", `Cannot back up ${names} in one snapshot: they are not on the same host`, {
    hint: first.location.protocol === "sftp" && other.location.protocol === "sftp"
      ? "user, port and options have to be the same too; else back up each with a command of its own"
      : "back up each with a command of its own",
  });
}

/**
 * Opens sources and reads files of patterns; over SSH this connects once.
 *
 * @param sources what {@linkcode sourcesOf} gave
 * @param store where the snapshot goes
 * @param invocation the command's run
 * @returns the sources as one
 */
export async function openSources(
  sources: readonly ResolvedLocation[],
  store: Location,
  invocation: SourceInvocation,
): Promise<BackupSource> {
  await using opening = new AsyncDisposableStack();
  const importers: Importer[] = [];
  for (const source of sources) importers.push(opening.use(await opened(source, importers[0], invocation)));
  const all = await Promise.all(sources.map(async (source, i) => ({
    place: placeOf(importers[i]),
    exclusions: await exclusionsOf(invocation, { ...source, importer: importers[i] }, store),
  })));
  // What lies in several sources is walked with the one that holds the others.
  all.sort((a, b) => a.place.length - b.place.length);
  const importer = importers.length === 1 ? importers[0] : new SeveralImporter(importers);
  const kept = opening.move();
  return {
    importer,
    exclusions(events) {
      const each = all.map(({ place, exclusions }) => ({ place, decide: exclusions(events) }));
      const of = (path: ByteString) => each.find(({ place }) => isWithin(path, place))?.decide;
      return each.length === 1 ? each[0].decide : {
        exclude: (path, isDirectory) => of(path)?.exclude(path, isDirectory) ?? false,
        prune: (record) => of(record.path)?.prune(record),
      };
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Whether the same connection leads to both: they differ in their paths alone. */
function isSameHost(a: Location, b: Location): boolean {
  if (a.protocol === "fs" || b.protocol === "fs") return a.protocol === b.protocol;
  return isDeepStrictEqual({ ...a, path: undefined }, { ...b, path: undefined });
}

/** Opens a source, over the first one's connection if there is one; what fails names what it was for. */
async function opened(
  { location, displayName }: ResolvedLocation,
  first: Importer | undefined,
  invocation: SourceInvocation,
): Promise<Importer> {
  const environment = connectEnvironment(invocation);
  try {
    return first
      ? await openImporterBeside(first, location, environment)
      : await openImporter(location, environment);
  } catch (error) {
    if (!(error instanceof PlakarError)) throw error;
    const message = `failed to create an importer for ${displayName}: ${error.message}`;
    throw new PlakarError(error.code, message, { cause: error, hint: error.hint });
  }
}
