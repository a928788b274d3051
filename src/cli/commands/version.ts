/** `plakar version`. */

import { OK } from "../exit_status.ts";
import type { NoOptions } from "../grammar/command.ts";
import type { Invocation } from "../invocation.ts";
import { PROGRAM } from "../version.ts";

/**
 * Prints the version.
 *
 * @param invocation the command's run
 * @returns the exit status
 */
export function run({ output }: Invocation<NoOptions>): Promise<number> {
  output.product({ type: "version", data: { program: PROGRAM }, text: PROGRAM });
  return Promise.resolve(OK);
}
