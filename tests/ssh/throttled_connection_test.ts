import assert from "node:assert/strict";
import { fromText } from "../../src/lib/byte_string.ts";
import { sharedRate } from "../../src/lib/rate_limit.ts";
import { SftpClient } from "../../src/sftp/client.ts";
import { readFile } from "../../src/sftp/read_file.ts";
import { Upload } from "../../src/sftp/upload.ts";
import { connect, connectWithPlan, resolveTarget, type SshConnection } from "../../src/ssh/mod.ts";
import { makeSshHome, recordedIo } from "../support/ssh_home.ts";
import { sshdTest, startSshd } from "../support/sshd.ts";

const SIZE = 400_000;
const RATE = 1_000_000;
/** What a pause makes up for, and a clock's coarseness. */
const FREE = 120;

const content = Uint8Array.from({ length: SIZE }, (_, i) => (i * 7 + (i >> 8)) & 0xff);

async function download(connection: SshConnection, path: string): Promise<void> {
  const client = await SftpClient.open(await connection.openSubsystem("sftp"));
  let at = 0;
  await readFile(client, fromText(path), SIZE, (piece) => {
    assert.deepEqual(piece, content.subarray(at, at += piece.length));
  });
  assert.equal(at, SIZE);
  client.close();
}

async function upload(connection: SshConnection, path: string): Promise<void> {
  const client = await SftpClient.open(await connection.openSubsystem("sftp"));
  const file = await Upload.create(client, fromText(path), 0o600);
  await file.write(content);
  await file.close();
  assert.deepEqual(await Deno.readFile(path), content);
  client.close();
}

for (const transport of ["builtin", "openssh"]) {
  sshdTest(`connections keep to rates together, each direction to its own (${transport})`, async () => {
    await using sshd = await startSshd();
    await using home = await makeSshHome();
    const knownHosts = await home.write(".ssh/known_hosts", sshd.knownHosts);
    const options = {
      transport,
      identity_file: sshd.clientKeys.ed25519.path,
      ssh_config: await home.write(
        "ssh_config",
        `UserKnownHostsFile ${knownHosts}\nStrictHostKeyChecking yes\n`,
      ),
    };
    const location = { host: sshd.host, port: sshd.port, user: sshd.user, options };
    const io = {
      ...recordedIo(),
      bandwidth: { upload: sharedRate(RATE), download: sharedRate(RATE) },
    };
    const [source, target] = [`${sshd.directory}/source`, `${sshd.directory}/target`];
    await Deno.writeFile(source, content);
    await using one = await connect(await resolveTarget(location, home.environment), io);
    // As a worker would open it.
    await using other = await connectWithPlan(structuredClone(one.plan), io);
    const begun = performance.now();
    await Promise.all([download(one, source), download(other, source), upload(other, target)]);
    const time = performance.now() - begun;
    assert.ok(time >= 2 * SIZE / RATE * 1000 - FREE, `${time} ms`);
  });
}
