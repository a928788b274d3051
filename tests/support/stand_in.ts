/** The program as one file, as a person would install it: the stand-in for the compiled program. */

import { bundleProgram } from "../../scripts/compile/bundle.ts";
import { buildStandIn } from "../../scripts/compile/stand_in.ts";

/** The one file, in a directory of its own. Disposing of it removes both, and what it unpacked. */
export interface StandIn extends AsyncDisposable {
  /** The file's path. */
  readonly path: string;
  /** An environment with which it runs in a home of its own, and nothing else of the tests' environment. */
  readonly env: Record<string, string>;
}

/**
 * Builds the stand-in from the sources as they are.
 *
 * @returns the file
 */
export async function newStandIn(): Promise<StandIn> {
  const directory = await Deno.makeTempDir({ prefix: "plakar-stand-in-" });
  await bundleProgram(`${directory}/bundle`);
  await buildStandIn(`${directory}/bundle`, `${directory}/plakar`);
  await Deno.remove(`${directory}/bundle`, { recursive: true });
  const home = `${directory}/home`;
  await Deno.mkdir(home, { mode: 0o700 });
  return {
    path: `${directory}/plakar`,
    env: { HOME: home, PATH: "/usr/local/bin:/usr/bin:/bin" },
    async [Symbol.asyncDispose]() {
      await Deno.remove(directory, { recursive: true });
    },
  };
}
