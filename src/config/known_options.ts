/** The options that entries of the configuration may have. */

import { nearest } from "../lib/nearest.ts";
import { ALL_DIRECTIVES, isDirective } from "../ssh/config/other_directives.ts";

/** Options of an entry that say how to work there rather than how to get there. */
export const WORK_OPTIONS = [
  "passphrase",
  "passphrase_cmd",
  "ignore",
  "ignore_file",
  "exclude_caches",
  "exclude_if_present",
  "pre_hook",
  "post_hook",
  "fail_hook",
] as const;

/** Options of SFTP locations, beside the directives of ssh_config. */
const SFTP_OPTIONS = [
  "location",
  "username",
  "port",
  "root",
  "identity_file",
  "identity",
  "ssh_identity",
  "ssh_private_key",
  "ssh_private_key_ttl",
  "ssh_auth_sock",
  "ssh_config",
  "insecure_ignore_host_key",
  "password_cmd",
  "transport",
  "dont_traverse_fs",
];

/**
 * The options of an entry that mean nothing to this program, perhaps because of a typing error.
 *
 * @param options the entry's options
 * @returns the keys that are not known, each with the one that may have been meant
 */
export function unknownOptions(
  options: Readonly<Record<string, string>>,
): { key: string; suggestion: string | undefined }[] {
  const known: string[] = [...SFTP_OPTIONS, ...WORK_OPTIONS];
  return Object.keys(options).filter((key) => !known.includes(key) && !isDirective(key))
    .map((key) => ({ key, suggestion: nearest(key, [...known, ...ALL_DIRECTIVES]) }));
}
