/** Our program as a child process, each time with a home of its own. */

import { concat } from "../../src/lib/bytes.ts";
import { PASSPHRASE } from "./plakar.ts";

/** What a run of the program left behind. */
export interface ProgramResult {
  /** The exit status. */
  code: number;
  /** What it printed, as text. */
  stdout: string;
  /** What it printed, as bytes. */
  stdoutBytes: Uint8Array;
  /** What it complained about. */
  stderr: string;
}

/** How one run of the program differs from others. */
export interface ProgramRunOptions {
  /** Environment variables beside those of the home. */
  env?: Record<string, string>;
  /** What it reads from standard input; nothing if omitted. */
  stdin?: string;
  /** The working directory. */
  cwd?: string;
}

/** A run that has not ended. */
export interface RunningProgram {
  /** Its process. */
  readonly pid: number;
  /** Sends it a signal. */
  signal(name: Deno.Signal): void;
  /** Waits until it prints a text on either stream, or ends. */
  printed(text: string): Promise<void>;
  /** Waits for its end. */
  readonly result: Promise<ProgramResult>;
}

/** The program with a home of its own. Disposing of it removes the home. */
export interface Program extends AsyncDisposable {
  /** Its home directory. */
  readonly home: string;
  /** The whole environment of its runs. */
  readonly env: Record<string, string>;
  /** Runs it, whatever the exit status. */
  run(args: string[], options?: ProgramRunOptions): Promise<ProgramResult>;
  /** Runs it and returns its standard output; a non-zero exit status is an error. */
  ok(args: string[], options?: ProgramRunOptions): Promise<string>;
  /** Starts it. */
  spawn(args: string[], options?: ProgramRunOptions): RunningProgram;
  /** Writes a file below the home, mode 0600, with its directory, and returns its path. */
  write(name: string, text: string): Promise<string>;
}

const CLI = new URL("../../cli.ts", import.meta.url).pathname;

/**
 * Sets up the program with an empty home, except for `~/.ssh`, and the passphrase {@linkcode PASSPHRASE}.
 *
 * @param env environment variables of every run
 * @returns the program
 */
export async function newProgram(env: Record<string, string> = {}): Promise<Program> {
  const home = await Deno.realPath(await Deno.makeTempDir({ prefix: "program-home-" }));
  await Deno.mkdir(`${home}/.ssh`, { mode: 0o700 });
  const environment = {
    HOME: home,
    PATH: Deno.env.get("PATH") ?? "/usr/bin:/bin",
    TZ: "UTC",
    DENO_DIR: denoDirectory(),
    DENO_NO_UPDATE_CHECK: "1",
    PLAKAR_PASSPHRASE: PASSPHRASE,
    ...env,
  };
  const program: Program = {
    home,
    env: environment,
    run: (args, options) => program.spawn(args, options).result,
    async ok(args, options) {
      const { code, stdout, stderr } = await program.run(args, options);
      if (code !== 0) throw new Error(`plakar ${args.join(" ")} ended with ${code}: ${stdout}${stderr}`);
      return stdout;
    },
    spawn(args, { env = {}, stdin, cwd = home } = {}) {
      const child = new Deno.Command(Deno.execPath(), {
        args: ["run", "--quiet", "--frozen", "--allow-all", CLI, ...args],
        clearEnv: true,
        env: { ...environment, ...env },
        cwd,
        stdin: stdin === undefined ? "null" : "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      return follow(child, stdin);
    },
    async write(name, text) {
      const path = `${home}/${name}`;
      await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
      await Deno.writeTextFile(path, text);
      await Deno.chmod(path, 0o600);
      return path;
    },
    [Symbol.asyncDispose]: () => Deno.remove(home, { recursive: true }),
  };
  return program;
}

/**
 * The values of the result that a run with `-json` printed.
 *
 * @param stdout what it printed
 * @returns the data of its line `result`
 */
export function resultOf(stdout: string): Record<string, unknown> {
  const lines = stdout.trim().split("\n").map((line): { type: string; data: Record<string, unknown> } =>
    JSON.parse(line)
  );
  const result = lines.find(({ type }) => type === "result");
  if (!result) throw new Error(`No result in: ${stdout}`);
  return result.data;
}

/** Where Deno keeps the program's modules: a home of its own must not make it fetch them again. */
function denoDirectory(): string {
  const home = Deno.env.get("HOME") ?? "/root";
  return Deno.env.get("DENO_DIR") ?? `${Deno.env.get("XDG_CACHE_HOME") || `${home}/.cache`}/deno`;
}

function follow(child: Deno.ChildProcess, stdin: string | undefined): RunningProgram {
  const printed = { stdout: [] as Uint8Array[], stderr: [] as Uint8Array[] };
  const listeners = new Set<() => void>();
  let ended = false;
  const notify = () => {
    for (const listener of listeners) listener();
  };
  const collect = async (name: "stdout" | "stderr") => {
    for await (const bytes of child[name]) {
      printed[name].push(bytes);
      notify();
    }
  };
  const text = (name: "stdout" | "stderr") => new TextDecoder().decode(concat(...printed[name]));
  const fed = stdin === undefined ? Promise.resolve() : feed(child.stdin, stdin);
  const result = (async () => {
    await Promise.all([collect("stdout"), collect("stderr"), fed]);
    const { code } = await child.status;
    ended = true;
    notify();
    return { code, stdout: text("stdout"), stdoutBytes: concat(...printed.stdout), stderr: text("stderr") };
  })();
  return {
    pid: child.pid,
    signal: (name) => child.kill(name),
    async printed(wanted) {
      while (!ended && !text("stdout").includes(wanted) && !text("stderr").includes(wanted)) {
        const { promise, resolve } = Promise.withResolvers<void>();
        listeners.add(resolve);
        await promise;
        listeners.delete(resolve);
      }
    },
    result,
  };
}

/** Standard input, all of it; a program that does not want it may close it. */
async function feed(stdin: WritableStream<Uint8Array>, text: string): Promise<void> {
  const writer = stdin.getWriter();
  await writer.write(new TextEncoder().encode(text)).then(() => writer.close()).catch(() => {});
}
