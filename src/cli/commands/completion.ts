/** `plakar completion bash|zsh|fish`. */

import { PlakarError } from "../../lib/errors.ts";
import { OK } from "../exit_status.ts";
import type { NoOptions } from "../grammar/command.ts";
import { completionScript } from "../grammar/completion_script.ts";
import type { Invocation } from "../invocation.ts";

/**
 * Prints the script that makes a shell complete command lines.
 *
 * @param invocation the command's run
 * @returns the exit status
 */
export function run({ output, args: [shell] }: Invocation<NoOptions>): Promise<number> {
  const text = completionScript(shell);
  if (text === undefined) {
    throw new PlakarError("usage", `Cannot complete for "${shell}": it is none of bash, zsh and fish`);
  }
  output.product({ type: "completion", data: { shell, text }, text: text.trimEnd() });
  return Promise.resolve(OK);
}
