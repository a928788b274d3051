/** Which options are secrets, and what is shown instead of them. */

import { withoutPassword } from "../connectors/parse_location.ts";

const SECRET = [
  "access_key",
  "secret_access_key",
  "passphrase",
  "password",
  "pass",
  "private_key",
  "token",
  "client_id",
  "client_secret",
  "auth_token",
];

/**
 * Whether an option's value is a secret: by plakar's list, and whatever ends as one of its words.
 *
 * @param key the option
 * @returns true if it must not be shown
 */
export function isSecret(key: string): boolean {
  const lower = key.toLowerCase();
  return SECRET.some((word) => lower === word || lower.endsWith(`_${word}`));
}

/**
 * Options fit to be shown: secrets are asterisks, and a location has no password.
 *
 * @param options options with their values
 * @returns the same options with other values
 */
export function maskSecrets(options: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(options).map(([key, value]) => [key, isSecret(key) ? "********" : withoutPassword(value)]),
  );
}
