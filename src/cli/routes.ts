/** Which module runs which command. Modules are loaded when their command is run, so that starting is fast. */

import type { Command } from "./grammar/command.ts";
import type { OptionSet, OptionValues } from "./grammar/option.ts";
import {
  CONFIG,
  CONFIG_REMOTE,
  CONFIG_REPOSITORY,
  CONFIG_REPOSITORY_DEFAULT,
} from "./grammar/table/config.ts";
import { DESTINATION, SOURCE, STORE } from "./grammar/table/entries.ts";
import { BACKUP } from "./grammar/table/backup.ts";
import { ARCHIVE, CAT, DIFF, DIGEST } from "./grammar/table/contents.ts";
import { CREATE } from "./grammar/table/create.ts";
import { RESTORE } from "./grammar/table/restore.ts";
import { CHECK, INFO, LOCATE, LS, RM } from "./grammar/table/snapshots.ts";
import { COMPLETE, COMPLETION, HELP, PING, VERSION } from "./grammar/table/general.ts";
import type { CommandModule, Invocation } from "./invocation.ts";

/** A command and what runs it. */
export interface Route {
  /** The command. */
  readonly command: Command;
  /** Runs it and returns the exit status. */
  readonly run: (invocation: Invocation) => Promise<number>;
}

function route<O extends OptionSet>(command: Command<O>, load: () => Promise<CommandModule<O>>): Route {
  const run = async (invocation: Invocation) => {
    const { run } = await load();
    // The values were parsed by this very command's options.
    return await run({ ...invocation, command, options: invocation.options as OptionValues<O> });
  };
  return { command, run };
}

/** All routes. */
export const ROUTES: readonly Route[] = [
  route(ARCHIVE, () => import("./commands/archive.ts")),
  route(BACKUP, () => import("./commands/backup.ts")),
  route(CAT, () => import("./commands/cat.ts")),
  route(CHECK, () => import("./commands/check.ts")),
  route(CREATE, () => import("./commands/create.ts")),
  route(DIFF, () => import("./commands/diff.ts")),
  route(DIGEST, () => import("./commands/digest.ts")),
  route(INFO, () => import("./commands/info.ts")),
  route(LOCATE, () => import("./commands/locate.ts")),
  route(LS, () => import("./commands/ls.ts")),
  route(RM, () => import("./commands/rm.ts")),
  route(RESTORE, () => import("./commands/restore.ts")),
  route(COMPLETE, () => import("./commands/complete.ts")),
  route(COMPLETION, () => import("./commands/completion.ts")),
  route(CONFIG, () => import("./commands/config.ts")),
  ...[CONFIG_REMOTE, CONFIG_REPOSITORY].flatMap((rows) => [
    route(rows.create, () => import("./commands/config_create.ts")),
    route(rows.set, () => import("./commands/config_set.ts")),
    route(rows.unset, () => import("./commands/config_unset.ts")),
    route(rows.validate, () => import("./commands/config_validate.ts")),
  ]),
  route(CONFIG_REPOSITORY_DEFAULT, () => import("./commands/config_repository_default.ts")),
  ...[SOURCE, DESTINATION, STORE].flatMap((rows) => [
    route(rows.add, () => import("./commands/entry_add.ts")),
    route(rows.check, () => import("./commands/entry_check.ts")),
    route(rows.import, () => import("./commands/entry_import.ts")),
    route(rows.ping, () => import("./commands/entry_ping.ts")),
    route(rows.rm, () => import("./commands/entry_rm.ts")),
    route(rows.set, () => import("./commands/entry_set.ts")),
    route(rows.show, () => import("./commands/entry_show.ts")),
    route(rows.unset, () => import("./commands/entry_unset.ts")),
  ]),
  route(HELP, () => import("./commands/help.ts")),
  route(PING, () => import("./commands/ping.ts")),
  route(VERSION, () => import("./commands/version.ts")),
];
