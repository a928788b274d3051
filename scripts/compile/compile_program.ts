/** Runs `deno compile` on the bundled program. */

import { BUNDLED_FILES } from "./bundle.ts";
import { memoryFlags } from "./memory.ts";
import { permissionFlags } from "./permissions.ts";

/** What {@linkcode compileProgram} is told. */
export interface CompileOptions {
  /** The directory of the bundled program. */
  bundle: string;
  /** The file to make. */
  output: string;
  /** The platform to compile for; this one if omitted. */
  target?: string;
  /** The base program in place of the one that Deno downloads. */
  denort?: string;
}

/**
 * Compiles the bundled program into one file.
 *
 * @param options what to compile, and into what
 * @returns what `deno compile` said, and whether it made the file
 */
export async function compileProgram(options: CompileOptions): Promise<{ success: boolean; output: string }> {
  const [program, ...others] = BUNDLED_FILES;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "compile",
      "--no-check",
      "--no-config",
      "--no-lock",
      "--no-npm",
      "--no-remote",
      "--exclude-unused-npm",
      "--app-name=plakar",
      ...permissionFlags(),
      ...memoryFlags(),
      ...others.map((file) => `--include=${file}`),
      ...(options.target === undefined ? [] : [`--target=${options.target}`]),
      `--output=${options.output}`,
      program,
    ],
    cwd: options.bundle,
    env: options.denort === undefined ? {} : { DENORT_BIN: options.denort },
    stdin: "null",
  }).output();
  return { success, output: new TextDecoder().decode(stderr) };
}
