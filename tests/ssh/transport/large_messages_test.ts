import assert from "node:assert/strict";
import { connect, resolveTarget } from "../../../src/ssh/mod.ts";
import { probeSftp } from "../../support/sftp_probe.ts";
import { makeSshHome, recordedIo } from "../../support/ssh_home.ts";
import { sshdTest, startSshd } from "../../support/sshd.ts";

/** One of every way in which messages are decrypted and checked. */
const PROTECTIONS = [
  ["chacha20-poly1305@openssh.com"],
  ["aes128-gcm@openssh.com"],
  ["aes256-gcm@openssh.com"],
  ["aes128-ctr", "hmac-sha2-256"],
  ["aes192-ctr", "hmac-sha2-512"],
  ["aes256-ctr", "hmac-sha2-256-etm@openssh.com"],
  ["aes128-ctr", "hmac-sha2-512-etm@openssh.com"],
] as const;

sshdTest("a login banner of 64 KiB, which is one message, is shown in part", async (t) => {
  await using home = await makeSshHome();
  const banner = await home.write("banner", `Welcome\n${"x".repeat(65_536 - 9)}\n`);
  await using sshd = await startSshd({ config: [`Banner ${banner}`] });
  await home.write(".ssh/known_hosts", sshd.knownHosts);
  for (const [cipher, mac] of PROTECTIONS) {
    await t.step(mac ? `${cipher} and ${mac}` : cipher, async () => {
      const options = {
        identity_file: sshd.clientKeys.ed25519.path,
        Ciphers: cipher,
        ...(mac ? { MACs: mac } : {}),
      };
      const location = { host: sshd.host, port: sshd.port, user: sshd.user, options };
      const io = recordedIo();
      await using connection = await connect(await resolveTarget(location, home.environment), io);
      assert.equal(await probeSftp(await connection.openSubsystem("sftp")), 3);
      assert.equal(connection.description.algorithms?.cipher, cipher);
      assert.equal(io.warnings[0], "127.0.0.1: Welcome");
      assert.match(io.warnings.at(-1) ?? "", /\(61440 characters more\)/);
    });
  }
});
