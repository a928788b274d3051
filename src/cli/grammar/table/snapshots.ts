/** The rows of the commands that list, check and remove snapshots. */

import { type Command, defineCommand } from "../command.ts";
import { FILTER_OPTIONS, LOCATE_OPTIONS } from "../locate_options.ts";
import { flag, text } from "../option.ts";

/** The options of `ls`. */
export const LS_OPTIONS = {
  "recursive": flag("list the directories below as well"),
  "tags": flag("show the snapshots' tags"),
  "uuid": flag("show the snapshots' whole ids"),
  ...LOCATE_OPTIONS,
} as const;

/** `plakar ls`. */
export const LS: Command<typeof LS_OPTIONS> = defineCommand({
  words: ["ls"],
  summary: "List snapshots, or the files in one",
  description: [
    "Without an argument, lists the snapshots that match the filters, the newest first: time, id, size, how " +
    "long it took, directory. With a snapshot, lists the directory that was backed up, or PATH in it.",
  ],
  options: LS_OPTIONS,
  positionals: [{ name: "SNAPSHOT[:PATH]", count: "optional", completes: "content" }],
  examples: [
    { purpose: "List the snapshots of the last week", lines: ["plakar at /var/backups ls -since 7d"] },
    { purpose: "List a directory in a snapshot", lines: ["plakar at /var/backups ls fc1b1e94:/etc/ssh"] },
  ],
  opensRepository: true,
});

/** The options of `check`. */
export const CHECK_OPTIONS = {
  "fast": flag("look only whether everything is there, without reading contents"),
  "no-verify": flag("do not verify signatures"),
  ...LOCATE_OPTIONS,
} as const;

/** `plakar check`. */
export const CHECK: Command<typeof CHECK_OPTIONS> = defineCommand({
  words: ["check"],
  summary: "Check that snapshots can be restored",
  description: [
    "Reads everything that the snapshots consist of and compares it with its MACs. Data that does not match, " +
    "and data that could not be read, are reported apart; both make the exit status 65.",
  ],
  options: CHECK_OPTIONS,
  positionals: [{ name: "SNAPSHOT[:PATH]", count: "any", completes: "content" }],
  examples: [
    { purpose: "Check everything", lines: ["plakar at /var/backups check"] },
    {
      purpose: "Check the newest snapshot of a host",
      lines: ["plakar at /var/backups check -latest -origin myserver"],
    },
  ],
  opensRepository: true,
});

/** The options of `rm`. */
export const RM_OPTIONS = {
  "apply": flag("remove them; without it, they are only listed"),
  ...FILTER_OPTIONS,
} as const;

/** `plakar rm`. */
export const RM: Command<typeof RM_OPTIONS> = defineCommand({
  words: ["rm"],
  summary: "Remove snapshots",
  description: [
    "Removes the snapshots that are named and match the filters. Without -apply nothing is removed: they are " +
    "listed. The space is freed by maintenance.",
  ],
  options: RM_OPTIONS,
  positionals: [{ name: "SNAPSHOT", count: "any", completes: "snapshot" }],
  examples: [
    { purpose: "See what would be removed", lines: ["plakar at /var/backups rm -before 1y"] },
    { purpose: "Remove a snapshot", lines: ["plakar at /var/backups rm -apply fc1b1e94"] },
  ],
  opensRepository: true,
});

/** The options of `info`. */
export const INFO_OPTIONS = {
  "errors": flag("list what could not be read when the snapshot was made"),
} as const;

/** `plakar info`. */
export const INFO: Command<typeof INFO_OPTIONS> = defineCommand({
  words: ["info"],
  // As in plakar 1.0.
  aliases: [["info", "snapshot"]],
  summary: "Show what is known about the repository or a snapshot",
  description: ["Shows the repository's parameters and sizes, or a snapshot's header and summary."],
  options: INFO_OPTIONS,
  positionals: [{ name: "SNAPSHOT[:PATH]", count: "optional", completes: "content" }],
  examples: [
    { purpose: "Show the repository's parameters", lines: ["plakar at /var/backups info"] },
    {
      purpose: "List the files that could not be read",
      lines: ["plakar at /var/backups info -errors fc1b1e94"],
    },
  ],
  opensRepository: true,
});

/** The options of `locate`. */
export const LOCATE_COMMAND_OPTIONS = {
  "snapshot": text("SNAPSHOT", "look in this snapshot only", { completes: "snapshot" }),
  ...LOCATE_OPTIONS,
} as const;

/** `plakar locate`. */
export const LOCATE: Command<typeof LOCATE_COMMAND_OPTIONS> = defineCommand({
  words: ["locate"],
  summary: "Find files by name in snapshots",
  description: ["Lists every file whose base name is, or matches as a shell pattern, one of the patterns."],
  options: LOCATE_COMMAND_OPTIONS,
  positionals: [{ name: "PATTERN", count: "some" }],
  examples: [
    { purpose: "Find all snapshots that have a file", lines: ["plakar at /var/backups locate sshd_config"] },
    { purpose: "Find by pattern in the newest", lines: ["plakar at /var/backups locate -latest '*.docx'"] },
  ],
  opensRepository: true,
});
