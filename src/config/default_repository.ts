/** Which repository is meant when none is given. */

import { join } from "@std/path";
import type { Configuration } from "./configuration.ts";

/**
 * The repository to work on: the one given with `at`, `PLAKAR_REPOSITORY`, the default of the configuration,
 * or `~/.plakar`.
 *
 * @param at what was given with `at`
 * @param variable an environment variable
 * @param configuration the configuration
 * @param home the person's home directory
 * @returns a location or `@name`
 */
export function repositoryToOpen(
  at: string | undefined,
  variable: (name: string) => string | undefined,
  configuration: Configuration,
  home: string,
): string {
  if (at !== undefined) return at;
  const named = variable("PLAKAR_REPOSITORY");
  if (named !== undefined && named !== "") return named;
  const name = configuration.defaultStore;
  return name === undefined ? join(home, ".plakar") : `@${name}`;
}
