/** What the commands of `source`, `destination` and `store` have in common. */

import type { EntryKind } from "../../config/entry_file.ts";
import { PlakarError } from "../../lib/errors.ts";
import type { Command } from "../grammar/command.ts";
import { usageOf } from "../grammar/usage.ts";

/**
 * What kind of entries a command works on.
 *
 * @param command the command
 * @returns the first of its words
 */
export function entryKindOf(command: Command): EntryKind {
  const [word] = command.words;
  if (word === "source" || word === "destination" || word === "store") return word;
  throw new TypeError(`Not a command for entries: ${word}`);
}

/**
 * Options given as `KEY=VALUE`.
 *
 * @param args the arguments
 * @param command the command, for the usage line
 * @returns keys and values, the last of a key
 * @throws {PlakarError} `usage` if one has no `=`
 */
export function keyValues(args: readonly string[], command: Command): Record<string, string> {
  return Object.fromEntries(args.map((arg) => {
    const equals = arg.indexOf("=");
    if (equals < 1) {
      throw new PlakarError("usage", `Cannot take "${arg}": it is not KEY=VALUE`, { hint: usageOf(command) });
    }
    return [arg.slice(0, equals), arg.slice(equals + 1)];
  }));
}
