/** The row of `create`. */

import { type Command, defineCommand } from "../command.ts";
import { choice, flag } from "../option.ts";

/** The options of `create`. */
export const CREATE_OPTIONS = {
  "plaintext": flag("do not encrypt the repository", { aliases: ["no-encryption"] }),
  "weak-passphrase": flag("accept a passphrase that could be guessed"),
  "hashing": choice(["BLAKE3", "SHA256"], "how contents are told apart", "BLAKE3"),
  "compression": choice(["LZ4", "GZIP"], "how contents are compressed", "LZ4"),
  "no-compression": flag("do not compress contents"),
} as const;

/** `plakar create`. */
export const CREATE: Command<typeof CREATE_OPTIONS> = defineCommand({
  words: ["create"],
  summary: "Create a repository",
  description: [
    "Creates an empty Kloset repository at the place given with at, by default ~/.plakar. The place must be " +
    "missing or empty.",
    "The repository is encrypted unless -plaintext is given. The passphrase is taken from -keyfile, from the " +
    "store's passphrase or passphrase_cmd, from PLAKAR_PASSPHRASE, or else asked for twice on the terminal. " +
    "Without the passphrase nothing in the repository can ever be read again.",
  ],
  options: CREATE_OPTIONS,
  positionals: [],
  examples: [
    { purpose: "Create an encrypted repository", lines: ["plakar at /var/backups create"] },
    {
      purpose: "Create one without a terminal",
      lines: ["plakar -keyfile /root/plakar.key at /var/backups create"],
    },
  ],
  opensRepository: true,
});
