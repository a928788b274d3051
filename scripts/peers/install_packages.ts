/** Installs programs from the system's packages, where that is possible. */

import { findProgram } from "../../tests/support/peers.ts";

/** A program and the Debian package that brings it. */
export interface PackagedProgram {
  /** The program's file name. */
  program: string;
  /** The package's name. */
  package: string;
}

/** What the tests run beside plakar. */
export const TEST_PROGRAMS: PackagedProgram[] = [
  { program: "sshd", package: "openssh-server" },
  { program: "sftp-server", package: "openssh-sftp-server" },
  { program: "ssh", package: "openssh-client" },
  { program: "ssh-agent", package: "openssh-client" },
  { program: "ssh-keygen", package: "openssh-client" },
  { program: "tmux", package: "tmux" },
  { program: "puttygen", package: "putty-tools" },
  { program: "groff", package: "groff-base" },
  { program: "zsh", package: "zsh" },
  { program: "fish", package: "fish" },
];

/** What the benchmark is measured against. */
export const BENCH_PROGRAMS: PackagedProgram[] = [
  { program: "restic", package: "restic" },
  { program: "borg", package: "borgbackup" },
  { program: "sshfs", package: "sshfs" },
  { program: "rclone", package: "rclone" },
  { program: "sftp", package: "openssh-client" },
];

/**
 * Installs what is missing, when run by root on a system with apt.
 *
 * @param programs what is wanted
 * @returns the programs that are still missing
 */
export async function installPackages(programs: PackagedProgram[]): Promise<string[]> {
  const missing = () => programs.filter(({ program }) => findProgram(program) === undefined);
  if (missing().length > 0 && Deno.uid() === 0 && findProgram("apt-get")) {
    const packages = [...new Set(missing().map((each) => each.package))];
    if (!await aptGet("install", ...packages)) {
      await aptGet("update");
      await aptGet("install", ...packages);
    }
  }
  return missing().map(({ program }) => program);
}

async function aptGet(action: string, ...packages: string[]): Promise<boolean> {
  const { success } = await new Deno.Command("apt-get", {
    args: ["-q", "-y", action, ...(action === "install" ? ["--no-install-recommends"] : []), ...packages],
    env: { DEBIAN_FRONTEND: "noninteractive" },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  return success;
}
