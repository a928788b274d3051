/** `deno run --allow-all scripts/stand_in.ts FILE`: makes the test stand-in for the compiled program. */

import { bundleProgram } from "./compile/bundle.ts";
import { buildStandIn } from "./compile/stand_in.ts";

const bundle = await Deno.makeTempDir({ prefix: "plakar-bundle-" });
try {
  await bundleProgram(bundle);
  await buildStandIn(bundle, Deno.args[0] ?? "plakar-stand-in");
} finally {
  await Deno.remove(bundle, { recursive: true });
}
