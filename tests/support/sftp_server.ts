/** The real OpenSSH sftp-server as a child process, without SSH around it. */

import { SftpClient } from "../../src/sftp/client.ts";
import { ChildPipe } from "./child_pipe.ts";
import { findProgram } from "./peers.ts";

/** A client of a real server; disposing of it ends both. */
export interface RealSftp extends AsyncDisposable {
  /** The client. */
  client: SftpClient;
}

/**
 * Starts sftp-server and a client of it.
 *
 * @param args arguments of sftp-server, such as `-P limits` to withhold something
 * @returns the client
 */
export async function startSftpServer(...args: string[]): Promise<RealSftp> {
  const program = findProgram("sftp-server");
  if (program === undefined) throw new Error("sftp-server is not installed");
  const pipe = new ChildPipe(program, args);
  const client = await SftpClient.open(pipe);
  return {
    client,
    [Symbol.asyncDispose]: async () => {
      client.close();
      await pipe[Symbol.asyncDispose]();
    },
  };
}
