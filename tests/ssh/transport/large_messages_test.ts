import assert from "node:assert/strict";
import { connect, resolveTarget } from "../../../src/ssh/mod.ts";
import { PROTECTIONS } from "../../support/protections.ts";
import { probeSftp } from "../../support/sftp_probe.ts";
import { makeSshHome, recordedIo } from "../../support/ssh_home.ts";
import { sshdTest, startSshd } from "../../support/sshd.ts";

sshdTest("a login banner of 64 KiB, which is one message, is shown in part", async (t) => {
  await using home = await makeSshHome();
  const banner = await home.write("banner", `Welcome\n${"x".repeat(65_536 - 9)}\n`);
  await using sshd = await startSshd({ config: [`Banner ${banner}`] });
  await home.write(".ssh/known_hosts", sshd.knownHosts);
  for (const { name, options } of PROTECTIONS) {
    await t.step(name, async () => {
      const all = { identity_file: sshd.clientKeys.ed25519.path, ...options };
      const location = { host: sshd.host, port: sshd.port, user: sshd.user, options: all };
      const io = recordedIo();
      await using connection = await connect(await resolveTarget(location, home.environment), io);
      assert.equal(await probeSftp(await connection.openSubsystem("sftp")), 3);
      assert.equal(connection.description.algorithms?.cipher, options.Ciphers);
      assert.equal(io.warnings[0], "127.0.0.1: Welcome");
      assert.match(io.warnings.at(-1) ?? "", /\(61440 characters more\)/);
    });
  }
});
