/** A real ssh-agent with its own socket. */

import { findProgram } from "./peers.ts";
import { runProgram } from "./sshd.ts";

/** A running agent. Disposing of it ends it. */
export interface SshAgent extends AsyncDisposable {
  /** The path of its socket, for `SSH_AUTH_SOCK`. */
  readonly socket: string;
  /** Adds a private key that has no passphrase; `args` go to ssh-add. */
  add(keyPath: string, ...args: string[]): Promise<void>;
  /** Runs ssh-add with these arguments. */
  run(...args: string[]): Promise<string>;
}

/**
 * Starts an agent.
 *
 * @param keyPaths private keys to add
 * @returns the running agent
 */
export async function startSshAgent(keyPaths: string[] = []): Promise<SshAgent> {
  const directory = await Deno.makeTempDir({ prefix: "agent-" });
  const socket = `${directory}/socket`;
  const process = new Deno.Command(findProgram("ssh-agent") ?? "ssh-agent", {
    args: ["-D", "-a", socket],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  // It prints the socket's name once it listens.
  const reader = process.stdout.getReader();
  const first = await reader.read();
  if (first.done) throw new Error("ssh-agent did not start");
  const run = (...args: string[]) => runProgram("ssh-add", args, { env: { SSH_AUTH_SOCK: socket } });
  const agent: SshAgent = {
    socket,
    run,
    async add(keyPath, ...args) {
      await run("-q", ...args, keyPath);
    },
    async [Symbol.asyncDispose]() {
      try {
        Deno.kill(process.pid, "SIGTERM");
      } catch {
        // It has ended already.
      }
      await reader.cancel();
      await process.status;
      await Deno.remove(directory, { recursive: true });
    },
  };
  try {
    for (const keyPath of keyPaths) await agent.add(keyPath);
  } catch (error) {
    await agent[Symbol.asyncDispose]();
    throw error;
  }
  return agent;
}
