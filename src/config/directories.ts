/** Where the program keeps its configuration and its cache. */

import { join, resolve } from "@std/path";

/** The configuration is one for this program and for plakar written in Go. */
const SHARED = "plakar";
/** What either keeps for itself is nothing to the other. */
const OWN = "plakar-deno";

/** What the directories depend on. */
export interface DirectoryContext {
  /** The person's home directory. */
  home: string;
  /** What relative paths are relative to. */
  currentDirectory: string;
  /** An environment variable. */
  variable(name: string): string | undefined;
}

/**
 * The configuration directory.
 *
 * @param given what `-configdir` said
 * @param context home, current directory, environment
 * @returns its absolute path
 */
export function configDirectory(given: string | undefined, context: DirectoryContext): string {
  return directory(given, "XDG_CONFIG_HOME", ".config", SHARED, context);
}

/**
 * The cache directory.
 *
 * @param given what `-cachedir` said
 * @param context home, current directory, environment
 * @returns its absolute path
 */
export function cacheDirectory(given: string | undefined, context: DirectoryContext): string {
  return directory(given, "XDG_CACHE_HOME", ".cache", OWN, context);
}

function directory(
  given: string | undefined,
  xdg: string,
  fallback: string,
  name: string,
  context: DirectoryContext,
): string {
  if (given !== undefined && given !== "") return resolve(context.currentDirectory, given);
  const base = context.variable(xdg);
  // The XDG specification has relative paths ignored.
  return join(base?.startsWith("/") ? base : join(context.home, fallback), name);
}
