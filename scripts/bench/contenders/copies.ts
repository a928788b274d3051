/** Bare copies: what it costs to read every file once, with nothing done to it. They only do the first backup. */

import { findProgram } from "../../../tests/support/peers.ts";
import type { Contender } from "../contender.ts";
import type { Site } from "../site.ts";

/**
 * The bare copies there are.
 *
 * @returns OpenSSH's sftp, rclone, and tar through ssh
 */
export function copies(): Contender[] {
  return [
    copy(
      "sftp -r",
      "sftp",
      (site, store) => ["-q", "-F", site.sshConfig, "-r", `bench:${site.source}`, store],
    ),
    copy("rclone copy", "rclone", (site, store) => [
      "copy",
      "-q",
      "--config=",
      "--sftp-disable-hashcheck",
      "--sftp-skip-links",
      "--sftp-host=127.0.0.1",
      `--sftp-port=${site.port}`,
      `--sftp-user=${site.user}`,
      `--sftp-key-file=${site.identity}`,
      `:sftp:${site.source}`,
      store,
    ]),
    copy(
      "ssh tar",
      "ssh",
      (site) => ["-F", site.sshConfig, "bench", "tar", "-cf", "-", "-C", site.source, "."],
    ),
  ];
}

function copy(name: string, program: string, argsOf: (site: Site, store: string) => string[]): Contender {
  const path = findProgram(program);
  return {
    name,
    absent: path === undefined ? `not installed: ${program}` : undefined,
    async begin(site, directory) {
      const home = `${directory}/home`;
      const store = `${directory}/store`;
      await Deno.mkdir(home);
      await Deno.mkdir(store);
      const env = { HOME: home, PATH: "/usr/bin:/bin" };
      return {
        store,
        command(work) {
          const command = { path: path ?? program, args: argsOf(site, store), env };
          return Promise.resolve(work === "first" ? command : undefined);
        },
        [Symbol.asyncDispose]: () => Promise.resolve(),
      };
    },
  };
}
