/** Commands that people know from plakar and that are not here, with what to do instead. */

const KEPT_THERE = "plakar 1.1.4 has it, and works on the same repositories";
const NOTHING_RUNS = "nothing has to run beside this program; cron or systemd timers start it on time";
const NO_ACCOUNT = "no account and no package is needed: SFTP is built in";

const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ...["diag", "dup", "maintenance", "mount", "policy", "prune", "ptar", "repair", "server", "sync", "ui"]
    .map((word) => [word, KEPT_THERE] as const),
  ["clone", `copy the repository's directory; to copy snapshots, "plakar sync": ${KEPT_THERE}`],
  ...["agent", "cached", "scheduler"].map((word) => [word, NOTHING_RUNS] as const),
  ...["login", "logout", "pkg", "service", "services", "token"].map((word) => [word, NO_ACCOUNT] as const),
  ["store default", 'the default is set by "plakar config repository default NAME"'],
  ["info vfs", '"plakar ls ID:PATH" shows what is known of files, "plakar info ID" sums it up'],
  ["config reload", "there is no agent to be told: every command reads the configuration"],
]);

/**
 * What to do instead of a command of plakar that is not here.
 *
 * @param words the command's words
 * @returns a hint, `undefined` if plakar has no such command either
 */
export function insteadOf(words: string): string | undefined {
  return ELSEWHERE.get(words);
}
