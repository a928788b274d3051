/**
 * `deno task compile [--target=TRIPLE] [--output=FILE]`: makes the program one file, `dist/plakar` unless told
 * otherwise.
 *
 * `deno compile` joins the program to a base program, denort, which Deno downloads once a version. Where that
 * host is out of reach, DENORT_BIN names a denort that was brought by other means.
 */

import { dirname, resolve } from "@std/path";
import { parseArgs } from "node:util";
import { bundleProgram, projectRoot } from "./compile/bundle.ts";
import { compileProgram } from "./compile/compile_program.ts";
import { say } from "./say.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: { target: { type: "string" }, output: { type: "string" } },
});
const output = resolve(values.output ?? new URL("dist/plakar", projectRoot()).pathname);
const bundle = await Deno.makeTempDir({ prefix: "plakar-bundle-" });
try {
  await bundleProgram(bundle);
  await Deno.mkdir(dirname(output), { recursive: true });
  const result = await compileProgram({ bundle, output, target: values.target });
  if (!result.success) {
    say(result.output);
    say("Not compiled. Where denort cannot be downloaded, set DENORT_BIN to the path of one.");
    Deno.exitCode = 1;
  } else say(`${output}: ${((await Deno.stat(output)).size / 1e6).toFixed(0)} MB`);
} finally {
  await Deno.remove(bundle, { recursive: true });
}
