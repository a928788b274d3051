/** The smallest SFTP conversation: proves that a pipe leads to an SFTP server. */

import type { BytePipe } from "../../src/lib/byte_pipe.ts";

/**
 * Sends SSH_FXP_INIT and waits for SSH_FXP_VERSION.
 *
 * @param pipe the pipe, not started yet
 * @returns the server's SFTP version
 */
export async function probeSftp(pipe: BytePipe): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let received = new Uint8Array();
  pipe.start({
    data(bytes) {
      received = new Uint8Array([...received, ...bytes]);
      if (received.length >= 9 && received[4] === 2) resolve(received[8]);
    },
    end(error) {
      reject(error ?? new Error("the pipe was closed"));
    },
  });
  pipe.write(Uint8Array.of(0, 0, 0, 5, 1, 0, 0, 0, 3));
  return await promise;
}
