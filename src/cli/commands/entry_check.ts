/** `plakar source check NAME`, and the same of `destination` and `store`. */

import type { EntryKind } from "../../config/entry_file.ts";
import { unknownOptions } from "../../config/known_options.ts";
import { configurationOf, locationOf } from "../configuration_of.ts";
import { OK } from "../exit_status.ts";
import type { PING_ENTRY_OPTIONS } from "../grammar/table/entries.ts";
import type { Invocation } from "../invocation.ts";
import { bareName } from "./config_kinds.ts";
import { entryKindOf } from "./entry_arguments.ts";

/**
 * Checks that the location and the options of an entry are understood.
 *
 * @param invocation the command's run
 * @returns the exit status
 */
export async function run(invocation: Invocation<typeof PING_ENTRY_OPTIONS>): Promise<number> {
  const { command, args: [name], options } = invocation;
  await checkEntry(invocation, entryKindOf(command), bareName(name), options.o);
  return OK;
}

/**
 * Checks one entry, and warns of options that mean nothing.
 *
 * @param invocation the command's run
 * @param kind the entry's kind
 * @param name its name
 * @param overrides what `-o` gave
 * @throws {PlakarError} if the location is none
 */
export async function checkEntry(
  invocation: Pick<Invocation, "global" | "surroundings" | "output">,
  kind: EntryKind,
  name: string,
  overrides: Readonly<Record<string, string>> = {},
): Promise<void> {
  const entry = (await configurationOf(invocation)).require(kind, name);
  await locationOf(invocation, kind, `@${name}`, overrides);
  for (const { key, suggestion } of unknownOptions({ ...entry, ...overrides })) {
    const hint = suggestion === undefined ? "" : `, did you mean ${suggestion}?`;
    invocation.output.warn(`option ${key} of ${kind} "${name}" is not known${hint}`);
  }
}
