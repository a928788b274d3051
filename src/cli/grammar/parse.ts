/**
 * The command line: `plakar [GLOBAL] [at REPOSITORY] COMMAND [OPTIONS] ARGS`.
 *
 * `-x` and `--x` are the same; a value stands after `=` or as the next word, a flag takes one only with `=`;
 * options may stand among and after the arguments, `--` ends them; global options may stand anywhere.
 */

import { messageOf, PlakarError } from "../../lib/errors.ts";
import { type Command, nameOf, type ParsedCommand } from "./command.ts";
import { insteadOf } from "./elsewhere.ts";
import { GLOBAL_OPTIONS, type GlobalOptions } from "./global_options.ts";
import { nearest } from "../../lib/nearest.ts";
import { type Option, optionNamed, type OptionSet, type OptionValues } from "./option.ts";
import { usageOf } from "./usage.ts";

/** A command line taken apart: a command to run, or help that was asked for. */
export type ParsedLine =
  | { readonly kind: "run"; readonly parsed: ParsedCommand<OptionSet, GlobalOptions> }
  | { readonly kind: "help"; readonly command?: Command }
  | { readonly kind: "nothing"; readonly given: ReadonlySet<string> };

/**
 * Takes a command line apart.
 *
 * @param words the arguments of the program
 * @param commands the commands there are
 * @returns what was asked for
 * @throws {PlakarError} `usage`
 */
export function parseCommandLine(words: readonly string[], commands: readonly Command[]): ParsedLine {
  const line = new Words(words);
  const global = new Values(GLOBAL_OPTIONS);
  let at: string | undefined;
  while (line.nextIsOption()) {
    if (line.takeHelp()) return { kind: "help" };
    takeOption(line, [global], "plakar");
  }
  if (line.peek() === "at") {
    line.take();
    at = line.take();
    if (at === undefined || at === "") throw new PlakarError("usage", "missing plakar repository");
    while (line.nextIsOption()) {
      if (line.takeHelp()) return { kind: "help" };
      takeOption(line, [global], "plakar");
    }
    if (line.peek() === undefined) throw new PlakarError("usage", "missing command");
  }
  if (line.peek() === undefined) return { kind: "nothing", given: global.given };
  const command = takeCommand(line, commands);
  const own = new Values(command.options);
  const args: string[] = [];
  while (line.peek() !== undefined) {
    if (line.nextIsOption()) {
      if (line.takeHelp()) return { kind: "help", command };
      takeOption(line, [own, global], nameOf(command));
      continue;
    }
    // Nothing has to follow the "--" that ends the options.
    const word = line.take();
    if (word !== undefined) args.push(word);
  }
  if (command.isGroup) {
    throw new PlakarError("usage", "no action specified", {
      hint: `usage: plakar ${nameOf(command)} [${actionsOf(command, commands).join("|")}]`,
    });
  }
  checkCount(command, args);
  const given = new Set([...global.given, ...own.given]);
  return {
    kind: "run",
    parsed: { command, at, global: global.values(), options: own.values(), given, args },
  };
}

/** The words of a command line, taken one after another. */
class Words {
  readonly #words: readonly string[];
  #next = 0;
  #optionsEnded = false;

  constructor(words: readonly string[]) {
    this.#words = words;
  }

  peek(): string | undefined {
    return this.#words[this.#next];
  }

  take(): string | undefined {
    return this.#words[this.#next++];
  }

