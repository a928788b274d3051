/** What the compiled program may do: the narrowest permissions that every command works with. */

/** The environment variables it may see. Any other reads as if it were not set. */
export const ENVIRONMENT_VARIABLES: readonly string[] = [
  "HOME",
  "LOGNAME",
  "NO_COLOR",
  "PLAKAR_GRACEPERIOD",
  "PLAKAR_PASSPHRASE",
  "PLAKAR_REPOSITORY",
  "PLAKAR_TAGS",
  "SSH_AUTH_SOCK",
  "TERM",
  "TMPDIR",
  "TZ",
  "USER",
  "XDG_CACHE_HOME",
  "XDG_CONFIG_HOME",
  "XDG_DATA_HOME",
];

/** What it may ask of the system. */
export const SYSTEM_INFORMATION: readonly string[] = ["gid", "hostname", "uid", "userInfo"];

/** The programs it may run. */
export const PROGRAMS: readonly string[] = ["ssh"];

/**
 * The permissions as flags of `deno run` and `deno compile`.
 *
 * Files and hosts are whatever the command line names, so reading, writing and the network are not narrowed;
 * nothing is ever asked of the terminal, no library is loaded, and no code is imported from anywhere.
 *
 * @returns the flags
 */
export function permissionFlags(): string[] {
  return [
    "--no-prompt",
    "--allow-net",
    "--allow-read",
    "--allow-write",
    `--allow-env=${ENVIRONMENT_VARIABLES.join(",")}`,
    "--ignore-env",
    `--allow-sys=${SYSTEM_INFORMATION.join(",")}`,
    `--allow-run=${PROGRAMS.join(",")}`,
    "--deny-import",
    "--unstable-worker-options",
  ];
}
