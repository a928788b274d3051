/** An SSH server that is not OpenSSH: built from `go_sshd/` once a run. */

import { findProgram, peerTest } from "./peers.ts";
import { generateKey, type KeyFile } from "./sshd.ts";

/** A running server. Disposing of it ends it. */
export interface GoSshd extends AsyncDisposable {
  /** Where it listens, on 127.0.0.1. */
  readonly port: number;
  /** Its host key. */
  readonly hostKey: KeyFile;
  /** A line for a known_hosts file. */
  readonly knownHosts: string;
}

/**
 * Registers a test that needs this server.
 *
 * @param name what holds
 * @param run the test
 */
export function goSshdTest(name: string, run: (t: Deno.TestContext) => Promise<void>): void {
  peerTest(["go", "ssh-keygen"], name, run);
}

/**
 * Starts a server.
 *
 * @param args its arguments, see `go_sshd/main.go`
 * @returns the running server
 */
export async function startGoSshd(...args: string[]): Promise<GoSshd> {
  return await start(build(), args);
}

/**
 * Starts a server built with a version of the library from before strict key exchange.
 *
 * @param args its arguments, see `go_sshd/main.go`
 * @returns the running server
 */
export async function startOldGoSshd(...args: string[]): Promise<GoSshd> {
  return await start(build("-tags", "old", "-modfile", "old.mod"), args);
}

async function start(program: Promise<string>, args: string[]): Promise<GoSshd> {
  const directory = await Deno.makeTempDir({ prefix: "go-sshd-" });
  const hostKey = await generateKey(`${directory}/host`, "-t", "ed25519");
  const process = new Deno.Command(await program, {
    args: ["-host-key", hostKey.path, "-sftp-server", findProgram("sftp-server") ?? "sftp-server", ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = process.stdout.getReader();
  const { value } = await reader.read();
  const port = Number(/^listening (\d+)/.exec(new TextDecoder().decode(value))?.[1]);
  if (!port) throw new Error("The server written in Go did not start");
  return {
    port,
    hostKey,
    knownHosts: `[127.0.0.1]:${port} ${hostKey.publicLine}\n`,
    async [Symbol.asyncDispose]() {
      process.kill("SIGTERM");
      await reader.cancel();
      await process.status;
      await Deno.remove(directory, { recursive: true });
    },
  };
}

const built = new Map<string, Promise<string>>();

/** Builds it once a run for each set of flags. */
function build(...flags: string[]): Promise<string> {
  const key = flags.join(" ");
  const known = built.get(key);
  if (known) return known;
  const building = (async () => {
    const directory = await Deno.makeTempDir({ prefix: "go-sshd-build-" });
    globalThis.addEventListener("unload", () => Deno.removeSync(directory, { recursive: true }));
    const { success, stderr } = await new Deno.Command("go", {
      args: ["build", ...flags, "-o", `${directory}/server`, "."],
      cwd: new URL("./go_sshd", import.meta.url),
      stdin: "null",
    }).output();
    if (!success) throw new Error(`go build: ${new TextDecoder().decode(stderr)}`);
    return `${directory}/server`;
  })();
  built.set(key, building);
  return building;
}
