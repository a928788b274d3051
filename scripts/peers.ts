/**
 * Sets up the real programs that the tests run beside ours: OpenSSH from the system's packages, plakar built
 * with Go. What is there already is left alone; what cannot be had is named, and never fails the run: the
 * tests that need it are ignored then.
 *
 * `--bench` sets up what the benchmark compares with, too.
 */

import { buildPlakar } from "./peers/build_plakar.ts";
import { BENCH_PROGRAMS, installPackages, TEST_PROGRAMS } from "./peers/install_packages.ts";
import { PLAKAR_VERSION, plakarPath } from "./peers/plakar_path.ts";
import { say } from "./say.ts";

const bench = Deno.args.includes("--bench");
const programs = bench ? [...TEST_PROGRAMS, ...BENCH_PROGRAMS] : TEST_PROGRAMS;
for (const program of await installPackages(programs)) {
  say(`skipped: what needs ${program}, which is not installed and could not be`);
}

const reason = await buildPlakar();
if (reason !== undefined) {
  say(`skipped: what needs plakar ${PLAKAR_VERSION}, which could not be built: ${reason}`);
} else say(`plakar ${PLAKAR_VERSION} is at ${plakarPath()}`);

if (bench && !Deno.env.get("PLAKAR_SFTP_PLUGIN")) {
  say("skipped: plakar over SFTP; PLAKAR_SFTP_PLUGIN names no .ptar of its plugin");
}
