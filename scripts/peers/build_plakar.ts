/** Builds the real plakar. */

import { buildOfModule, buildWithGo } from "./build_with_go.ts";
import { PLAKAR_VERSION, plakarPath } from "./plakar_path.ts";

const MODULE = "github.com/PlakarKorp/plakar";

/**
 * Builds plakar unless it is there.
 *
 * A plain `go install` comes first. Where the module proxy does not serve all it needs, the module in
 * `tests/interop/peer` builds the same program with a stand-in for what is missing.
 *
 * @returns why it could not be built, or `undefined` when it is there and runs
 */
export async function buildPlakar(): Promise<string | undefined> {
  return await buildWithGo({
    path: plakarPath(),
    version: `v${PLAKAR_VERSION}`,
    builds: [goInstall, goBuild],
  });
}

function goInstall(directory: string): Promise<Deno.Command> {
  const command = new Deno.Command("go", {
    args: ["install", `${MODULE}@v${PLAKAR_VERSION}`],
    env: { GOBIN: directory },
    cwd: directory,
    stdin: "null",
  });
  return Promise.resolve(command);
}

function goBuild(directory: string): Promise<Deno.Command> {
  const files = ["go.mod", "go.sum", "ttlmap/go.mod", "ttlmap/ttlmap.go"];
  return buildOfModule("peer", files, `${directory}/plakar`, MODULE);
}
