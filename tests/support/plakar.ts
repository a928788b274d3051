/** The real plakar, each time with a home of its own. */

import { PLAKAR_VERSION, plakarPath } from "../../scripts/peers/plakar_path.ts";
import { testWithPeers } from "./peers.ts";

/** The passphrase of repositories in tests; strong enough for plakar. */
export const PASSPHRASE = "Granite-otter-72-lanterns";

/** What a run of plakar left behind. */
export interface PlakarResult {
  /** The exit status. */
  code: number;
  /** What it printed, as text. */
  stdout: string;
  /** What it printed, as bytes. */
  stdoutBytes: Uint8Array;
  /** What it complained about. */
  stderr: string;
}

/** How one run of plakar differs from others. */
export interface PlakarRunOptions {
  /** Environment variables beside those of the home. */
  env?: Record<string, string>;
  /** The working directory. */
  cwd?: string;
}

/** A plakar with a home of its own, as a newcomer would have. Disposing of it removes the home. */
export interface Plakar extends AsyncDisposable {
  /** Its home directory. */
  readonly home: string;
  /** The program's path. */
  readonly path: string;
  /** The whole environment of its runs. */
  readonly env: Record<string, string>;
  /** Runs it, whatever the exit status. */
  run(args: string[], options?: PlakarRunOptions): Promise<PlakarResult>;
  /** Runs it and returns its standard output; a non-zero exit status is an error. */
  ok(args: string[], options?: PlakarRunOptions): Promise<string>;
}

/**
 * Registers a test that needs the real plakar.
 *
 * @param name what holds
 * @param run the test
 */
export function plakarTest(name: string, run: (t: Deno.TestContext) => Promise<void>): void {
  testWithPeers(plakarPeer(), name, run);
}

/**
 * Sets up a plakar with an empty home, the passphrase {@linkcode PASSPHRASE} and no look for updates.
 *
 * @param env environment variables of every run
 * @returns the plakar
 */
export async function newPlakar(env: Record<string, string> = {}): Promise<Plakar> {
  const home = await Deno.makeTempDir({ prefix: "plakar-home-" });
  const path = plakarPath();
  const cacheDirectory = `${home}/.cache/plakar`;
  const environment = { ...visibleEnvironment(), HOME: home, PLAKAR_PASSPHRASE: PASSPHRASE, ...env };
  const plakar: Plakar = {
    home,
    path,
    env: environment,
    async run(args, options = {}) {
      const { code, stdout, stderr } = await new Deno.Command(path, {
        args,
        clearEnv: true,
        env: { ...environment, ...options.env },
        cwd: options.cwd ?? home,
        stdin: "null",
      }).output();
      const decoder = new TextDecoder();
      return { code, stdout: decoder.decode(stdout), stdoutBytes: stdout, stderr: decoder.decode(stderr) };
    },
    async ok(args, options) {
      const { code, stdout, stderr } = await plakar.run(args, options);
      if (code !== 0) throw new Error(`plakar ${args.join(" ")} ended with ${code}: ${stdout}${stderr}`);
      return stdout;
    },
    async [Symbol.asyncDispose]() {
      await endCacheProcesses(path, cacheDirectory);
      await Deno.remove(home, { recursive: true });
    },
  };
  await plakar.ok(["-disable-security-check"]);
  return plakar;
}

/**
 * What is missing of the real plakar.
 *
 * @returns its name, or nothing when it is there
 */
export function plakarPeer(): string[] {
  return isBuilt(plakarPath()) ? [] : [`plakar ${PLAKAR_VERSION}`];
}

/**
 * Whether a program is there.
 *
 * @param path the program
 * @returns true if it is
 */
export function isBuilt(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** The environment without what would lead plakar to files or settings of the person who runs the tests. */
function visibleEnvironment(): Record<string, string> {
  const kept = Object.entries(Deno.env.toObject()).filter(([name]) => !/^(PLAKAR|XDG)_/.test(name));
  return Object.fromEntries(kept);
}

/** Ends the process that plakar leaves for a few seconds to keep its caches, told by this home's directory. */
async function endCacheProcesses(path: string, cacheDirectory: string): Promise<void> {
  const isOurs = (pid: string) => {
    try {
      const words = Deno.readTextFileSync(`/proc/${pid}/cmdline`).split("\0");
      return words[0] === path && words.includes("cached") && words.includes(cacheDirectory);
    } catch {
      return false;
    }
  };
  const pids = [...Deno.readDirSync("/proc")].map(({ name }) => name).filter(isOurs);
  for (const pid of pids) Deno.kill(Number(pid), "SIGKILL");
  // Its files must not be removed under it.
  while (pids.some(isOurs)) await new Promise((resolve) => setTimeout(resolve, 5));
}
