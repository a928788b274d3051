/** What a shell may complete a command line with, found in the table that also parses it. */

import { type Command, nameOf } from "./command.ts";
import { GLOBAL_OPTIONS } from "./global_options.ts";
import { type Completion, type Option, optionNamed } from "./option.ts";

/** A word that could be meant, and what it is for. */
export interface Candidate {
  /** The whole word. */
  readonly word: string;
  /** A few words about it, empty if there is nothing to say. */
  readonly about: string;
}

/** What completes a command line: words, and whether file names do as well. */
export interface Candidates {
  /** The words. */
  readonly words: readonly Candidate[];
  /** Whether the shell should offer names of files. */
  readonly files: boolean;
}

/** Where names that are not in the table come from. */
export interface CompletionNames {
  /** Names in the configuration, without `@`. */
  entries(kind: "source" | "destination" | "store"): Promise<Candidate[]>;
  /** Snapshots of a repository. */
  snapshots(query: SnapshotQuery): Promise<Candidate[]>;
  /** Paths in a snapshot, which the start of the query names: `ID:` and the beginning of a path. */
  contents(query: SnapshotQuery): Promise<Candidate[]>;
}

/** Which snapshots are wanted. */
export interface SnapshotQuery {
  /** The repository given with `at`, absent for the default one. */
  readonly at?: string;
  /** Values of the program's own options on the line, by their names. */
  readonly global: Readonly<Record<string, string>>;
  /** The first characters of the word. */
  readonly start: string;
}

/**
 * Candidates for the last of the words.
 *
 * @param words the words after the program's name, the last being the one to complete, perhaps empty
 * @param commands the commands there are
 * @param names gives names of entries and snapshots
 * @returns candidates that begin as the last word does
 */
export async function complete(
  words: readonly string[],
  commands: readonly Command[],
  names: CompletionNames,
): Promise<Candidates> {
  let current = words.at(-1) ?? "";
  const shown = commands.filter(({ hidden }) => !hidden);
  let at: string | undefined;
  const global: Record<string, string> = {};
  let expected: NamedOption | undefined;
  let command: Command | undefined;
  let path: string[] = [];
  let awaitsRepository = false;
  let positional = 0;
  for (const word of words.slice(0, -1)) {
    if (expected) {
      if (expected.isGlobal) global[expected.name] = word;
      expected = undefined;
    } else if (word.startsWith("-") && word !== "-") {
      const [, name, value] = /^--?([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
      const found = findOption(name, command);
      if (found?.isGlobal && value !== undefined) global[found.name] = value;
      else if (found?.option.valueName !== undefined && value === undefined) expected = found;
    } else if (awaitsRepository) {
      at = word;
      awaitsRepository = false;
    } else if (command === undefined && path.length === 0 && at === undefined && word === "at") {
      awaitsRepository = true;
    } else if (isPrefix([...path, word], shown)) {
      path = [...path, word];
      command = shown.find((candidate) => nameOf(candidate) === path.join(" ")) ?? command;
    } else {
      positional++;
    }
  }

  const offer = async (kind: Completion | undefined): Promise<Candidates> => {
    const found = kind === undefined ? [] : await namesFor(kind, { at, global, start: current }, names);
    const isContent = kind === "snapshot" || kind === "content" || current.startsWith("@");
    return { words: matching(found, current), files: !isContent };
  };
  const offerValue = async ({ choices, completes }: Option<unknown>): Promise<Candidates> =>
    choices
      ? { words: matching(choices.map((word) => ({ word, about: "" })), current), files: false }
      : await offer(completes);
  if (awaitsRepository) return await offer("store");
  if (expected) return await offerValue(expected.option);
  const [, beginning, name, value] = /^(--?([^=]+)=)(.*)$/s.exec(current) ?? [];
  if (name !== undefined) {
    const found = findOption(name, command);
    if (!found) return { words: [], files: false };
    current = value;
    const { words, files } = await offerValue(found.option);
    return { words: words.map(({ word, about }) => ({ word: beginning + word, about })), files };
  }
  if (current.startsWith("-")) {
    const options = { ...GLOBAL_OPTIONS, ...command?.options };
    const offered = Object.entries<Option<unknown>>(options).filter(([, option]) => !option.hidden);
    const dashes = current.startsWith("--") ? "--" : "-";
    return {
      words: matching(offered.map(([name, { help }]) => ({ word: dashes + name, about: help })), current),
      files: false,
    };
  }
  const actions = positional > 0
    ? []
    : shown.filter(({ words }) =>
      words.length === path.length + 1 && path.every((word, i) => words[i] === word)
    );
  if (actions.length > 0) {
    const offered = actions.map(({ words, summary }) => ({ word: words[path.length], about: summary }));
    if (path.length === 0 && at === undefined) offered.push({ word: "at", about: "Choose the repository" });
    return { words: matching(offered, current), files: false };
  }
  if (command === undefined) return { words: [], files: false };
  const { positionals } = command;
  const argument = positionals[Math.min(positional, positionals.length - 1)];
  if (command.words[0] === "help") {
    return await complete(words.slice(words.indexOf("help") + 1), commands, names);
  }
  return argument === undefined ? { words: [], files: false } : await offer(argument.completes);
}

function isPrefix(words: readonly string[], commands: readonly Command[]): boolean {
  return commands.some((command) => words.every((word, i) => command.words[i] === word));
}

interface NamedOption {
  readonly name: string;
  readonly option: Option<unknown>;
  readonly isGlobal: boolean;
}

function findOption(wanted: string, command: Command | undefined): NamedOption | undefined {
  const own = optionNamed(command?.options ?? {}, wanted);
  if (own) return { ...own, isGlobal: false };
  const global = optionNamed(GLOBAL_OPTIONS, wanted);
  return global && { ...global, isGlobal: true };
}

function matching(candidates: readonly Candidate[], start: string): Candidate[] {
  return candidates.filter(({ word }) => word.startsWith(start));
}

async function namesFor(
  kind: Completion,
  query: SnapshotQuery,
  names: CompletionNames,
): Promise<Candidate[]> {
  if (kind === "file" || kind === "directory" || kind === "location") return [];
  if (kind === "side") {
    const of = (other: Completion) => namesFor(other, query, names);
    return query.start.startsWith("@") ? await of("source") : await of("content");
  }
  if (kind === "content" && query.start.includes(":")) return await names.contents(query);
  if (kind === "snapshot" || kind === "content") return await names.snapshots(query);
  const entries = await names.entries(kind);
  // Commands of the configuration take bare names, all others @names; both are right where both are taken.
  const marked = entries.map(({ word, about }) => ({ word: `@${word}`, about }));
  return query.start.startsWith("@") ? marked : [...entries, ...marked];
}
