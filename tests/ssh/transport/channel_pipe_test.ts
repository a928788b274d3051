import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { BytePipe } from "../../../src/lib/byte_pipe.ts";
import { connect, resolveTarget } from "../../../src/ssh/mod.ts";
import { startFaultyProxy } from "../../support/faulty_proxy.ts";
import { makeSshHome, recordedIo } from "../../support/ssh_home.ts";
import { sshdTest, startSshd } from "../../support/sshd.ts";

const MIB = 1024 * 1024;
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Runs with a pipe from a command on a server, and with a count of the bytes that came over the line. */
async function withPipe(
  command: string,
  use: (pipe: BytePipe, received: () => number) => Promise<void>,
): Promise<void> {
  await using sshd = await startSshd({ config: [`Subsystem sftp ${command}`] });
  await using proxy = startFaultyProxy(sshd.port);
  await using home = await makeSshHome();
  await home.write(".ssh/known_hosts", sshd.knownHosts.replaceAll(`:${sshd.port} `, `:${proxy.port} `));
  const options = { identity_file: sshd.clientKeys.ed25519.path };
  const location = { host: "127.0.0.1", port: proxy.port, user: sshd.user, options };
  await using connection = await connect(await resolveTarget(location, home.environment), recordedIo());
  await use(await connection.openSubsystem("sftp"), () => proxy.received);
}

/** What `seq -w 1000000 1999999` prints. */
function numbers(): Buffer {
  return Buffer.from(Array.from({ length: 1_000_000 }, (_, i) => `${1_000_000 + i}\n`).join(""));
}

sshdTest(
  "everything arrives in order, however often delivery is stopped, and the end comes last",
  async () => {
    await withPipe("seq 1000000 1999999", async (pipe) => {
      // Some of it comes before anybody takes it.
      await pause(100);
      const pieces: Uint8Array[] = [];
      const { promise: ended, resolve } = Promise.withResolvers<Error | undefined>();
      let isPaused = false;
      pipe.start({
        data(bytes) {
          assert.ok(!isPaused, "something was delivered while delivery was stopped");
          pieces.push(bytes.slice());
          if (pieces.length % 40 !== 0) return;
          isPaused = true;
          pipe.pause();
          setTimeout(() => {
            isPaused = false;
            pipe.resume();
          }, 5);
        },
        end: resolve,
      });
      assert.match(String(await ended), /The server ended the channel: exit status 0/);
      assert.ok(Buffer.concat(pieces).equals(numbers()));
    });
  },
);

sshdTest("the server has to wait while delivery is stopped", async () => {
  await withPipe("cat /dev/zero", async (pipe, received) => {
    let bytes = 0;
    pipe.start({ data: ({ length }) => bytes += length, end() {} });
    while (bytes < 10 * MIB) await pause(5);
    pipe.pause();
    const before = bytes;
    let line = -1;
    while (line !== received()) {
      line = received();
      await pause(200);
    }
    assert.equal(bytes, before);
    assert.ok(line - before < 8 * MIB, `${line - before} bytes came`);
    pipe.resume();
    while (bytes < before + 20 * MIB) await pause(5);
    pipe.close();
  });
});
