/** The row of `backup`. */

import { parseTimeArgument } from "../../time_argument.ts";
import { type Command, defineCommand } from "../command.ts";
import { choice, commaList, flag, parsed, repeated, settings, text } from "../option.ts";

/** The options of `backup`. */
export const BACKUP_OPTIONS = {
  "tag": commaList("TAG,...", "label the snapshot (default $PLAKAR_TAGS)"),
  "name": text("NAME", "the snapshot's name (default default)"),
  "category": text("NAME", "the snapshot's category"),
  "environment": text("NAME", "the snapshot's environment"),
  "perimeter": text("NAME", "the snapshot's perimeter"),
  "job": text("NAME", "the snapshot's job"),
  "ignore": repeated("PATTERN", "leave out what matches a gitignore pattern", { aliases: ["exclude"] }),
  "ignore-file": repeated("FILE", "leave out what matches the gitignore patterns in a file", {
    aliases: ["excludes"],
    completes: "file",
  }),
  "exclude-caches": flag("leave out the contents of directories marked by CACHEDIR.TAG"),
  "exclude-if-present": repeated(
    "NAME",
    "leave out the contents of directories that hold a file of this name",
  ),
  "check": flag("check the snapshot after making it"),
  "dry-run": flag("list what would be backed up with its sizes, and write nothing", { aliases: ["scan"] }),
  "explain": flag("also list what is left out, and the rule that does it"),
  "o": settings("set an option of the source, over its configuration"),
  "cache": choice(["vfs", "no"], "vfs: read only files that changed since the last snapshot; no: all", "vfs"),
  "force-timestamp": parsed("TIME", "record another time than now", parseTimeArgument),
  "pre-hook": text("COMMAND", "run a shell command before; if it fails, nothing is backed up"),
  "post-hook": text("COMMAND", "run a shell command after a backup that made a snapshot"),
  "fail-hook": text("COMMAND", "run a shell command after a backup that failed"),
  "packfiles": text("DIR", "accepted for compatibility: packfiles go straight to the store", {
    hidden: true,
  }),
  "no-xattr": flag("accepted for compatibility: SFTP has no extended attributes", { hidden: true }),
  "no-progress": flag("do not display progress"),
} as const;

/** `plakar backup`. */
export const BACKUP: Command<typeof BACKUP_OPTIONS> = defineCommand({
  words: ["backup"],
  summary: "Make a snapshot of directories, here or on an SSH server",
  description: [
    "Makes a snapshot of a local directory, of a directory of an SSH server (sftp://[user@]host[:port]/path), " +
    "or of a source named in the configuration (@name, @name:path). Without an argument it is the current " +
    "directory. Over SFTP, a location without a path means the login directory.",
    "Several arguments make one snapshot, of the deepest directory that holds them all and with nothing else in " +
    "it. They have to be on one host, over SFTP with the same user, port and options. Settings and patterns " +
    "count for each of them by itself.",
    "Files that have not changed since the last snapshot of the same directory are not read again. Files that " +
    "cannot be read are recorded in the snapshot, reported, and make the exit status 3; the rest is kept.",
    "Patterns are those of gitignore: the last one that matches decides, ! takes back in, a trailing / means " +
    "directories only. A pattern that starts with / counts from the directory that is backed up, or from the " +
    "root of the file system. Patterns in files come before those of -ignore. As in git, nothing is taken back " +
    "in from a directory that is left out. A repository that lies in the source is left out by itself.",
    "A source of the configuration can have the settings ignore, ignore_file, exclude_caches, " +
    "exclude_if_present, pre_hook, post_hook and fail_hook, which mean the same as the options; several values " +
    "stand on a line each. A relative ignore_file is beside the configuration. Options count after settings, " +
    "and a hook of the command line takes the place of the source's.",
    "Hooks are run by /bin/sh. If -pre-hook fails, nothing is backed up. -post-hook runs once there is a " +
    "snapshot, -fail-hook when something failed; whether they fail changes nothing. They see PLAKAR_SOURCE, of " +
    "several sources one a line, PLAKAR_REPOSITORY and, after the backup, PLAKAR_STATUS, the exit status, with " +
    "PLAKAR_SNAPSHOT and PLAKAR_ERRORS, the number of paths that failed, or with PLAKAR_ERROR, why there is no " +
    "snapshot. A dry run runs none.",
  ],
  options: BACKUP_OPTIONS,
  positionals: [{ name: "PATH|LOCATION|@SOURCE", count: "any", completes: "source" }],
  examples: [
    { purpose: "Back up /etc of a server", lines: ["plakar at /var/backups backup sftp://myserver/etc"] },
    {
      purpose: "Back up several directories of a server in one snapshot",
      lines: ["plakar at /var/backups backup sftp://myserver/etc sftp://myserver/home"],
    },
    {
      purpose: "Back up a source of the configuration, without caches",
      lines: ["plakar at /var/backups backup -ignore '.cache/' @mysftp"],
    },
    {
      purpose: "See what a pattern leaves out",
      lines: ["plakar backup -dry-run -explain -ignore '*.log' /var"],
    },
  ],
  opensRepository: true,
});
