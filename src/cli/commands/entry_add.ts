/** `plakar source add NAME LOCATION [KEY=VALUE]...`, and the same of `destination` and `store`. */

import { changeConfigurationOf } from "../configuration_of.ts";
import { OK } from "../exit_status.ts";
import type { NoOptions } from "../grammar/command.ts";
import type { Invocation } from "../invocation.ts";
import { bareName } from "./config_kinds.ts";
import { entryKindOf, keyValues } from "./entry_arguments.ts";

/**
 * Adds an entry.
 *
 * @param invocation the command's run
 * @returns the exit status
 */
export async function run(invocation: Invocation<NoOptions>): Promise<number> {
  const { command, args: [name, location, ...rest] } = invocation;
  const options = { location: location.replace(/^location=/, ""), ...keyValues(rest, command) };
  await changeConfigurationOf(invocation, (configuration) => {
    configuration.add(entryKindOf(command), bareName(name), options);
  });
  return OK;
}
