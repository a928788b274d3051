/** The usage line of a command. */

import { type Command, nameOf } from "./command.ts";

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
