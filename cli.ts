/**
 * The program `plakar`.
 *
 * @module
 */

import { INTERRUPTED } from "./src/cli/exit_status.ts";
import { main } from "./src/cli/main.ts";
import { processSurroundings } from "./src/cli/surroundings.ts";
import { PlakarError } from "./src/lib/errors.ts";

if (import.meta.main) {
  const stop = new AbortController();
  const interrupt = () => {
    // A person who asks twice does not want to wait for an orderly end.
    if (stop.signal.aborted) Deno.exit(INTERRUPTED);
    stop.abort(new PlakarError("interrupted", "Interrupted"));
  };
  Deno.addSignalListener("SIGINT", interrupt);
  if (Deno.build.os !== "windows") Deno.addSignalListener("SIGTERM", interrupt);
  Deno.exit(await main(Deno.args, processSurroundings(stop.signal)));
}
