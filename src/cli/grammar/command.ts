/** What a command is called, takes and does: a row of the table that parses, helps and completes. */

import type { Completion, OptionSet, OptionValues } from "./option.ts";

/** An argument of a command that is not an option. */
export interface Positional {
  /** What it is called in the usage line, in capitals. */
  readonly name: string;
  /** How often it may stand: exactly once, at most once, any number of times, at least once. */
  readonly count: "one" | "optional" | "any" | "some";
  /** What it may be completed with. */
  readonly completes?: Completion;
}

/** A command line worth showing. */
export interface Example {
  /** What it does, a sentence without a full stop. */
  readonly purpose: string;
  /** The lines as they would be typed. */
  readonly lines: readonly string[];
}

/** The type of a set without options. */
export type NoOptions = Readonly<Record<never, never>>;

/** A set without options. */
export const NO_OPTIONS: NoOptions = {};

/** One command. */
export interface Command<O extends OptionSet = OptionSet> {
  /** Its words: `["ls"]`, `["config", "remote", "create"]`. */
  readonly words: readonly string[];
  /** Other words it goes by. */
  readonly aliases?: readonly (readonly string[])[];
  /** What it does, in one line without a full stop. */
  readonly summary: string;
  /** What it does in full: paragraphs. */
  readonly description: readonly string[];
  /** Its own options; the global ones are accepted as well. */
  readonly options: O;
  /** Its arguments, in order. */
  readonly positionals: readonly Positional[];
  /** Command lines worth showing. */
  readonly examples: readonly Example[];
  /** Whether it works on a repository, the one given with `at` or the default one. */
  readonly opensRepository: boolean;
  /** Nothing by itself: its name is followed by an action. */
  readonly isGroup?: boolean;
  /** Left out of help and completion. */
  readonly hidden?: boolean;
}

/** What one command line asked for. */
export interface ParsedCommand<O extends OptionSet = OptionSet, G extends OptionSet = OptionSet> {
  /** The command. */
  readonly command: Command<O>;
  /** The repository given with `at`. */
  readonly at?: string;
  /** Values of the global options. */
  readonly global: OptionValues<G>;
  /** Values of the command's options. */
  readonly options: OptionValues<O>;
  /** Names of the options that were given, global ones too. */
  readonly given: ReadonlySet<string>;
  /** The arguments that are no options. */
  readonly args: readonly string[];
}

/**
 * A command, with the types of its options kept.
 *
 * @typeParam O its options
 * @param command what it is
 * @returns the same command
 */
export function defineCommand<const O extends OptionSet>(command: Command<O>): Command<O> {
  return command;
}

/**
 * The words of a command as they are typed.
 *
 * @param command the command
 * @returns for example `config remote create`
 */
export function nameOf(command: Command): string {
  return command.words.join(" ");
}
