/** Programs that know nothing of SFTP, over a directory that sshfs mounts. */

import { findProgram } from "../../../tests/support/peers.ts";
import type { Contender, Participation, Work } from "../contender.ts";
import type { Command } from "../measure.ts";
import { mountsUnder } from "../mounts.ts";
import { endProcessesOf } from "../processes.ts";
import type { Site } from "../site.ts";

const PASSPHRASE = "Granite-otter-72-lanterns";

/** What one of these programs is told: `source` and `target` are where the mount is. */
interface Commands {
  program: string;
  env: Record<string, string>;
  create(store: string): string[];
  backup(store: string, source: string): string[];
  check(store: string): string[];
  /** `ask` runs the program and returns what it prints. */
  restore(store: string, target: string, ask: (...args: string[]) => Promise<string>): Promise<Restore>;
}

interface Restore {
  args: string[];
  cwd?: string;
}

/**
 * restic over sshfs.
 *
 * @returns the contender
 */
export function restic(): Contender {
  return mounted("restic over sshfs", {
    program: "restic",
    env: { RESTIC_PASSWORD: PASSPHRASE },
    create: (store) => ["-q", "-r", store, "init"],
    // The mount makes up inode numbers.
    backup: (store, source) => ["-q", "-r", store, "backup", "--ignore-inode", source],
    check: (store) => ["-q", "-r", store, "check", "--read-data"],
    restore: (store, target) =>
      Promise.resolve({ args: ["-q", "-r", store, "restore", "latest", "--target", target] }),
  });
}

/**
 * borg over sshfs.
 *
 * @returns the contender
 */
export function borg(): Contender {
  return mounted("borg over sshfs", {
    program: "borg",
    env: { BORG_PASSPHRASE: PASSPHRASE, BORG_RELOCATED_REPO_ACCESS_IS_OK: "yes" },
    create: (store) => ["init", "-e", "repokey-blake2", store],
    backup: (store, source) => ["create", "--files-cache", "mtime,size", `${store}::{now:%s.%f}`, source],
    check: (store) => ["check", "--verify-data", store],
    // It extracts into the working directory, which is the target.
    async restore(store, target, ask) {
      const archive = (await ask("list", "--short", "--last", "1", store)).trim();
      return { args: ["extract", `${store}::${archive}`], cwd: target };
    },
  });
}

function mounted(name: string, commands: Commands): Contender {
  const missing = [commands.program, "sshfs", "fusermount"].filter((program) => !findProgram(program));
  return {
    name,
    absent: missing.length === 0 ? undefined : `not installed: ${missing.join(", ")}`,
    begin: (site, directory) => begin(commands, site, directory),
  };
}

async function begin(commands: Commands, site: Site, directory: string): Promise<Participation> {
  const home = `${directory}/home`;
  const mount = `${directory}/mount`;
  const store = `${directory}/store`;
  await Deno.mkdir(home);
  await Deno.mkdir(mount);
  const path = findProgram(commands.program) ?? commands.program;
  const env = { HOME: home, PATH: "/usr/bin:/bin", ...commands.env };
  await run(path, commands.create(store), env);

  const unmount = async () => {
    if ((await mountsUnder(mount)).length > 0) await run("fusermount", ["-u", "-z", mount], env);
    await endProcessesOf(home);
  };
  // Only what the work is about: whoever removes this directory by mistake must not reach the whole server.
  const mountDirectory = (remote: string, ...options: string[]) =>
    run("sshfs", ["-F", site.sshConfig, ...options, `bench:${remote}`, mount], env);
  return {
    store,
    async command(work: Work): Promise<Command> {
      // A fresh mount, so that nothing is answered from the cache of the work before.
      await unmount();
      if (work === "check") return { path, args: commands.check(store), env };
      if (work !== "restore") {
        await mountDirectory(site.source, "-o", "ro");
        return { path, args: commands.backup(store, mount), env };
      }
      const target = `${directory}/target`;
      await Deno.mkdir(target);
      await mountDirectory(target);
      const ask = (...args: string[]) => run(path, args, env);
      return { path, env, ...await commands.restore(store, mount, ask) };
    },
    [Symbol.asyncDispose]: unmount,
  };
}

async function run(path: string, args: string[], env: Record<string, string>): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(path, {
    args,
    clearEnv: true,
    env,
    stdin: "null",
  })
    .output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`${path} ${args.join(" ")} failed: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}
