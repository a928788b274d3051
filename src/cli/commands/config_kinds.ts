/** What `config remote` and `config repository` are about. */

import type { EntryKind } from "../../config/entry_file.ts";
import type { Configuration } from "../../config/configuration.ts";
import { PlakarError } from "../../lib/errors.ts";
import type { Command } from "../grammar/command.ts";

/** A remote or a repository of the configuration, as plakar 1.0.1 named them. */
export interface ConfigKind {
  /** The word of 1.0.1. */
  readonly word: "remote" | "repository";
  /** What it consists of: a remote is a source and a destination of one name. */
  readonly kinds: readonly EntryKind[];
}

/**
 * What a `config` command is about.
 *
 * @param command the command
 * @returns a remote or a repository
 */
export function configKindOf(command: Command): ConfigKind {
  return command.words[1] === "remote"
    ? { word: "remote", kinds: ["source", "destination"] }
    : { word: "repository", kinds: ["store"] };
}

/**
 * The kinds of entries that a remote or repository of a name is made of.
 *
 * @param configuration the configuration
 * @param kind remote or repository
 * @param name its name
 * @returns the kinds that have an entry of the name
 * @throws {PlakarError} `not-found` if none has
 */
export function kindsNamed(
  configuration: Configuration,
  { word, kinds }: ConfigKind,
  name: string,
): EntryKind[] {
  const found = kinds.filter((kind) => configuration.get(kind, name) !== undefined);
  if (found.length === 0) {
    throw new PlakarError("not-found", `${word} "${name}" does not exist`, {
      hint: `make it with "plakar config ${word} create ${name}"`,
    });
  }
  return found;
}

/**
 * A name as it is kept: `@name` is accepted where a name is expected.
 *
 * @param given what was typed
 * @returns the name
 */
export function bareName(given: string): string {
  return given.replace(/^@/, "");
}
