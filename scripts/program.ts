/** How the program is started from its sources, with the permissions of the compiled one. */

import { projectRoot, WORKERS } from "./compile/bundle.ts";
import { memoryFlags } from "./compile/memory.ts";
import { permissionFlags } from "./compile/permissions.ts";

/** A command that the program's own arguments are appended to. */
export interface ProgramCommand {
  /** What to run. */
  path: string;
  /** The arguments before the program's own. */
  args: string[];
  /** Environment variables it needs beside the caller's. */
  env: Record<string, string>;
}

/**
 * The command that starts the program from its sources, from any directory and with any home.
 *
 * @returns the command
 */
export async function programCommand(): Promise<ProgramCommand> {
  const path = Deno.execPath();
  const root = projectRoot().pathname;
  // So that nothing is downloaded, and said, when the program runs.
  const sources = ["cli.ts", ...WORKERS].map((source) => root + source);
  await new Deno.Command(path, { args: ["cache", "--quiet", ...sources], cwd: root }).output();
  const { stdout } = await new Deno.Command(path, { args: ["info", "--json"], cwd: root }).output();
  const { denoDir }: { denoDir: string } = JSON.parse(new TextDecoder().decode(stdout));
  return {
    path,
    args: [
      "run",
      "--quiet",
      "--no-check",
      `--config=${root}deno.json`,
      ...permissionFlags(),
      ...memoryFlags(),
      `${root}cli.ts`,
    ],
    // Libraries stay where they are when the program gets a home of its own.
    env: { DENO_DIR: denoDir, DENO_NO_UPDATE_CHECK: "1" },
  };
}
