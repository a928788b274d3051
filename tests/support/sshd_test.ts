import assert from "node:assert/strict";
import { runProgram, sshdTest, startSshd } from "./sshd.ts";
import { startSshAgent } from "./ssh_agent.ts";

sshdTest("the fixture's server takes the client keys and serves SFTP", async () => {
  await using sshd = await startSshd();
  await Deno.writeTextFile(`${sshd.directory}/known_hosts`, sshd.knownHosts);
  for (const key of Object.values(sshd.clientKeys)) {
    const args = [
      "-F",
      "none",
      "-p",
      `${sshd.port}`,
      "-i",
      key.path,
      "-o",
      "IdentitiesOnly=yes",
      "-o",
      "BatchMode=yes",
    ];
    const output = await runProgram("ssh", [
      ...args,
      ...[
        "-o",
        `UserKnownHostsFile=${sshd.directory}/known_hosts`,
        `${sshd.user}@${sshd.host}`,
        "echo hello",
      ],
    ], { env: { SSH_AUTH_SOCK: "" } });
    assert.equal(output, "hello\n");
  }
  await sshd.logged("Accepted publickey");
  const { port } = sshd;
  await sshd.stop();
  await sshd.start();
  assert.equal(sshd.port, port);
});

sshdTest("the fixture's agent holds the keys it was given", async () => {
  await using sshd = await startSshd();
  await using agent = await startSshAgent([sshd.clientKeys.ed25519.path]);
  assert.match(await agent.run("-l"), new RegExp(sshd.clientKeys.ed25519.fingerprint.replace(/[+/]/g, ".")));
});
