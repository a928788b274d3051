/** `plakar source set NAME KEY=VALUE...`, and the same of `destination` and `store`. */

import { changeConfigurationOf } from "../configuration_of.ts";
import { OK } from "../exit_status.ts";
import type { NoOptions } from "../grammar/command.ts";
import type { Invocation } from "../invocation.ts";
import { bareName } from "./config_kinds.ts";
import { entryKindOf, keyValues } from "./entry_arguments.ts";

/**
 * Sets options of an entry.
 *
 * @param invocation the command's run
 * @returns the exit status
 */
export async function run(invocation: Invocation<NoOptions>): Promise<number> {
  const { command, args: [name, ...rest] } = invocation;
  const options = keyValues(rest, command);
  await changeConfigurationOf(invocation, (configuration) => {
    for (const [key, value] of Object.entries(options)) {
      configuration.set(entryKindOf(command), bareName(name), key, value);
    }
  });
  return OK;
}
