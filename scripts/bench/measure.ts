/** Runs a command and measures it. */

import { processesOf } from "./processes.ts";

/** A command to be measured. */
export interface Command {
  /** The program. */
  path: string;
  /** Its arguments. */
  args: string[];
  /** Its whole environment; `HOME` is a directory of the contender alone. */
  env: Record<string, string> & { HOME: string };
  /** The working directory. */
  cwd?: string;
}

/** What a command took. */
export interface Measurement {
  /** Seconds from start to end. */
  wall: number;
  /** CPU seconds of the command and all that worked for it. */
  cpu: number;
  /** The most memory that the command and all that worked for it had at one time, in bytes. */
  memory: number;
}

/** Milliseconds between two looks at the memory. */
const INTERVAL = 100;

/**
 * Runs a command to its end.
 *
 * @param command what to run
 * @returns what it took; a non-zero exit status is an error
 */
export async function measure(command: Command): Promise<Measurement> {
  const { path, args, env, cwd } = command;
  const report = await Deno.makeTempFile({ prefix: "bench-time-" });
  const output = await Deno.makeTempFile({ prefix: "bench-output-" });
  try {
    const before = processesOf(env.HOME);
    const start = performance.now();
    const child = new Deno.Command("/usr/bin/time", {
      // The output goes to a file: a process that stays behind would hold a pipe open.
      args: ["-f", "%U %S %M", "-o", report, "sh", "-c", `exec "$0" "$@" >"${output}" 2>&1`, path, ...args],
      clearEnv: true,
      env,
      cwd,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    let memory = 0;
    const look = () => {
      const usages = [...processesOf(env.HOME).values()];
      memory = Math.max(memory, usages.reduce((sum, usage) => sum + usage.memory, 0));
    };
    const timer = setInterval(look, INTERVAL);
    const { success } = await child.status;
    const wall = (performance.now() - start) / 1000;
    clearInterval(timer);
    if (!success) {
      const said = (await Deno.readTextFile(output)).trim().split("\n").slice(-5).join("\n");
      throw new Error(`${path} ${args.join(" ")} failed:\n${said}`);
    }
    const [user, system, largest] = (await Deno.readTextFile(report)).trim().split(" ").map(Number);
    // What has ended is in the report; what goes on, a mount or a cache, has to be asked.
    const others = [...processesOf(env.HOME)].map(([pid, { cpu }]) => cpu - (before.get(pid)?.cpu ?? 0));
    return {
      wall,
      cpu: others.reduce((sum, cpu) => sum + cpu, user + system),
      memory: Math.max(memory, largest * 1024),
    };
  } finally {
    await Deno.remove(report);
    await Deno.remove(output);
  }
}
