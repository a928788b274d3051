/** Where the person who runs the program is at home. */

import { userInfo } from "node:os";

/**
 * The home directory.
 *
 * @param home the variable HOME, which services do not have
 * @returns it, or else what the list of users says, or else `/`
 */
export function homeDirectory(home: string | undefined): string {
  if (home) return home;
  try {
    return userInfo().homedir || "/";
  } catch {
    // Somebody who is not in the list, as in a container.
    return "/";
  }
}
