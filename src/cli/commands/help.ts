/** `plakar help`. */

import { PlakarError } from "../../lib/errors.ts";
import { OK } from "../exit_status.ts";
import { nameOf } from "../grammar/command.ts";
import { commandManual, programHelp } from "../grammar/help_text.ts";
import { manPage, programManPage } from "../grammar/man_page.ts";
import { nearest } from "../../lib/nearest.ts";
import type { HELP_OPTIONS } from "../grammar/table/general.ts";
import { COMMANDS } from "../grammar/table/table.ts";
import type { Invocation } from "../invocation.ts";
import { RELEASE_DATE } from "../version.ts";

/**
 * Prints the list of commands, or the manual page of a command.
 *
 * @param invocation the command's run
 * @returns the exit status
 */
export function run({ output, args, options }: Invocation<typeof HELP_OPTIONS>): Promise<number> {
  const text = args.length === 0 ? programPage(options.man) : pageOf(args.join(" "), options.man);
  output.product({ type: "help", data: { text }, text });
  return Promise.resolve(OK);
}

function programPage(asMan: boolean): string {
  return asMan ? programManPage(COMMANDS, RELEASE_DATE).trimEnd() : programHelp(COMMANDS).join("\n");
}

function pageOf(name: string, asMan: boolean): string {
  const command = COMMANDS.find((row) =>
    nameOf(row) === name || row.aliases?.some((words) => words.join(" ") === name)
  );
  if (command) {
    return asMan ? manPage(command, RELEASE_DATE).trimEnd() : commandManual(command, COMMANDS).join("\n");
  }
  const suggestion = nearest(name, COMMANDS.filter(({ hidden }) => !hidden).map(nameOf));
  throw new PlakarError("usage", `unknown command: ${name}`, {
    hint: suggestion === undefined ? 'see "plakar help"' : `did you mean "${suggestion}"?`,
  });
}
