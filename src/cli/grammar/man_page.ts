/** Manual pages of commands, in the mdoc macros that man formats. */

import { type Command, nameOf } from "./command.ts";
import { GLOBAL_OPTIONS } from "./global_options.ts";
import type { OptionSet } from "./option.ts";
import { synopsisOf } from "./usage.ts";

/**
 * The manual page of a command.
 *
 * @param command the command
 * @param date when the release was made, as `May 5, 2026`
 * @returns the page's source
 */
export function manPage(command: Command, date: string): string {
  const page = `plakar-${command.words.join("-")}`;
  const lines = [
    `.Dd ${date}`,
    `.Dt ${page.toUpperCase()} 1`,
    ".Os",
    ".Sh NAME",
    `.Nm ${page}`,
    `.Nd ${escape(command.summary)}`,
    ".Sh SYNOPSIS",
    ".Bd -literal",
    escape(synopsisOf(command)),
    ".Ed",
    ".Sh DESCRIPTION",
    ...command.description.flatMap((paragraph, i) => [...(i === 0 ? [] : [".Pp"]), escape(paragraph)]),
    ...optionList("The options are as follows:", command.options),
    ...optionList("Every command also takes:", GLOBAL_OPTIONS),
  ];
  if (command.examples.length > 0) lines.push(".Sh EXAMPLES");
  for (const { purpose, lines: example } of command.examples) {
    lines.push(".Pp", escape(`${purpose}:`), ".Bd -literal -offset indent");
    lines.push(...example.map((line) => escape(`$ ${line}`)), ".Ed");
  }
  lines.push(
    ".Sh EXIT STATUS",
    "0 if everything was done. 3 if it was done in part. See docs/exit-codes.md.",
  );
  lines.push(
    ".Sh SEE ALSO",
    `Type "plakar help" for all commands, "plakar help ${nameOf(command)}" for this page.`,
  );
  return lines.join("\n") + "\n";
}

function optionList(title: string, options: OptionSet): string[] {
  const shown = Object.entries(options).filter(([, option]) => !option.hidden);
  if (shown.length === 0) return [];
  return [
    ".Pp",
    title,
    ".Bl -tag -width Ds",
    ...shown.flatMap(([name, { valueName, help, shownDefault }]) => [
      `.It Fl ${escape(name)}${valueName === undefined ? "" : ` Ar ${escape(valueName)}`}`,
      escape(help + (shownDefault === undefined ? "" : ` (default ${shownDefault})`)),
    ]),
    ".El",
  ];
}

/** Text in which nothing is taken for a macro or an escape. */
function escape(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(/^[.']/, "\\&$&");
}
