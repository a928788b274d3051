/** `plakar config remote unset NAME OPTION` and `plakar config repository unset NAME OPTION`. */

import { changeConfigurationOf } from "../configuration_of.ts";
import { OK } from "../exit_status.ts";
import type { NoOptions } from "../grammar/command.ts";
import type { Invocation } from "../invocation.ts";
import { bareName, configKindOf, kindsNamed } from "./config_kinds.ts";

/**
 * Removes an option of a remote or a repository.
 *
 * @param invocation the command's run
 * @returns the exit status
 */
export async function run(invocation: Invocation<NoOptions>): Promise<number> {
  const [given, key] = invocation.args;
  const name = bareName(given);
  await changeConfigurationOf(invocation, (configuration) => {
    for (const kind of kindsNamed(configuration, configKindOf(invocation.command), name)) {
      configuration.unset(kind, name, key);
    }
  });
  return OK;
}
