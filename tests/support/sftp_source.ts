/** Sources of SFTP clients without SSH. */

import type { SftpSource } from "../../src/connectors/remote/sftp_source.ts";
import { SftpClient } from "../../src/sftp/client.ts";
import type { SshPlan } from "../../src/ssh/mod.ts";
import type { BytePipe } from "../../src/lib/byte_pipe.ts";
import { ChildPipe } from "./child_pipe.ts";
import { findProgram } from "./peers.ts";

/** A plan that leads nowhere. */
export const NO_PLAN: SshPlan = {
  transport: "openssh",
  displayName: "nowhere",
  host: "nowhere",
  port: 22,
  user: "nobody",
  args: [],
  verifiesHostKey: true,
  via: [],
};

/**
 * A source whose clients speak over pipes that a test makes.
 *
 * @param openPipe makes a pipe
 * @returns the source
 */
export function sourceOf(openPipe: () => BytePipe): SftpSource {
  return {
    plan: NO_PLAN,
    openClient: () => SftpClient.open(openPipe()),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/**
 * A source whose clients each have a real sftp-server of their own.
 *
 * @param args arguments of sftp-server
 * @returns the source
 */
export function realSource(...args: string[]): SftpSource {
  const pipes: ChildPipe[] = [];
  const source = sourceOf(() => {
    const pipe = new ChildPipe(findProgram("sftp-server") ?? "sftp-server", args);
    pipes.push(pipe);
    return pipe;
  });
  return {
    ...source,
    [Symbol.asyncDispose]: async () => {
      for (const pipe of pipes) await pipe[Symbol.asyncDispose]();
    },
  };
}
