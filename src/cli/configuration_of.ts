/** The configuration that a command works with. */

import { changeConfiguration, type Configuration, readConfiguration } from "../config/configuration.ts";
import { configDirectory } from "../config/directories.ts";
import { type ResolvedLocation, resolveLocation } from "../config/resolve_location.ts";
import type { Entry, EntryKind } from "../config/entry_file.ts";
import type { Invocation } from "./invocation.ts";

/** What of an invocation the configuration depends on. */
export type ConfiguredInvocation = Pick<Invocation, "global" | "surroundings" | "output">;

/**
 * Reads the configuration.
 *
 * @param invocation the command's run
 * @returns the configuration
 */
export async function configurationOf(
  { global, surroundings, output }: ConfiguredInvocation,
): Promise<Configuration> {
  const directory = configDirectory(global.configdir, surroundings);
  output.trace("config", `configuration: ${directory}`);
  return await readConfiguration(directory);
}

/**
 * Changes the configuration.
 *
 * @param invocation the command's run
 * @param change changes it; if it throws, nothing is written
 */
export async function changeConfigurationOf(
  { global, surroundings }: ConfiguredInvocation,
  change: (configuration: Configuration) => void | Promise<void>,
): Promise<void> {
  await changeConfiguration(configDirectory(global.configdir, surroundings), change);
}

/**
 * The location that an argument names.
 *
 * @param invocation the command's run
 * @param kind what `@name` is looked for in
 * @param given the argument
 * @param options what `-o` gave
 * @returns where, and with what
 */
export async function locationOf(
  invocation: ConfiguredInvocation,
  kind: EntryKind,
  given: string,
  options: Entry = {},
): Promise<ResolvedLocation> {
  const { currentDirectory } = invocation.surroundings;
  return resolveLocation(kind, given, {
    configuration: await configurationOf(invocation),
    currentDirectory,
    options,
  });
}
