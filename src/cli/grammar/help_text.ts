/** What `plakar help`, `plakar COMMAND -h` and `plakar help COMMAND` print. */

import { type Command, nameOf } from "./command.ts";
import { GLOBAL_OPTIONS } from "./global_options.ts";
import type { OptionSet } from "./option.ts";
import { actionsOf } from "./parse.ts";
import { DEFAULT_REPOSITORY, PROGRAM_SYNOPSIS, synopsisOf } from "./usage.ts";

const WIDTH = 80;

/**
 * The help of the program as a whole: usage, global options, commands.
 *
 * @param commands the commands there are
 * @returns lines
 */
export function programHelp(commands: readonly Command[]): string[] {
  return [
    `usage: ${PROGRAM_SYNOPSIS}`,
    "",
    DEFAULT_REPOSITORY,
    "",
    "Options, before the command or after it:",
    ...optionLines(GLOBAL_OPTIONS),
    "",
    "Commands:",
    ...commandLines(commands),
    "",
    'For more on a command, type "plakar help COMMAND".',
  ];
}

/**
 * The commands and what they do, a line each.
 *
 * @param commands the commands there are
 * @returns lines
 */
export function commandLines(commands: readonly Command[]): string[] {
  const shown = commands.filter(({ hidden, words }) => !hidden && words.length === 1);
  const width = Math.max(...shown.map((command) => nameOf(command).length));
  return shown.map((command) => `  ${nameOf(command).padEnd(width)}  ${command.summary}`);
}

/**
 * The short help of one command: usage, options, examples.
 *
 * @param command the command
 * @param commands the commands there are
 * @returns lines
 */
export function commandHelp(command: Command, commands: readonly Command[]): string[] {
  return [...usageLines(command, commands), "", `${command.summary}.`, ...detailLines(command, commands)];
}

/**
 * The long help of one command: usage, what it does, options, examples.
 *
 * @param command the command
 * @param commands the commands there are
 * @returns lines
 */
export function commandManual(command: Command, commands: readonly Command[]): string[] {
  const paragraphs = command.description.flatMap((paragraph) => ["", ...wrap(paragraph, WIDTH)]);
  return [...usageLines(command, commands), ...paragraphs, ...detailLines(command, commands)];
}

function usageLines(command: Command, commands: readonly Command[]): string[] {
  const actions = actionRows(command, commands);
  if (actions.length === 0) return [`usage: ${synopsisOf(command)}`];
  const rows = command.isGroup ? actions : [command, ...actions];
  return rows.map((row, i) => `${i === 0 ? "usage:" : "      "} ${synopsisOf(row)}`);
}

/** The commands that are this one's words and one more. */
function actionRows(command: Command, commands: readonly Command[]): Command[] {
  return actionsOf(command, commands).flatMap((action) => {
    const words = [...command.words, action];
    const row = commands.find((candidate) => nameOf(candidate) === words.join(" "));
    return row === undefined ? [] : row.isGroup ? actionRows(row, commands) : [row];
  });
}

function detailLines(command: Command, commands: readonly Command[]): string[] {
  const lines: string[] = [];
  const options = optionLines(command.options);
  if (options.length > 0) lines.push("", "Options:", ...options);
  const actions = actionRows(command, commands);
  if (actions.length > 0) {
    const width = Math.max(...actions.map((row) => nameOf(row).length));
    lines.push("", "Actions:");
    lines.push(...actions.map((row) => `  ${nameOf(row).padEnd(width)}  ${row.summary}`));
  }
  for (const [i, { purpose, lines: example }] of command.examples.entries()) {
    lines.push(
      "",
      ...(i === 0 ? ["Examples:"] : []),
      `  ${purpose}:`,
      ...example.map((line) => `    $ ${line}`),
    );
  }
  if (command.isGroup !== true) lines.push("", 'Global options are listed by "plakar -h".');
  return lines;
}

/** Each option and, below it, what it does. */
function optionLines(options: OptionSet): string[] {
  return Object.entries(options).filter(([, option]) => !option.hidden).flatMap(([name, option]) => {
    const value = option.valueName === undefined ? "" : ` ${option.valueName}`;
    const initial = option.shownDefault === undefined ? "" : ` (default ${option.shownDefault})`;
    return [`  -${name}${value}`, ...wrap(option.help + initial, WIDTH - 8).map((line) => `        ${line}`)];
  });
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines;
}
