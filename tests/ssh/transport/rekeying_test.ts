import assert from "node:assert/strict";
import type { BytePipe } from "../../../src/lib/byte_pipe.ts";
import { connect, resolveTarget, type SshConnection } from "../../../src/ssh/mod.ts";
import { KINDS_OF_PROTECTION, PROTECTIONS } from "../../support/protections.ts";
import { probeSftp } from "../../support/sftp_probe.ts";
import { makeSshHome, recordedIo } from "../../support/ssh_home.ts";
import { type Sshd, sshdTest, startSshd } from "../../support/sshd.ts";

const MIB = 1024 * 1024;
const NEW_KEYS = "SSH2_MSG_NEWKEYS received";

async function withConnection(
  config: string[],
  options: Record<string, string>,
  run: (connection: SshConnection, sshd: Sshd) => Promise<void>,
): Promise<void> {
  await using sshd = await startSshd({ config: ["LogLevel DEBUG1", ...config] });
  await using home = await makeSshHome();
  await home.write(".ssh/known_hosts", sshd.knownHosts);
  const all = { identity_file: sshd.clientKeys.ed25519.path, ...options };
  const location = { host: sshd.host, port: sshd.port, user: sshd.user, options: all };
  await using connection = await connect(await resolveTarget(location, home.environment), recordedIo());
  await run(connection, sshd);
}

/** Sends bytes through a server that gives them back, and fails if one differs. */
async function echo(pipe: BytePipe, total: number): Promise<void> {
  const done = Promise.withResolvers<void>();
  let received = 0;
  pipe.start({
    data(bytes) {
      for (const byte of bytes) {
        if (byte !== received % 251) return done.reject(new Error(`byte ${received} is ${byte}`));
        received++;
      }
      if (received === total) done.resolve();
    },
    end: (error) => done.reject(error),
  });
  for (let sent = 0; sent < total;) {
    const length = Math.min(100_000, total - sent);
    const piece = Uint8Array.from({ length }, (_, index) => (sent + index) % 251);
    sent += piece.length;
    if (!pipe.write(piece)) await pipe.drained();
  }
  await done.promise;
}

for (
  const [who, config, limit] of [
    ["the server exchanges", ["RekeyLimit 1M"], "default"],
    ["we exchange", [], "256K"],
    ["both exchange", ["RekeyLimit 1M"], "256K 1s"],
  ] as const
) {
  for (const { name, options } of who.startsWith("both") ? KINDS_OF_PROTECTION : PROTECTIONS) {
    sshdTest(`nothing is lost when ${who} keys again and again under load: ${name}`, async () => {
      const all = { ...options, RekeyLimit: limit };
      await withConnection([...config, "Subsystem sftp cat"], all, async (connection, sshd) => {
        // How much is sent while keys are exchanged depends on how busy the machine is.
        for (let round = 0, exchanges = 0; exchanges < 3; round++) {
          assert.ok(round < 10, `keys were exchanged ${exchanges} times`);
          const channels = [await connection.openSubsystem("sftp"), await connection.openSubsystem("sftp")];
          await Promise.all(channels.map((pipe) => echo(pipe, 2 * MIB)));
          exchanges = sshd.log().split(NEW_KEYS).length - 1;
        }
      });
    });
  }
}

sshdTest(
  "nothing is lost when messages are compressed, while both exchange keys again and again",
  async () => {
    const options = { Compression: "yes", RekeyLimit: "64K" };
    await withConnection(["RekeyLimit 64K", "Subsystem sftp cat"], options, async (connection, sshd) => {
      const channels = [await connection.openSubsystem("sftp"), await connection.openSubsystem("sftp")];
      await Promise.all(channels.map((pipe) => echo(pipe, 2 * MIB)));
      assert.match(sshd.log(), /compression: zlib@openssh\.com/);
      assert.ok(sshd.log().split(NEW_KEYS).length > 3);
    });
  },
);

sshdTest("keys are exchanged again after the time of RekeyLimit, also when nothing is sent", async () => {
  await withConnection([], { RekeyLimit: "default 1" }, async (connection, sshd) => {
    while (sshd.log().split(NEW_KEYS).length < 4) await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(await probeSftp(await connection.openSubsystem("sftp")), 3);
  });
});

sshdTest("without RekeyLimit we leave it to the server", async () => {
  await withConnection(["Subsystem sftp cat"], {}, async (connection, sshd) => {
    await echo(await connection.openSubsystem("sftp"), 3 * MIB);
    assert.equal(sshd.log().split(NEW_KEYS).length - 1, 1);
  });
});
