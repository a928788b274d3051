/** `plakar config repository default NAME`. */

import { PlakarError } from "../../lib/errors.ts";
import { changeConfigurationOf } from "../configuration_of.ts";
import { OK } from "../exit_status.ts";
import type { NoOptions } from "../grammar/command.ts";
import type { Invocation } from "../invocation.ts";
import { bareName, configKindOf, kindsNamed } from "./config_kinds.ts";

/**
 * Chooses the store that is used when none is given.
 *
 * @param invocation the command's run
 * @returns the exit status
 */
export async function run(invocation: Invocation<NoOptions>): Promise<number> {
  const name = bareName(invocation.args[0]);
  await changeConfigurationOf(invocation, (configuration) => {
    kindsNamed(configuration, configKindOf(invocation.command), name);
    if (!configuration.require("store", name).location) {
      throw new PlakarError("config", `repository "${name}" has no location`, {
        hint: `set it with "plakar config repository set ${name} location ..."`,
      });
    }
    configuration.defaultStore = name;
  });
  return OK;
}
