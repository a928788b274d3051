/** The table of all commands. */

import type { Command } from "../command.ts";
import { BACKUP } from "./backup.ts";
import { CONFIG, CONFIG_REMOTE, CONFIG_REPOSITORY, CONFIG_REPOSITORY_DEFAULT } from "./config.ts";
import { ARCHIVE, CAT, DIFF, DIGEST } from "./contents.ts";
import { CREATE } from "./create.ts";
import { DESTINATION, SOURCE, STORE } from "./entries.ts";
import { COMPLETE, COMPLETION, HELP, PING, VERSION } from "./general.ts";
import { RESTORE } from "./restore.ts";
import { CHECK, INFO, LOCATE, LS, RM } from "./snapshots.ts";

/** Every command, in the order of help. */
export const COMMANDS: readonly Command[] = [
  ARCHIVE,
  BACKUP,
  CAT,
  CHECK,
  COMPLETE,
  COMPLETION,
  CONFIG,
  ...Object.values(CONFIG_REMOTE),
  ...Object.values(CONFIG_REPOSITORY),
  CONFIG_REPOSITORY_DEFAULT,
  CREATE,
  ...Object.values(DESTINATION),
  DIFF,
  DIGEST,
  HELP,
  INFO,
  LOCATE,
  LS,
  PING,
  RESTORE,
  RM,
  ...Object.values(SOURCE),
  ...Object.values(STORE),
  VERSION,
];
