/** `deno run --allow-all scripts/stand_in.ts FILE`: makes the test stand-in for the compiled program. */

import { dirname, resolve } from "@std/path";
import { bundleProgram } from "./compile/bundle.ts";
import { buildStandIn } from "./compile/stand_in.ts";

const bundle = await Deno.makeTempDir({ prefix: "plakar-bundle-" });
try {
  await bundleProgram(bundle);
  const output = resolve(Deno.args[0] ?? "plakar-stand-in");
  await Deno.mkdir(dirname(output), { recursive: true });
  await buildStandIn(bundle, output);
} finally {
  await Deno.remove(bundle, { recursive: true });
}
