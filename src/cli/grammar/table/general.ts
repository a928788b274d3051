/** The rows of the commands that are about the program itself, and of `ping`. */

import { type Command, defineCommand, NO_OPTIONS, type NoOptions } from "../command.ts";
import { flag, settings, text } from "../option.ts";

/** The options of `help`. */
export const HELP_OPTIONS = {
  "man": flag("print the page in the format of man"),
  "style": text("STYLE", "accepted for compatibility: there is one style", { hidden: true }),
} as const;

/** `plakar help`. */
export const HELP: Command<typeof HELP_OPTIONS> = defineCommand({
  words: ["help"],
  summary: "Explain a command",
  description: ["Prints the manual page of a command, or the list of commands."],
  options: HELP_OPTIONS,
  positionals: [{ name: "COMMAND", count: "any" }],
  examples: [
    { purpose: "Explain backup", lines: ["plakar help backup"] },
    {
      purpose: "Install manual pages",
      lines: ["plakar help -man > plakar.1", "plakar help -man backup > plakar-backup.1"],
    },
  ],
  opensRepository: false,
});

/** `plakar version`. */
export const VERSION: Command<NoOptions> = defineCommand({
  words: ["version"],
  summary: "Print the version",
  description: ["Prints the program's name and version."],
  options: NO_OPTIONS,
  positionals: [],
  examples: [{ purpose: "See which version this is", lines: ["plakar version"] }],
  opensRepository: false,
});

/** The options of `ping`. */
export const PING_OPTIONS = { "o": settings("set an option of the location") } as const;

/** `plakar ping`. */
export const PING: Command<typeof PING_OPTIONS> = defineCommand({
  words: ["ping"],
  summary: "Try to reach a location, and say what answered",
  description: [
    "Connects as backup would and prints what it found: server, host key, authentication, SFTP extensions and " +
    "limits, free space, round-trip time. When something fails it says what, and what to do.",
  ],
  options: PING_OPTIONS,
  positionals: [{ name: "LOCATION|@SOURCE", count: "one", completes: "source" }],
  examples: [{ purpose: "Try a server", lines: ["plakar ping sftp://myserver/etc"] }],
  opensRepository: false,
});

/** `plakar completion`. */
export const COMPLETION: Command<NoOptions> = defineCommand({
  words: ["completion"],
  summary: "Print what makes a shell complete command lines",
  description: [
    "Prints a script for bash, zsh or fish. It completes commands, options, @names and snapshots.",
  ],
  options: NO_OPTIONS,
  positionals: [{ name: "bash|zsh|fish", count: "one" }],
  examples: [
    {
      purpose: "Complete in bash",
      lines: ["plakar completion bash > ~/.local/share/bash-completion/completions/plakar"],
    },
    {
      purpose: "Complete in zsh, with a directory of fpath",
      lines: ["plakar completion zsh > ~/.zfunc/_plakar"],
    },
    {
      purpose: "Complete in fish",
      lines: ["plakar completion fish > ~/.config/fish/completions/plakar.fish"],
    },
  ],
  opensRepository: false,
});

/** `plakar complete`, which the shells' scripts call. */
export const COMPLETE: Command<NoOptions> = defineCommand({
  words: ["complete"],
  summary: "Print candidates for the last of the words",
  description: ["Called by the scripts that completion prints."],
  options: NO_OPTIONS,
  positionals: [{ name: "WORD", count: "any" }],
  examples: [],
  opensRepository: false,
  hidden: true,
});
