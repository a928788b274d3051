/** `plakar ping LOCATION`. */

import { locationOf } from "../configuration_of.ts";
import { OK } from "../exit_status.ts";
import type { PING_OPTIONS } from "../grammar/table/general.ts";
import type { Invocation } from "../invocation.ts";
import { pingLocation } from "../ping_lines.ts";

/**
 * Tries to reach a location, and prints what answered.
 *
 * @param invocation the command's run
 * @returns the exit status
 */
export async function run(invocation: Invocation<typeof PING_OPTIONS>): Promise<number> {
  const { args: [given], options } = invocation;
  const { location, displayName } = await locationOf(invocation, "source", given, options.o);
  await pingLocation(invocation, location, displayName, true);
  return OK;
}
