/** Being somebody whom the permissions of files stop: root is stopped by none. */

import process from "node:process";

/** The user and group that own nothing, as numbers that every system has. */
const NOBODY = 65_534;

/**
 * Does something as a user who is not root. Where that is who runs the tests, nothing has to be changed.
 *
 * @param directory a directory of root's, which becomes that user's
 * @param run what to do
 */
export async function asOrdinaryUser(directory: string, run: () => Promise<void>): Promise<void> {
  if (Deno.uid() !== 0) return await run();
  await Deno.chown(directory, NOBODY, NOBODY);
  process.setegid?.(NOBODY);
  process.seteuid?.(NOBODY);
  try {
    await run();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
  }
}
