/** From what a person gave on the command line, `@name` or a location, to a location with its options. */

import type { Location, SftpLocation } from "../connectors/location.ts";
import { parseLocation } from "../connectors/parse_location.ts";
import { type ByteString, fromText } from "../lib/byte_string.ts";
import { PlakarError } from "../lib/errors.ts";
import type { Configuration } from "./configuration.ts";
import type { Entry, EntryKind } from "./entry_file.ts";
import { unknownOptions, WORK_OPTIONS } from "./known_options.ts";

/** A location, and what is configured for the work done there. */
export interface ResolvedLocation {
  /** Where. */
  readonly location: Location;
  /** The location as the person would name it. */
  readonly displayName: string;
  /** Options that are not the connector's: see {@linkcode WORK_OPTIONS}. */
  readonly settings: Entry;
}

/** What a location is resolved with. */
export interface ResolveContext {
  /** The named entries. */
  configuration: Configuration;
  /** What a relative local path is relative to. */
  currentDirectory: string;
  /** Options given with `-o`, which go over those of the entry and what the location says. */
  options?: Entry;
}

const UNRESOLVED: Readonly<Record<EntryKind, string>> = {
  source: "could not resolve importer",
  destination: "could not resolve exporter",
  store: "could not resolve repository",
};

/**
 * The location that a person named.
 *
 * `@name` is an entry of the configuration, `@name:path` the same with another path: one that begins with a
 * slash replaces the entry's, another is joined to it. Options are taken, the first that has them, from `-o`,
 * the location itself, the entry.
 *
 * @param kind what is looked for in the configuration
 * @param given what the person gave
 * @param context configuration, current directory, `-o`
 * @returns where, and with what
 * @throws {PlakarError} `usage` or `not-found`
 */
export function resolveLocation(kind: EntryKind, given: string, context: ResolveContext): ResolvedLocation {
  const { configuration, currentDirectory, options: overrides = {} } = context;
  refuseUnknown(overrides);
  const named = given.startsWith("@") ? resolveName(kind, given, configuration) : undefined;
  // What -o gives comes first also where an entry has it by another name, such as one in other letters.
  const merged: Record<string, string> = { ...overrides, ...named?.entry, ...overrides };
  const text = overrides.location ?? (named ? named.entry.location : given);
  if (text === undefined || text === "") {
    throw kind === "store"
      ? new PlakarError("config", `repository ${given} has no location`, hintToSet(kind, given))
      : new PlakarError("config", `${UNRESOLVED[kind]} location: ${given}`, hintToSet(kind, given));
  }
  delete merged.location;
  const settings: Record<string, string> = {};
  for (const key of WORK_OPTIONS) {
    if (merged[key] === undefined) continue;
    settings[key] = merged[key];
    delete merged[key];
  }
  const location = parseLocation(text, { currentDirectory, options: merged });
  const placed = location.protocol === "sftp" ? withOptions(location, overrides) : location;
  const final = named?.path === undefined ? placed : withPath(placed, named.path, currentDirectory);
  return { location: final, displayName: given, settings };
}

/** An entry may have options for other programs; what is given for this one run is not to be passed over. */
function refuseUnknown(overrides: Entry): void {
  const [unknown] = unknownOptions(overrides);
  if (!unknown) return;
  const { key, suggestion } = unknown;
  throw new PlakarError("usage", `Cannot use the option "${key}": there is no such option`, {
    hint: suggestion === undefined
      ? "Beside those of docs/ssh.md, the directives of ssh_config(5) are options"
      : `Did you mean ${suggestion}?`,
  });
}

function resolveName(
  kind: EntryKind,
  given: string,
  configuration: Configuration,
): { entry: Entry; path?: string } {
  const whole = given.slice(1);
  // An older version may have let a colon into a name.
  const entry = configuration.get(kind, whole);
  if (entry) return { entry };
  const colon = whole.indexOf(":");
  const name = colon < 0 ? whole : whole.slice(0, colon);
  const found = configuration.get(kind, name);
  if (!found) {
    const names = configuration.entries(kind).map(([known]) => `@${known}`);
    throw new PlakarError("not-found", `${UNRESOLVED[kind]}: ${given}`, {
      hint: names.length === 0
        ? `no ${kind} is configured: see "plakar help ${kind}"`
        : `the ${kind}s are ${names.join(", ")}`,
    });
  }
  return colon < 0 ? { entry: found } : { entry: found, path: whole.slice(colon + 1) };
}

function hintToSet(kind: EntryKind, given: string): { hint: string } {
  return { hint: `set it with "plakar ${kind} set ${given.replace(/:.*/, "")} location=..."` };
}

/** Other names of the user and the port, among them directives of ssh_config, in lower case. */
const USER_OPTIONS: readonly string[] = ["username", "user"];
const PORT_OPTIONS: readonly string[] = ["port"];

/** Host options that are part of the location: those of `-o` go over it, those of an entry below it. */
function withOptions(location: SftpLocation, overrides: Entry): SftpLocation {
  const { root, ...given } = location.options;
  const ofLocation = [...USER_OPTIONS, ...PORT_OPTIONS];
  const others = Object.entries(given).filter(([name]) => !ofLocation.includes(name.toLowerCase()));
  const result: SftpLocation = { ...location, options: Object.fromEntries(others) };
  const user = valueOf(overrides, USER_OPTIONS) ?? location.user ?? valueOf(given, USER_OPTIONS);
  if (user !== undefined) result.user = user;
  const port = valueOf(overrides, PORT_OPTIONS) ?? location.port ?? valueOf(given, PORT_OPTIONS);
  if (port !== undefined) result.port = typeof port === "number" ? port : parsePort(port);
  if (root !== undefined) result.path = fromText(root);
  return result;
}

/** The value of the first option that has one of these names. */
function valueOf(options: Entry, names: readonly string[]): string | undefined {
  return Object.entries(options).find(([name]) => names.includes(name.toLowerCase()))?.[1];
}

function parsePort(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw new PlakarError("config", `Cannot use port "${text}": it is not between 1 and 65535`);
}

/** The location with the path of `@name:path`. */
function withPath(location: Location, path: string, currentDirectory: string): Location {
  if (path === "") return location;
  if (location.protocol === "fs") {
    const joined = path.startsWith("/") ? path : `${location.path}/${path}`;
    return parseLocation(`fs:${joined}`, { currentDirectory });
  }
  const bytes = fromText(path);
  const base = location.path;
  if (path.startsWith("/") || base === undefined) return { ...location, path: bytes };
  return { ...location, path: `${base.replace(/\/$/, "")}/${bytes}` as ByteString };
}
