/** The rows of the commands that read files out of snapshots. */

import { type Command, defineCommand } from "../command.ts";
import { choice, flag, settings, text } from "../option.ts";

/** The options of `cat`. */
export const CAT_OPTIONS = {
  "decompress": flag("decompress files that are gzip"),
  "no-decompress": flag("accepted for compatibility: files are printed as they are", { hidden: true }),
  "highlight": flag("accepted for compatibility: output is never coloured", { hidden: true }),
} as const;

/** `plakar cat`. */
export const CAT: Command<typeof CAT_OPTIONS> = defineCommand({
  words: ["cat"],
  summary: "Print files of a snapshot",
  description: ["Writes the bytes of files to standard output, one after another."],
  options: CAT_OPTIONS,
  positionals: [{ name: "SNAPSHOT:PATH", count: "some", completes: "content" }],
  examples: [{ purpose: "Print a file", lines: ["plakar at /var/backups cat fc1b1e94:/etc/hosts"] }],
  opensRepository: true,
});

/** The options of `diff`. */
export const DIFF_OPTIONS = {
  "recursive": flag("compare the directories below as well, and texts by their lines"),
  "contents": flag("on a server, read also files whose size and time are the snapshot's"),
  "highlight": flag("accepted for compatibility: output is never coloured", { hidden: true }),
  "o": settings("set an option of the location that is compared with"),
} as const;

/** `plakar diff`. */
export const DIFF: Command<typeof DIFF_OPTIONS> = defineCommand({
  words: ["diff"],
  summary: "Compare a snapshot with another, or with what is there now",
  description: [
    "Compares files as unified diffs and directories by their entries. The second argument is a snapshot, a " +
    "local path, a location or a source; without it, the local file system at the same path is compared with. " +
    "Where only one of the two has a path, it is the other's as well.",
    "In directories of a server, a file whose size and time are those of the snapshot is taken for unchanged, " +
    "as backup does, unless -contents is given.",
  ],
  options: DIFF_OPTIONS,
  positionals: [
    { name: "SNAPSHOT[:PATH]", count: "one", completes: "content" },
    { name: "SNAPSHOT[:PATH]|PATH|LOCATION|@SOURCE", count: "optional", completes: "side" },
  ],
  examples: [
    { purpose: "Compare two snapshots", lines: ["plakar at /var/backups diff -recursive fc1b1e94 264b5738"] },
    {
      purpose: "Compare a file with the server's",
      lines: ["plakar at /var/backups diff fc1b1e94:/etc/hosts sftp://myserver/etc/hosts"],
    },
  ],
  opensRepository: true,
});

/** The options of `digest`. */
export const DIGEST_OPTIONS = {
  "hashing": choice(["SHA256", "BLAKE3"], "the digest", "SHA256"),
} as const;

/** `plakar digest`. */
export const DIGEST: Command<typeof DIGEST_OPTIONS> = defineCommand({
  words: ["digest"],
  summary: "Print digests of files in a snapshot",
  description: ["Prints the digest of each file, or of each file below a directory."],
  options: DIGEST_OPTIONS,
  positionals: [{ name: "SNAPSHOT[:PATH]", count: "some", completes: "content" }],
  examples: [{ purpose: "Print digests of all files", lines: ["plakar at /var/backups digest fc1b1e94"] }],
  opensRepository: true,
});

/** The options of `archive`. */
export const ARCHIVE_OPTIONS = {
  "format": choice(["tar", "tarball", "zip"], "tar, gzipped tar (tarball) or zip", "tarball"),
  "output": text("FILE", "the archive's name, - for standard output (default plakar-TIME.FORMAT)", {
    completes: "file",
  }),
  "rebase": flag("leave the chosen path out of the names in the archive"),
} as const;

/** `plakar archive`. */
export const ARCHIVE: Command<typeof ARCHIVE_OPTIONS> = defineCommand({
  words: ["archive"],
  summary: "Write a snapshot, or a part of it, as a tar or zip archive",
  description: [
    "Writes files, directories and links with their modes, owners and times. Devices and sockets, of which a " +
    "snapshot does not keep enough, are left out and named. A file that is written appears when it is whole, " +
    "and only you can read it.",
  ],
  options: ARCHIVE_OPTIONS,
  positionals: [{ name: "SNAPSHOT[:PATH]", count: "one", completes: "content" }],
  examples: [
    {
      purpose: "Unpack a directory elsewhere",
      lines: ["plakar at /var/backups archive -format tar -output - fc1b1e94:/etc | tar -x -C /tmp"],
    },
  ],
  opensRepository: true,
});
