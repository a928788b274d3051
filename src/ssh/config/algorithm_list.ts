/** Lists of algorithms in ssh_config: a list, or `+`, `-` or `^` and what to change of the default. */

import { matchesPattern } from "./pattern.ts";

/**
 * Applies what is configured to the default.
 *
 * @param configured the directive's value; `undefined` for the default
 * @param defaults the default list, most wanted first
 * @returns the list
 */
export function assembleAlgorithms(configured: string | undefined, defaults: readonly string[]): string[] {
  if (configured === undefined) return [...defaults];
  const names = (list: string) => list.split(",").filter((name) => name !== "");
  const unique = (list: string[]) => [...new Set(list)];
  switch (configured[0]) {
    case "+":
      return unique([...defaults, ...names(configured.slice(1))]);
    case "-": {
      const patterns = names(configured.slice(1));
      return defaults.filter((name) => !patterns.some((pattern) => matchesPattern(name, pattern)));
    }
    case "^":
      return unique([...names(configured.slice(1)), ...defaults]);
    default:
      return unique(names(configured));
  }
}