  /** Whether the next word is an option; passes over the `--` that ends them. */
  nextIsOption(): boolean {
    const word = this.peek();
    if (this.#optionsEnded || word === undefined || word === "-" || !word.startsWith("-")) return false;
    if (word !== "--") return true;
    this.#next++;
    this.#optionsEnded = true;
    return false;
  }

  /** Whether the next word asks for help, which is then taken. */
  takeHelp(): boolean {
    const asked = /^--?(h|help)$/.test(this.peek() ?? "");
    if (asked) this.#next++;
    return asked;
  }

  /** The command among `commands` whose words, or other words, stand next, the longest such. */
  longestMatch(commands: readonly Command[]): { command: Command; length: number } | undefined {
    let best: { command: Command; length: number } | undefined;
    for (const command of commands) {
      for (const words of [command.words, ...command.aliases ?? []]) {
        const matches = words.every((word, i) => this.#words[this.#next + i] === word);
        if (matches && words.length > (best?.length ?? 0)) best = { command, length: words.length };
      }
    }
    return best;
  }

  skip(count: number): void {
    this.#next += count;
  }
}

/** Values of a set of options while they are being given. */
class Values<O extends OptionSet> {
  readonly given: Set<string> = new Set();
  readonly #options: O;
  readonly #values: Map<string, unknown>;

  constructor(options: O) {
    this.#options = options;
    this.#values = new Map(Object.entries(options).map(([name, option]) => [name, option.initial]));
  }

  /** The option that goes by a name, with its own name. */
  find(name: string): { name: string; option: Option<unknown> } | undefined {
    return optionNamed(this.#options, name);
  }

  accept(name: string, option: Option<unknown>, text: string): void {
    this.#values.set(name, option.accept(text, this.#values.get(name)));
    this.given.add(name);
  }

  names(): string[] {
    return Object.entries(this.#options).filter(([, option]) => !option.hidden).map(([name]) => name);
  }

  values(): OptionValues<O> {
    return Object.fromEntries(this.#values) as OptionValues<O>;
  }
}

/** Takes one option and its value off the line, into the first set that has it. */
function takeOption(line: Words, sets: Values<OptionSet>[], where: string): void {
  const word = line.take() ?? "";
  const bare = word.replace(/^--?/, "");
  const equals = bare.indexOf("=");
  const name = equals < 0 ? bare : bare.slice(0, equals);
  for (const set of sets) {
    const found = set.find(name);
    if (!found) continue;
    const { option } = found;
    let text = equals < 0 ? undefined : bare.slice(equals + 1);
    if (text === undefined) text = option.valueName === undefined ? "true" : line.take();
    if (text === undefined) {
      throw new PlakarError("usage", `Option -${name} needs a value`, {
        hint: `write it as -${name} ${option.valueName}`,
      });
    }
    try {
      set.accept(found.name, option, text);
    } catch (error) {
      throw new PlakarError("usage", `Cannot take "${text}" for -${name}: ${messageOf(error)}`, {
        cause: error,
      });
    }
    return;
  }
  const suggestion = nearest(name, sets.flatMap((set) => set.names()));
  throw new PlakarError("usage", `Unknown option -${name} for "${where}"`, {
    hint: suggestion === undefined
      ? `see "${
        where === "plakar" ? "plakar -h" : `plakar ${where} -h`
      }"; after "--", words are never options`
      : `did you mean -${suggestion}?`,
  });
}

/** Takes the command's words off the line. */
function takeCommand(line: Words, commands: readonly Command[]): Command {
  const match = line.longestMatch(commands);
  if (!match) {
    const first = line.peek() ?? "";
    const firstWords = commands.filter((command) => !command.hidden).map((command) => command.words[0]);
    const suggestion = nearest(first, new Set(firstWords));
    const guess = suggestion === undefined ? 'see "plakar help"' : `did you mean "${suggestion}"?`;
    throw notFound(first, insteadOf(first) ?? guess);
  }
  line.skip(match.length);
  const action = line.peek();
  if (action !== undefined && !action.startsWith("-")) refuseUnknownAction(match.command, action, commands);
  return match.command;
}

/** Refuses an action that plakar has, and any word after a command that takes none but actions, such as `source`. */
function refuseUnknownAction(group: Command, action: string, commands: readonly Command[]): void {
  const words = `${nameOf(group)} ${action}`;
  const instead = insteadOf(words);
  if (instead !== undefined) throw notFound(words, instead);
  const actions = actionsOf(group, commands);
  if (actions.length === 0 || group.positionals.length > 0) return;
  const suggestion = nearest(action, actions);
  const guess = suggestion === undefined
    ? `usage: plakar ${nameOf(group)} [${actions.join("|")}]`
    : `did you mean "${nameOf(group)} ${suggestion}"?`;
  throw notFound(words, guess);
}

function notFound(words: string, hint: string): PlakarError {
  return new PlakarError("usage", `command not found: ${words}`, { hint });
}

/**
 * The words that may follow those of a command to make a longer command.
 *
 * @param group the command, such as `source`
 * @param commands the commands there are
 * @returns such as `add`, `rm`, `show`
 */
export function actionsOf(group: Command, commands: readonly Command[]): string[] {
  const longer = commands.filter(({ words, hidden }) =>
    !hidden && words.length > group.words.length && group.words.every((word, i) => words[i] === word)
  );
  return [...new Set(longer.map(({ words }) => words[group.words.length]))];
}

/** Refuses too few or too many arguments. */
function checkCount(command: Command, args: readonly string[]): void {
  const least = command.positionals.filter(({ count }) => count === "one" || count === "some").length;
  const unbounded = command.positionals.some(({ count }) => count === "any" || count === "some");
  const hint = usageOf(command);
  if (args.length < least) {
    const missing = command.positionals.filter(({ count }) =>
      count === "one" || count === "some"
    )[args.length];
    throw new PlakarError("usage", `Command "${nameOf(command)}" needs ${missing.name}`, { hint });
  }
  if (!unbounded && args.length > command.positionals.length) {
    const extra = args[command.positionals.length];
    throw new PlakarError("usage", `Too many arguments for "${nameOf(command)}": "${extra}"`, { hint });
  }
}
