/**
 * Options as values of one type: what they are called and mean, and how text becomes their value.
 *
 * An option is a fold: it starts at `initial`, and every time it is given, `accept` takes what it was and the
 * text and gives what it becomes. So parsing, help, man pages and completion all read the same thing.
 */

import { PlakarError } from "../../lib/errors.ts";

/**
 * What the shell may complete a value with. `content` is a snapshot or a path in one; `side` is what that may
 * be compared with: content as well, a source, a file.
 */
export type Completion =
  | "file"
  | "directory"
  | "snapshot"
  | "content"
  | "side"
  | "location"
  | "source"
  | "destination"
  | "store";

/** What all kinds of options may be told beside their help. */
export interface OptionTraits {
  /** Other names it is accepted by: the words of older versions. */
  aliases?: readonly string[];
  /** What its value may be completed with. */
  completes?: Completion;
  /** Left out of help and completion. */
  hidden?: boolean;
}

/** One option whose value is a `T`. */
export interface Option<T> extends OptionTraits {
  /** One line for people, without a full stop. */
  readonly help: string;
  /** What its value is called, absent for a flag, which takes a value only with `=`. */
  readonly valueName?: string;
  /** The values it takes, where they can be listed. */
  readonly choices?: readonly string[];
  /** What help says it is when it is not given. */
  readonly shownDefault?: string;
  /** The value when it is not given. */
  readonly initial: T;
  /**
   * Takes one more occurrence.
   *
   * @param text the value's text, `true` for a bare flag
   * @param previous what the value was
   * @returns what it becomes
   * @throws {PlakarError} `usage`, saying what is wrong with the text
   */
  accept(text: string, previous: T): T;
}

/** Options by the name they are given by, without the dash. */
export type OptionSet = Readonly<Record<string, Option<unknown>>>;

/** The values of a set of options. */
export type OptionValues<O extends OptionSet> = {
  readonly [Name in keyof O]: O[Name] extends Option<infer T> ? T : never;
};

/**
 * The option that goes by a name.
 *
 * @param options where to look
 * @param wanted its name, or another name it goes by
 * @returns its own name and the option, or `undefined`
 */
export function optionNamed(
  options: OptionSet,
  wanted: string,
): { name: string; option: Option<unknown> } | undefined {
  for (const [name, option] of Object.entries(options)) {
    if (name === wanted || option.aliases?.includes(wanted)) return { name, option };
  }
  return undefined;
}

const TRUE = ["1", "t", "T", "true", "True", "TRUE"];
const FALSE = ["0", "f", "F", "false", "False", "FALSE"];

/**
 * An option that is on or off.
 *
 * @param help one line for people
 * @param traits aliases and the like
 * @returns the option, off when not given
 */
export function flag(help: string, traits: OptionTraits = {}): Option<boolean> {
  return {
    ...traits,
    help,
    initial: false,
    accept(text) {
      if (TRUE.includes(text)) return true;
      if (FALSE.includes(text)) return false;
      throw new PlakarError("usage", "it is either true or false");
    },
  };
}

/**
 * An option that takes any text.
 *
 * @param valueName what the value is called
 * @param help one line for people
 * @param traits aliases and the like
 * @returns the option, `undefined` when not given
 */
export function text(valueName: string, help: string, traits: OptionTraits = {}): Option<string | undefined> {
  return { ...traits, help, valueName, initial: undefined, accept: (value) => value };
}

/**
 * An option that takes one of a few words, in any case.
 *
 * @typeParam C the words
 * @param choices the words
 * @param help one line for people
 * @param initial the word when it is not given
 * @param traits aliases and the like
 * @returns the option
 */
export function choice<const C extends string, D extends C | undefined>(
  choices: readonly C[],
  help: string,
  initial: D,
  traits: OptionTraits = {},
): Option<C | D> {
  return {
    ...traits,
    help,
    valueName: choices.join("|"),
    choices,
    initial,
    shownDefault: initial,
    accept(value) {
      const found = choices.find((word) => word.toLowerCase() === value.toLowerCase());
      if (found === undefined) throw new PlakarError("usage", `it is one of ${choices.join(", ")}`);
      return found;
    },
  };
}

/**
 * An option that takes a whole number.
 *
 * @param help one line for people
 * @param least the smallest number it takes
 * @param traits aliases and the like
 * @returns the option, `undefined` when not given
 */
export function wholeNumber(
  help: string,
  least: number,
  traits: OptionTraits = {},
): Option<number | undefined> {
  return {
    ...traits,
    help,
    valueName: "N",
    initial: undefined,
    accept(value) {
      const number = /^\d{1,9}$/.test(value) ? Number(value) : NaN;
      if (!(number >= least)) throw new PlakarError("usage", `it is a whole number, ${least} or more`);
      return number;
    },
  };
}

/**
 * An option that may be given several times.
 *
 * @param valueName what one value is called
 * @param help one line for people
 * @param traits aliases and the like
 * @returns the option, with the values in the order given
 */
export function repeated(
  valueName: string,
  help: string,
  traits: OptionTraits = {},
): Option<readonly string[]> {
  return { ...traits, help, valueName, initial: [], accept: (value, previous) => [...previous, value] };
}

/**
 * An option that takes words separated by commas, and may be given several times.
 *
 * @param valueName what the list is called
 * @param help one line for people
 * @param traits aliases and the like
 * @returns the option, with all the words in the order given, blanks around them removed
 */
export function commaList(
  valueName: string,
  help: string,
  traits: OptionTraits = {},
): Option<readonly string[]> {
  return {
    ...traits,
    help,
    valueName,
    initial: [],
    accept: (value, previous) => [...previous, ...splitList(value)],
  };
}

/**
 * The words of a list separated by commas.
 *
 * @param list the list
 * @returns its words without blanks around them, empty ones left out
 */
export function splitList(list: string): string[] {
  return list.split(",").map((word) => word.trim()).filter((word) => word !== "");
}

/**
 * An option that takes `key=value` settings; a bare `key` is `key=true`.
 *
 * @param help one line for people
 * @param traits aliases and the like
 * @returns the option, a later setting of a key replacing an earlier one
 */
export function settings(help: string, traits: OptionTraits = {}): Option<Readonly<Record<string, string>>> {
  return {
    ...traits,
    help,
    valueName: "KEY[=VALUE]",
    initial: {},
    accept(value, previous) {
      const equals = value.indexOf("=");
      const key = equals < 0 ? value : value.slice(0, equals);
      if (key === "") throw new PlakarError("usage", "the key is missing before =");
      return { ...previous, [key]: equals < 0 ? "true" : value.slice(equals + 1) };
    },
  };
}

/**
 * An option whose text means something that a function finds out.
 *
 * @typeParam T what it means
 * @param valueName what the value is called
 * @param help one line for people
 * @param parse gives the meaning, or throws saying what is wrong with the text
 * @param traits aliases and the like
 * @returns the option, `undefined` when not given
 */
export function parsed<T>(
  valueName: string,
  help: string,
  parse: (text: string) => T,
  traits: OptionTraits = {},
): Option<T | undefined> {
  return { ...traits, help, valueName, initial: undefined, accept: (value) => parse(value) };
}
