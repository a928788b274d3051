/** The rows of `config`: the words of plakar 1.0.1, over the same configuration as `source` and `store`. */

import {
  type Command,
  defineCommand,
  type Example,
  NO_OPTIONS,
  type NoOptions,
  type Positional,
} from "../command.ts";
import { flag } from "../option.ts";

/** The options of `config`. */
export const CONFIG_OPTIONS = { "secrets": flag("print secrets instead of ********") } as const;

/** `plakar config`. */
export const CONFIG: Command<typeof CONFIG_OPTIONS> = defineCommand({
  words: ["config"],
  summary: "Show or change the configuration",
  description: [
    "Prints the whole configuration, with secrets masked.",
    "config remote NAME manages places to back up and to restore to: a remote is a source and a destination of " +
    "the same name. config repository NAME manages stores.",
  ],
  options: CONFIG_OPTIONS,
  positionals: [],
  examples: [
    { purpose: "Show all of it", lines: ["plakar config"] },
    {
      purpose: "Name a server",
      lines: [
        "plakar config remote create mysftp",
        "plakar config remote set mysftp location sftp://myserver",
        "plakar at /var/backups backup @mysftp",
      ],
    },
  ],
  opensRepository: false,
});

/** The rows of `config remote` or `config repository`. */
export interface ConfigCommands {
  /** `plakar config remote`. */
  group: Command;
  /** `plakar config remote create NAME`. */
  create: Command<NoOptions>;
  /** `plakar config remote set NAME OPTION VALUE`. */
  set: Command<NoOptions>;
  /** `plakar config remote unset NAME OPTION`. */
  unset: Command<NoOptions>;
  /** `plakar config remote validate NAME`. */
  validate: Command<NoOptions>;
}

function configCommands(kind: "remote" | "repository"): ConfigCommands {
  const completes = kind === "remote" ? "source" : "store";
  const name: Positional = { name: "NAME", count: "one", completes };
  const [known, location] = kind === "remote"
    ? ["mysftp", "sftp://myserver"]
    : ["nas", "sftp://mynas/backups"];
  const line = (action: string, ...rest: string[]) =>
    ["plakar config", kind, action, known, ...rest].join(" ");
  const naming = { purpose: `Name a ${kind}`, lines: [line("create"), line("set", "location", location)] };
  const row = (action: string, summary: string, positionals: Positional[], example: Example) =>
    defineCommand({
      words: ["config", kind, action],
      aliases: kind === "repository" ? [["config", "repo", action]] : [],
      summary,
      description: [`${summary}.`],
      options: NO_OPTIONS,
      positionals,
      examples: [example],
      opensRepository: false,
    });
  return {
    group: defineCommand({
      words: ["config", kind],
      aliases: kind === "repository" ? [["config", "repo"]] : [],
      isGroup: true,
      summary: kind === "remote" ? "Manage sources and destinations together" : "Manage stores",
      description: [
        kind === "remote"
          ? "A remote is a place that can be backed up and restored to: a source and a destination of one name."
          : "A repository of the configuration is a store: what at @name opens.",
      ],
      options: NO_OPTIONS,
      positionals: [],
      examples: [naming],
      opensRepository: false,
    }),
    create: row(
      "create",
      `Create a ${kind}, to be given a location with set`,
      [{ name: "NAME", count: "one" }],
      naming,
    ),
    set: row(
      "set",
      `Set an option of a ${kind}`,
      [name, { name: "OPTION", count: "one" }, { name: "VALUE", count: "one" }],
      { purpose: "Use another key", lines: [line("set", "identity_file", "~/.ssh/backup")] },
    ),
    unset: row(
      "unset",
      `Remove an option of a ${kind}`,
      [name, { name: "OPTION", count: "one" }],
      { purpose: "Go back to the keys of ssh", lines: [line("unset", "identity_file")] },
    ),
    validate: row("validate", `Check the location and options of a ${kind}`, [name], {
      purpose: "Find typing errors",
      lines: [line("validate")],
    }),
  };
}

/** The rows of `config remote`. */
export const CONFIG_REMOTE: ConfigCommands = configCommands("remote");
/** The rows of `config repository`. */
export const CONFIG_REPOSITORY: ConfigCommands = configCommands("repository");

/** `plakar config repository default NAME`. */
export const CONFIG_REPOSITORY_DEFAULT: Command<NoOptions> = defineCommand({
  words: ["config", "repository", "default"],
  aliases: [["config", "repo", "default"]],
  summary: "Choose the repository that is used when none is given",
  description: ["Makes a store the one that commands without at work on."],
  options: NO_OPTIONS,
  positionals: [{ name: "NAME", count: "one", completes: "store" }],
  examples: [
    {
      purpose: "Work on a store without naming it",
      lines: ["plakar config repository default nas", "plakar ls"],
    },
  ],
  opensRepository: false,
});
