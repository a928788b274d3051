/** Manual pages, in the mdoc macros that man formats. */

import { type Command, nameOf } from "./command.ts";
import { GLOBAL_OPTIONS } from "./global_options.ts";
import type { OptionSet } from "./option.ts";
import { DEFAULT_REPOSITORY, PROGRAM_SUMMARY, PROGRAM_SYNOPSIS, synopsisOf } from "./usage.ts";

/**
 * The manual page of a command.
 *
 * @param command the command
 * @param date when the release was made, as `May 5, 2026`
 * @returns the page's source
 */
export function manPage(command: Command, date: string): string {
  const examples = command.examples.flatMap(({ purpose, lines }) => [
    ".Pp",
    escape(`${purpose}:`),
    ".Bd -literal -offset indent",
    ...lines.map((line) => escape(`$ ${line}`)),
    ".Ed",
  ]);
  return pageOf({
    name: `plakar-${command.words.join("-")}`,
    date,
    summary: command.summary,
    synopsis: synopsisOf(command),
    description: command.description,
    details: [
      ...optionList("The options are as follows:", command.options),
      ...optionList("Every command also takes:", GLOBAL_OPTIONS),
      ...(examples.length > 0 ? [".Sh EXAMPLES", ...examples] : []),
    ],
    seeAlso: `Type "plakar help" for all commands, "plakar help ${nameOf(command)}" for this page.`,
  });
}

/**
 * The manual page of the program.
 *
 * @param commands the commands there are
 * @param date when the release was made, as `May 5, 2026`
 * @returns the page's source
 */
export function programManPage(commands: readonly Command[], date: string): string {
  const shown = commands.filter(({ hidden, words }) => !hidden && words.length === 1);
  return pageOf({
    name: "plakar",
    date,
    summary: PROGRAM_SUMMARY,
    synopsis: PROGRAM_SYNOPSIS,
    description: [DEFAULT_REPOSITORY],
    details: [
      ".Pp",
      "The commands are as follows:",
      ".Bl -tag -width destination",
      ...shown.flatMap((command) => [`.It ${escape(nameOf(command))}`, escape(`${command.summary}.`)]),
      ".El",
      ...optionList("The options, before the command or after it, are as follows:", GLOBAL_OPTIONS),
    ],
    seeAlso: 'Each command has a page: "plakar help -man COMMAND".',
  });
}

interface Page {
  readonly name: string;
  readonly date: string;
  readonly summary: string;
  readonly synopsis: string;
  readonly description: readonly string[];
  /** What follows the description, as macros. */
  readonly details: readonly string[];
  readonly seeAlso: string;
}

function pageOf({ name, date, summary, synopsis, description, details, seeAlso }: Page): string {
  const lines = [
    `.Dd ${date}`,
    `.Dt ${name.toUpperCase()} 1`,
    ".Os",
    ".Sh NAME",
    `.Nm ${name}`,
    `.Nd ${escape(summary)}`,
    ".Sh SYNOPSIS",
    ".Bd -literal",
    escape(synopsis),
    ".Ed",
    ".Sh DESCRIPTION",
    ...description.flatMap((paragraph, i) => [...(i === 0 ? [] : [".Pp"]), escape(paragraph)]),
    ...details,
    ".Sh EXIT STATUS",
    "0 if everything was done. 3 if it was done in part. See docs/exit-codes.md.",
    ".Sh SEE ALSO",
    seeAlso,
  ];
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
