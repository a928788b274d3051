/** The row of `restore`. */

import { type Command, defineCommand } from "../command.ts";
import { FILTER_OPTIONS } from "../locate_options.ts";
import { flag, settings, text } from "../option.ts";

/** The options of `restore`. */
export const RESTORE_OPTIONS = {
  "to": text("TARGET", "where to: a directory, a location or @destination (default ./plakar-TIMESTAMP)", {
    completes: "destination",
  }),
  "o": settings("set an option of the destination, over its configuration"),
  "skip-permissions": flag("do not restore modes and owners"),
  ...FILTER_OPTIONS,
} as const;

/** `plakar restore`. */
export const RESTORE: Command<typeof RESTORE_OPTIONS> = defineCommand({
  words: ["restore"],
  summary: "Restore files from a snapshot, here or to an SSH server",
  description: [
    "Restores a snapshot, or a file or directory of it, into a local directory, a directory of an SSH server " +
    "or a destination of the configuration. What is chosen becomes the contents of the target: a directory's " +
    "contents are put into it, a file under its own name. Without a snapshot, the newest that matches the " +
    "filters is restored.",
    "Files are written under a temporary name, verified, and renamed over what is there. Directories that " +
    "exist are no error, and the target directory itself keeps its mode, owner and times if it was there before.",
  ],
  options: RESTORE_OPTIONS,
  positionals: [{ name: "SNAPSHOT[:PATH]", count: "optional", completes: "content" }],
  examples: [
    {
      purpose: "Restore one file to a server",
      lines: ["plakar at /var/backups restore -to sftp://myserver/tmp fc1b1e94:path/to/file.docx"],
    },
    {
      purpose: "Restore the newest snapshot of a directory",
      lines: ["plakar at /var/backups restore -to /srv/www -root /srv/www"],
    },
  ],
  opensRepository: true,
});
