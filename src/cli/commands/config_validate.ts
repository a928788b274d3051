/** `plakar config remote validate NAME` and `plakar config repository validate NAME`. */

import { configurationOf } from "../configuration_of.ts";
import { OK } from "../exit_status.ts";
import type { NoOptions } from "../grammar/command.ts";
import type { Invocation } from "../invocation.ts";
import { bareName, configKindOf, kindsNamed } from "./config_kinds.ts";
import { checkEntry } from "./entry_check.ts";

/**
 * Checks the location and the options of a remote or a repository.
 *
 * @param invocation the command's run
 * @returns the exit status
 */
export async function run(invocation: Invocation<NoOptions>): Promise<number> {
  const name = bareName(invocation.args[0]);
  const configuration = await configurationOf(invocation);
  for (const kind of kindsNamed(configuration, configKindOf(invocation.command), name)) {
    await checkEntry(invocation, kind, name);
  }
  return OK;
}
