/** `-trace`: what happens inside, by subsystem. */

import { equal, match } from "node:assert/strict";
import { newProgram } from "../support/program.ts";
import { sshdTest, startSshd } from "../support/sshd.ts";
import { withStore } from "./commands/store_fixture.ts";

/** The subsystems that lines of trace name. */
function subsystems(stdout: string): string {
  return [...new Set([...stdout.matchAll(/^trace: (\w+): ./gm)].map(([, name]) => name))].sort().join(" ");
}

Deno.test("-trace tells what happens in the subsystems it names, on standard output", () =>
  withStore(async ({ home, store, write, run }) => {
    await write("src/a", "");
    const backup = await run(["-trace", "all", "backup", `${home}/src`]);
    equal(subsystems(backup.stdout), "config repository snapshot");
    match(backup.stdout, new RegExp(`^trace: config: repository: ${store}$`, "m"));
    match(backup.stdout, /^trace: repository: get CONFIG: \d+ bytes$/m);
    match(backup.stdout, /^trace: repository: put state [0-9a-f]{64}: \d+ bytes$/m);
    match(backup.stdout, /^trace: snapshot: committing$/m);
    equal(subsystems((await run(["ls", "-trace=config,snapshot"])).stdout), "config");
    equal(subsystems((await run(["restore", "-to", "target", "-trace", "snapshot"])).stdout), "snapshot");
    equal(subsystems((await run(["ls"])).stdout), "");
  }));

sshdTest("-trace ssh tells how a server was reached, and no secret", async () => {
  await using sshd = await startSshd();
  await using program = await newProgram();
  await program.write(".ssh/known_hosts", sshd.knownHosts);
  const { host, port, user } = sshd;
  await Deno.mkdir(`${sshd.directory}/data`);
  const options = ["-trace", "ssh", "-o", `identity_file=${sshd.clientKeys.ed25519.path}`];
  const source = `sftp://${user}@${host}:${port}${sshd.directory}/data`;
  const { code, stdout } = await program.run(["backup", "-dry-run", ...options, source]);
  equal(code, 0);
  equal(subsystems(stdout), "ssh");
  match(
    stdout,
    new RegExp(
      `^trace: ssh: connected to ${host} port ${port} as ${user}; server .*OpenSSH.*; host key ssh-`,
      "m",
    ),
  );
  match(stdout, /; authenticated by publickey \(ssh-ed25519 SHA256:/);
});
