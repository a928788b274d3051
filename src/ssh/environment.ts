/**
 * What SSH needs of the machine: the home directory, environment variables, files and programs. It is passed
 * in, so that tests run with a home of their own and never see the real one.
 */

import { hostname, userInfo } from "node:os";
import { homeDirectory } from "../lib/home_directory.ts";

/** What is known of a file. */
export interface FileFacts {
  /** Permission bits; `undefined` where the system has none. */
  mode: number | undefined;
  /** The owner's number. */
  uid: number | undefined;
}

/** The machine and the person who runs the program. */
export interface SshEnvironment {
  /** The home directory, without a slash at its end. */
  readonly home: string;
  /** The directory of the system-wide configuration: `/etc/ssh`. */
  readonly systemDirectory: string;
  /** The local user's name. */
  readonly userName: string;
  /** The local user's number, if the system has such. */
  readonly userId: number | undefined;
  /** The local host's name. */
  readonly hostName: string;
  /** The home of another local user, or `undefined` if there is none of that name. */
  homeOf(userName: string): string | undefined;
  /** An environment variable. */
  variable(name: string): string | undefined;
  /** A file's bytes, or `undefined` if there is no such file. Throws if it cannot be read. */
  readFile(path: string): Promise<Uint8Array | undefined>;
  /** What is known of a file, or `undefined` if there is none. */
  facts(path: string): Promise<FileFacts | undefined>;
  /** The names in a directory, sorted; none if it cannot be listed. */
  list(directory: string): Promise<string[]>;
  /** Appends to a file in one write, creating it (0600) and its directory (0700). */
  append(path: string, text: string): Promise<void>;
  /** Connects to a Unix socket. */
  connectUnix(path: string): Promise<Deno.Conn>;
  /**
   * Runs a command with the shell and returns its exit status and output, or `undefined` if this program has
   * no permission to run it.
   */
  shell(command: string): Promise<{ code: number; output: string } | undefined>;
}

/**
 * The environment of this process.
 *
 * @returns the environment
 */
export function processEnvironment(): SshEnvironment {
  const variable = (name: string): string | undefined => {
    try {
      return Deno.env.get(name);
    } catch {
      // Not one of the variables this program may see.
      return undefined;
    }
  };
  const user = optional(() => userInfo());
  return {
    home: homeDirectory(variable("HOME")).replace(/(.)\/+$/, "$1"),
    systemDirectory: "/etc/ssh",
    // As for ssh, the list of users decides: su and cron leave variables behind that name somebody else.
    userName: user?.username ?? variable("USER") ?? variable("LOGNAME") ?? "",
    userId: optional(() => Deno.uid()) ?? undefined,
    hostName: optional(() => hostname()) ?? "localhost",
    homeOf: listedHome,
    variable,
    readFile: readIfThere,
    facts: factsOf,
    list: namesIn,
    append: appendTo,
    connectUnix: (path) => Deno.connect({ transport: "unix", path }),
    shell: runShell,
  };
}

function listedHome(userName: string): string | undefined {
  const lines = optional(() => Deno.readTextFileSync("/etc/passwd"))?.split("\n") ?? [];
  return lines.map((line) => line.split(":")).find(([name]) => name === userName)?.[5];
}

function optional<T>(get: () => T): T | undefined {
  try {
    return get();
  } catch {
    return undefined;
  }
}

async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

async function factsOf(path: string): Promise<FileFacts | undefined> {
  try {
    const { mode, uid } = await Deno.stat(path);
    return { mode: mode ?? undefined, uid: uid ?? undefined };
  } catch {
    return undefined;
  }
}

async function namesIn(directory: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(directory)) names.push(name);
  } catch {
    // A pattern of Include may name a directory that is not there.
  }
  return names.sort();
}

async function appendTo(path: string, text: string): Promise<void> {
  const slash = path.lastIndexOf("/");
  if (slash > 0) await Deno.mkdir(path.slice(0, slash), { recursive: true, mode: 0o700 });
  await Deno.writeTextFile(path, text, { append: true, create: true, mode: 0o600 });
}

async function runShell(command: string): Promise<{ code: number; output: string } | undefined> {
  try {
    const child = new Deno.Command("/bin/sh", {
      args: ["-c", command],
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    });
    const { code, stdout } = await child.output();
    return { code, output: new TextDecoder().decode(stdout) };
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}
