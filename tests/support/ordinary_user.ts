/** Being somebody whom the permissions of files stop: root is stopped by none. */

import assert from "node:assert/strict";
import process from "node:process";

/** The user and group that own nothing, as numbers that every system has. */
const NOBODY = 65_534;

/**
 * Runs a script in a process of its own, which is the one to call {@linkcode becomeOrdinaryUser}: who a process is
 * counts for all of it, and other tests run beside this one.
 *
 * @param script the script; it fails if what it asserts does not hold
 * @param directory its argument: a directory, which becomes that user's
 */
export async function runAsOrdinaryUser(script: URL, directory: string): Promise<void> {
  if (Deno.uid() === 0) await Deno.chown(directory, NOBODY, NOBODY);
  const args = ["run", "--quiet", "--allow-all", script.href, directory];
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args, stdin: "null" }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
}

/** Is a user who is not root from now on. Where that is who runs the tests, nothing has to be changed. */
export function becomeOrdinaryUser(): void {
  if (Deno.uid() !== 0) return;
  process.setegid?.(NOBODY);
  process.seteuid?.(NOBODY);
}
