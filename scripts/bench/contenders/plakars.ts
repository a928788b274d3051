/** The two plakars: the program of this project, and the one it shares repositories with. They obey the same commands. */

import { newPlakar, type Plakar } from "../../../tests/support/plakar.ts";
import { PLAKAR_VERSION, plakarPath } from "../../peers/plakar_path.ts";
import type { Contender, Participation, Work } from "../contender.ts";
import type { Command } from "../measure.ts";
import { endProcessesOf } from "../processes.ts";
import type { Site } from "../site.ts";

const PASSPHRASE = "Granite-otter-72-lanterns";

interface Program extends AsyncDisposable {
  path: string;
  env: Command["env"];
  /** Options of commands that reach the server. */
  options?: string[];
}

/** How our program speaks SSH: by itself, or through `ssh`. */
export const TRANSPORTS = ["builtin", "openssh"] as const;

/**
 * The program of this project.
 *
 * @param path the program
 * @param transport how it speaks SSH
 * @returns the contender
 */
export function ours(path: string, transport: (typeof TRANSPORTS)[number]): Contender {
  return {
    name: "ours",
    async begin(site, directory) {
      const home = `${directory}/home`;
      await Deno.mkdir(`${home}/.ssh`, { recursive: true, mode: 0o700 });
      await Deno.copyFile(site.sshConfig, `${home}/.ssh/config`);
      const PATH = `${await sshProgram(directory, site)}:/usr/bin:/bin`;
      const env = { HOME: home, PATH, PLAKAR_PASSPHRASE: PASSPHRASE };
      const options = ["-o", `transport=${transport}`];
      return await participation(
        { path, env, options, [Symbol.asyncDispose]: () => Promise.resolve() },
        site,
        directory,
      );
    },
  };
}

/**
 * The real plakar, with its own plugin for SFTP.
 *
 * @param plugin the plugin's `.ptar`, if there is one
 * @returns the contender
 */
export function plakar(plugin: string | undefined): Contender {
  return {
    name: `plakar ${PLAKAR_VERSION}`,
    absent: plugin === undefined
      ? "PLAKAR_SFTP_PLUGIN names no .ptar of its plugin for SFTP"
      : isMissing(plakarPath()),
    async begin(site, directory) {
      const real = await newPlakar();
      await real.ok(["pkg", "add", plugin ?? ""]);
      return await participation(await withOurSshConfig(real, site), site, directory);
    },
  };
}

/**
 * A directory with an `ssh` of the site: ssh itself reads the configuration of the person who runs it unless it is
 * told of another.
 */
async function sshProgram(directory: string, site: Site): Promise<string> {
  const programs = `${directory}/bin`;
  await Deno.mkdir(programs);
  await Deno.writeTextFile(`${programs}/ssh`, `#!/bin/sh\nexec /usr/bin/ssh -F "${site.sshConfig}" "$@"\n`, {
    mode: 0o755,
  });
  return programs;
}

/** plakar runs ssh, too. */
async function withOurSshConfig(real: Plakar, site: Site): Promise<Program> {
  const programs = await sshProgram(real.home, site);
  await Deno.mkdir(`${real.home}/tmp`);
  return {
    path: real.path,
    env: {
      ...real.env,
      HOME: real.home,
      PATH: `${programs}:/usr/bin:/bin`,
      PLAKAR_PASSPHRASE: PASSPHRASE,
      TMPDIR: `${real.home}/tmp`,
    },
    async [Symbol.asyncDispose]() {
      await endProcessesOf(real.home);
      await real[Symbol.asyncDispose]();
    },
  };
}

async function participation(program: Program, site: Site, directory: string): Promise<Participation> {
  const { path, env, options = [] } = program;
  const store = `${directory}/store`;
  const target = `${directory}/target`;
  const at = (...args: string[]): Command => ({ path, env, args: ["-quiet", "at", store, ...args] });
  const output = async (command: Command): Promise<string> => {
    const { success, stdout, stderr } = await new Deno.Command(command.path, {
      args: command.args,
      clearEnv: true,
      env: command.env,
      stdin: "null",
    }).output();
    if (!success) throw new Error(`${command.args.join(" ")} failed: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout);
  };
  await output(at("create"));
  return {
    store,
    async command(work: Work) {
      if (work === "check") return at("check");
      if (work !== "restore") return at("backup", ...options, `sftp://bench${site.source}`);
      const [newest] = (await output(at("ls"))).split("\n");
      await Deno.mkdir(target);
      return at("restore", ...options, "-to", `sftp://bench${target}`, newest.split(/\s+/)[1]);
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

function isMissing(path: string): string | undefined {
  try {
    return Deno.statSync(path).isFile ? undefined : "it is not built";
  } catch {
    return "it is not built";
  }
}
