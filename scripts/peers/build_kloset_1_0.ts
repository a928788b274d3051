/**
 * Builds the program in `tests/interop/peer_1_0`, which makes repositories with the library that plakar 1.0.6 is
 * built with. Module proxies do not serve all that plakar 1.0.6 itself needs.
 */

import { buildOfModule, buildWithGo } from "./build_with_go.ts";
import { kloset10Path, KLOSET_1_0_VERSION } from "./plakar_path.ts";

/**
 * Builds the program unless it is there.
 *
 * @returns why it could not be built, or `undefined` when it is there and runs
 */
export async function buildKloset10(): Promise<string | undefined> {
  const files = ["go.mod", "go.sum", "main.go", "cache.go"];
  return await buildWithGo({
    path: kloset10Path(),
    version: `v${KLOSET_1_0_VERSION}`,
    builds: [(directory) => buildOfModule("peer_1_0", files, `${directory}/kloset10`)],
  });
}
