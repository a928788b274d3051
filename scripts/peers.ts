/**
 * Sets up the real programs that the tests run beside ours: OpenSSH from the system's packages, plakar, the
 * library of plakar 1.0 and SSH servers that are not OpenSSH built with Go. What is there already is left alone; what cannot be had is named, and
 * never fails the run: the tests that need it are ignored then.
 *
 * `--bench` sets up what the benchmark compares with, too.
 */

import { buildGoSshd } from "./peers/build_go_sshd.ts";
import { buildKloset10 } from "./peers/build_kloset_1_0.ts";
import { buildPlakar } from "./peers/build_plakar.ts";
import { BENCH_PROGRAMS, installPackages, TEST_PROGRAMS } from "./peers/install_packages.ts";
import { kloset10Path, KLOSET_1_0_VERSION, PLAKAR_VERSION, plakarPath } from "./peers/plakar_path.ts";
import { say } from "./say.ts";

const bench = Deno.args.includes("--bench");
const programs = bench ? [...TEST_PROGRAMS, ...BENCH_PROGRAMS] : TEST_PROGRAMS;
for (const program of await installPackages(programs)) {
  say(`skipped: what needs ${program}, which is not installed and could not be`);
}

tell(`plakar ${PLAKAR_VERSION}`, plakarPath(), await buildPlakar());
if (!bench) {
  tell(`Kloset ${KLOSET_1_0_VERSION}`, kloset10Path(), await buildKloset10());
  const reason = await buildGoSshd();
  if (reason !== undefined) {
    say(`skipped: the SSH servers written in Go, which could not be built: ${reason}`);
  }
}

if (bench && !Deno.env.get("PLAKAR_SFTP_PLUGIN")) {
  say("skipped: plakar over SFTP; PLAKAR_SFTP_PLUGIN names no .ptar of its plugin");
}

function tell(program: string, path: string, reason: string | undefined): void {
  if (reason === undefined) say(`${program} is at ${path}`);
  else say(`skipped: what needs ${program}, which could not be built: ${reason}`);
}
