/** How the program and its commands are typed. */

import { type Command, nameOf } from "./command.ts";

/** What the program does, in one line without a full stop. */
export const PROGRAM_SUMMARY = "Back up SSH servers and local directories into Kloset repositories";

/** The form of every command line. */
export const PROGRAM_SYNOPSIS = "plakar [OPTIONS] [at REPOSITORY] COMMAND [COMMAND OPTIONS] [ARGUMENTS]";

/** What is worked on where no repository is named. */
export const DEFAULT_REPOSITORY =
  "By default, the repository is $PLAKAR_REPOSITORY, the default of the configuration, or ~/.plakar.";

/**
 * How a command is typed, on one line.
 *
 * @param command the command
 * @returns for example `usage: plakar [at REPOSITORY] cat [OPTIONS] SNAPSHOT:PATH...`
 */
export function usageOf(command: Command): string {
  return `usage: ${synopsisOf(command)}`;
}

/**
 * The form of a command, without the word usage.
 *
 * @param command the command
 * @returns for example `plakar [at REPOSITORY] cat [OPTIONS] SNAPSHOT:PATH...`
 */
export function synopsisOf(command: Command): string {
  const parts = ["plakar"];
  if (command.opensRepository) parts.push("[at REPOSITORY]");
  parts.push(nameOf(command));
  if (Object.values(command.options).some((option) => !option.hidden)) parts.push("[OPTIONS]");
  for (const { name, count } of command.positionals) {
    const bracketed = count === "optional" || count === "any" ? `[${name}]` : name;
    parts.push(count === "any" || count === "some" ? `${bracketed}...` : bracketed);
  }
  return parts.join(" ");
}
