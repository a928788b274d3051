/** Failures of the operating system as errors a person can understand. */

import { type ErrorCode, messageOf, PlakarError } from "../../lib/errors.ts";

const CODES: Readonly<Record<string, ErrorCode>> = {
  ENOENT: "not-found",
  ENOTDIR: "not-found",
  EACCES: "permission",
  EPERM: "permission",
  EROFS: "permission",
  EEXIST: "exists",
  ENOTEMPTY: "exists",
  ENOSPC: "no-space",
  EDQUOT: "no-space",
};

/**
 * The name of a failure of the operating system.
 *
 * @param error what was caught
 * @returns for example `ENOENT`, or `undefined` for another kind of failure
 */
export function osErrorName(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "string") return error.code;
  if (error instanceof Deno.errors.NotFound) return "ENOENT";
  if (error instanceof Deno.errors.AlreadyExists) return "EEXIST";
  if (error instanceof Deno.errors.PermissionDenied) return "EACCES";
  return undefined;
}

/**
 * A failure of the operating system as an error of the project.
 *
 * @param action what was tried, to stand after "Cannot"
 * @param path what it was tried on
 * @param error what was caught
 * @returns the error; one of the project is returned as it is
 */
export function osError(action: string, path: string, error: unknown): PlakarError {
  if (error instanceof PlakarError) return error;
  const name = osErrorName(error);
  const hint = error instanceof Deno.errors.NotCapable
    ? "Run with permission to read and write this path; below /dev, /proc and /sys that takes --allow-all"
    : name === "ENOSPC" || name === "EDQUOT"
    ? "Free some space, then try again"
    : undefined;
  const code = error instanceof Deno.errors.NotCapable ? "permission" : CODES[name ?? ""] ?? "io";
  return new PlakarError(code, `Cannot ${action} "${path}": ${reasonOf(error)}`, { cause: error, hint });
}

/**
 * What the system said, without the path and the name of the call that the runtime adds.
 *
 * @param error what was caught
 * @returns for example `No space left on device`
 */
export function reasonOf(error: unknown): string {
  // The runtime would have a person run it again with an option, which is none of this program's.
  if (error instanceof Deno.errors.NotCapable) return "this program is not permitted to use it";
  return messageOf(error).replace(/ \(os error \d+\).*$/, "").replace(/^E[A-Z0-9]+: (.*?), .*$/, "$1");
}
