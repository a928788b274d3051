/**
 * The program `plakar`.
 *
 * @module
 */

import { main } from "./src/cli/main.ts";
import { stopOnSignals } from "./src/cli/stop_on_signals.ts";
import { processSurroundings } from "./src/cli/surroundings.ts";

if (import.meta.main) Deno.exit(await main(Deno.args, processSurroundings(stopOnSignals())));
