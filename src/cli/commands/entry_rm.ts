/** `plakar source rm NAME`, and the same of `destination` and `store`. */

import { changeConfigurationOf } from "../configuration_of.ts";
import { OK } from "../exit_status.ts";
import type { NoOptions } from "../grammar/command.ts";
import type { Invocation } from "../invocation.ts";
import { bareName } from "./config_kinds.ts";
import { entryKindOf } from "./entry_arguments.ts";

/**
 * Removes an entry.
 *
 * @param invocation the command's run
 * @returns the exit status
 */
export async function run(invocation: Invocation<NoOptions>): Promise<number> {
  const { command, args: [name] } = invocation;
  await changeConfigurationOf(invocation, (configuration) => {
    configuration.remove(entryKindOf(command), bareName(name));
  });
  return OK;
}
