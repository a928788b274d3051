/** `plakar config remote create NAME` and `plakar config repository create NAME`. */

import { PlakarError } from "../../lib/errors.ts";
import { changeConfigurationOf } from "../configuration_of.ts";
import { OK } from "../exit_status.ts";
import type { NoOptions } from "../grammar/command.ts";
import type { Invocation } from "../invocation.ts";
import { bareName, configKindOf } from "./config_kinds.ts";

/**
 * Creates a remote or a repository without a location.
 *
 * @param invocation the command's run
 * @returns the exit status
 */
export async function run(invocation: Invocation<NoOptions>): Promise<number> {
  const { word, kinds } = configKindOf(invocation.command);
  const name = bareName(invocation.args[0]);
  await changeConfigurationOf(invocation, (configuration) => {
    if (kinds.some((kind) => configuration.get(kind, name) !== undefined)) {
      throw new PlakarError("exists", `${word} "${name}" already exists`);
    }
    for (const kind of kinds) configuration.add(kind, name, {});
  });
  return OK;
}
