/** The rows of `source`, `destination` and `store`: one family of actions over three kinds of named entries. */

import type { EntryKind } from "../../../config/entry_file.ts";
import {
  type Command,
  defineCommand,
  type Example,
  NO_OPTIONS,
  type NoOptions,
  type Positional,
} from "../command.ts";
import { flag, settings, text } from "../option.ts";

const PURPOSE: Readonly<Record<EntryKind, string>> = {
  source: "what backup @name reads",
  destination: "where restore -to @name writes",
  store: "the repositories that at @name opens",
};

/** What a named entry is for. */
const USE: Readonly<Record<EntryKind, string>> = {
  source: "at /var/backups backup @mine",
  destination: "at /var/backups restore -to @mine fc1b1e94",
  store: "at @mine ls",
};

/** The options of `source show`. */
export const SHOW_ENTRIES_OPTIONS = {
  "yaml": flag("print YAML (the default)"),
  "json": flag("print JSON"),
  "ini": flag("print INI"),
  "secrets": flag("print secrets instead of ********"),
} as const;
/** The options of `source import`. */
export const IMPORT_ENTRIES_OPTIONS = {
  "config": text("FILE", "read this file instead of standard input", { completes: "file" }),
  "overwrite": flag("replace entries of the same name"),
  "rclone": flag("the input is a configuration of rclone"),
  "ssh-config": flag("the input is an ssh_config: one entry for each Host (default ~/.ssh/config)"),
} as const;
/** The options of `source ping`. */
export const PING_ENTRY_OPTIONS = { "o": settings("set an option, over the configuration") } as const;

/** The rows of one kind. */
export interface EntryCommands {
  /** `plakar source`. */
  group: Command;
  /** `plakar source add NAME LOCATION [KEY=VALUE]...`. */
  add: Command<NoOptions>;
  /** `plakar source check NAME`. */
  check: Command<typeof PING_ENTRY_OPTIONS>;
  /** `plakar source import [SECTION[:NAME]]...`. */
  import: Command<typeof IMPORT_ENTRIES_OPTIONS>;
  /** `plakar source ping NAME`. */
  ping: Command<typeof PING_ENTRY_OPTIONS>;
  /** `plakar source rm NAME`. */
  rm: Command<NoOptions>;
  /** `plakar source set NAME KEY=VALUE...`. */
  set: Command<NoOptions>;
  /** `plakar source show [NAME]...`. */
  show: Command<typeof SHOW_ENTRIES_OPTIONS>;
  /** `plakar source unset NAME KEY...`. */
  unset: Command<NoOptions>;
}

function entryCommands(kind: EntryKind): EntryCommands {
  const name: Positional = { name: "NAME", count: "one", completes: kind };
  const common = { options: NO_OPTIONS, opensRepository: false } as const;
  const location = kind === "store" ? "/var/backups" : "sftp://myserver/srv";
  const example = (purpose: string, ...lines: string[]): Example[] => [{
    purpose,
    lines: lines.map((line) => `plakar ${line}`),
  }];
  return {
    group: defineCommand({
      ...common,
      words: [kind],
      isGroup: true,
      summary: `Manage the ${kind}s of the configuration`,
      description: [
        `Manages the named ${kind}s: ${
          PURPOSE[kind]
        }. Each has a location and any options of its connector, ` +
        `and is kept in ${kind}s.yml in the configuration directory.`,
      ],
      positionals: [],
      examples: example(`Name a ${kind}, and use it`, `${kind} add mine ${location}`, USE[kind]),
    }),
    add: defineCommand({
      ...common,
      words: [kind, "add"],
      summary: `Add a ${kind}`,
      description: [`Adds a ${kind} under a name that is not taken yet, with its location and options.`],
      positionals: [
        { name: "NAME", count: "one" },
        { name: "LOCATION", count: "one", completes: "location" },
        { name: "KEY=VALUE", count: "any" },
      ],
      examples: example(`Name a ${kind}`, `${kind} add mine ${location}`),
    }),
    check: defineCommand({
      ...common,
      options: PING_ENTRY_OPTIONS,
      words: [kind, "check"],
      summary: `Check the configuration of a ${kind}`,
      description: ["Checks that the location and the options are understood. Nothing is connected to."],
      positionals: [name],
      examples: example("Find typing errors", `${kind} check mine`),
    }),
    import: defineCommand({
      ...common,
      options: IMPORT_ENTRIES_OPTIONS,
      words: [kind, "import"],
      summary: `Import ${kind}s from a file`,
      description: [
        "Reads entries as YAML, JSON or INI from standard input or a file. Sections limit the import to those " +
        "named; SECTION:NAME imports one under another name. With -ssh-config, every Host of an ssh_config " +
        "that is not a pattern becomes an entry.",
      ],
      positionals: [{ name: "SECTION[:NAME]", count: "any" }],
      examples: example("Import every host that ssh knows", `${kind} import -ssh-config`),
    }),
    ping: defineCommand({
      ...common,
      options: PING_ENTRY_OPTIONS,
      words: [kind, "ping"],
      summary: `Try to reach a ${kind}`,
      description: ["Connects, and says what answered or what failed."],
      positionals: [name],
      examples: example("See whether it can be reached", `${kind} ping mine`),
    }),
    rm: defineCommand({
      ...common,
      words: [kind, "rm"],
      summary: `Remove a ${kind} from the configuration`,
      description: ["Removes the entry. What it names is not touched."],
      positionals: [name],
      examples: example(`Forget a ${kind}`, `${kind} rm mine`),
    }),
    set: defineCommand({
      ...common,
      words: [kind, "set"],
      summary: `Set options of a ${kind}`,
      description: ["Sets options, adding them or replacing their values."],
      positionals: [name, { name: "KEY=VALUE", count: "some" }],
      examples: example("Use another key", `${kind} set mine identity_file=~/.ssh/backup`),
    }),
    show: defineCommand({
      ...common,
      options: SHOW_ENTRIES_OPTIONS,
      words: [kind, "show"],
      summary: `Show the ${kind}s of the configuration`,
      description: ["Prints all entries, or those named, with secrets masked."],
      positionals: [{ name: "NAME", count: "any", completes: kind }],
      examples: example(`Show all ${kind}s`, `${kind} show`),
    }),
    unset: defineCommand({
      ...common,
      words: [kind, "unset"],
      summary: `Remove options of a ${kind}`,
      description: ["Removes options; the location cannot be removed."],
      positionals: [name, { name: "KEY", count: "some" }],
      examples: example("Go back to the keys of ssh", `${kind} unset mine identity_file`),
    }),
  };
}

/** The rows of `source`. */
export const SOURCE: EntryCommands = entryCommands("source");
/** The rows of `destination`. */
export const DESTINATION: EntryCommands = entryCommands("destination");
/** The rows of `store`. */
export const STORE: EntryCommands = entryCommands("store");
