import assert from "node:assert/strict";
import { PlakarError } from "../../src/lib/errors.ts";
import { connect, connectWithPlan, resolveTarget } from "../../src/ssh/mod.ts";
import { probeSftp } from "../support/sftp_probe.ts";
import { startSshAgent } from "../support/ssh_agent.ts";
import { makeSshHome, recordedIo } from "../support/ssh_home.ts";
import { generateKey, runProgram, type Sshd, sshdTest, startSshd } from "../support/sshd.ts";

/** Where a test's server is, as a location. */
function locationOf(sshd: Sshd, options: Record<string, string> = {}) {
  return { host: sshd.host, port: sshd.port, user: sshd.user, options };
}

async function failure(promise: Promise<unknown>): Promise<PlakarError> {
  const error = await promise.then(() => undefined, (error) => error);
  assert.ok(error instanceof PlakarError, `Expected a PlakarError, got ${error}`);
  return error;
}

sshdTest("a key in ~/.ssh opens a connection with a known host, and its plan opens another", async () => {
  await using sshd = await startSshd();
  for (const type of ["ed25519", "ecdsa", "rsa"] as const) {
    await using home = await makeSshHome();
    await home.write(".ssh/known_hosts", sshd.knownHosts);
    await home.addKey(`.ssh/id_${type}`, sshd.clientKeys[type].path);
    const io = recordedIo();
    await using connection = await connect(await resolveTarget(locationOf(sshd), home.environment), io);
    assert.equal(await probeSftp(await connection.openSubsystem("sftp")), 3);
    assert.match(connection.description.serverVersion ?? "", /^OpenSSH/);
    assert.ok(sshd.hostKeys.some((key) => key.fingerprint === connection.description.hostKeyFingerprint));
    assert.match(connection.description.authentication ?? "", /^publickey/);
    const plan = structuredClone(connection.plan);
    await using second = await connectWithPlan(plan, { warn: io.warn });
    assert.equal(await probeSftp(await second.openSubsystem("sftp")), 3);
    assert.deepEqual([io.warnings, io.questions], [[], []]);
  }
});

sshdTest("several channels of one connection work side by side", async () => {
  await using sshd = await startSshd();
  await using home = await makeSshHome();
  await home.write(".ssh/known_hosts", sshd.knownHosts);
  const options = { identity_file: sshd.clientKeys.ed25519.path };
  await using connection = await connect(
    await resolveTarget(locationOf(sshd, options), home.environment),
    recordedIo(),
  );
  const pipes = await Promise.all([1, 2, 3, 4].map(() => connection.openSubsystem("sftp")));
  assert.deepEqual(await Promise.all(pipes.map(probeSftp)), [3, 3, 3, 3]);
});

sshdTest("an encrypted key is unlocked with its passphrase, which is asked for three times", async () => {
  await using sshd = await startSshd();
  await using home = await makeSshHome();
  await home.write(".ssh/known_hosts", sshd.knownHosts);
  const key = await generateKey(
    `${home.path}/.ssh/id_ed25519`,
    "-t",
    "ed25519",
    "-N",
    "correct horse",
    "-a",
    "1",
  );
  await Deno.writeTextFile(sshd.authorizedKeysPath, key.publicLine + "\n");
  const target = await resolveTarget(locationOf(sshd), home.environment);
  const io = recordedIo({ secrets: ["wrong", "correct horse"] });
  await using connection = await connect(target, io);
  assert.equal(await probeSftp(await connection.openSubsystem("sftp")), 3);
  assert.equal(io.questions.length, 2);
  assert.match(io.questions[0], /id_ed25519/);
  await using _again = await connectWithPlan(connection.plan, { warn: io.warn });
  assert.equal(io.questions.length, 2);
  const wrong = await failure(connect(target, recordedIo({ secrets: ["a", "b", "c", "d"] })));
  assert.match(wrong.message, /passphrase of the key ".*id_ed25519" was wrong/);
  const nobody = await failure(connect(target, recordedIo()));
  assert.equal(nobody.code, "authentication");
  assert.match(nobody.message, /encrypted.*no agent.*no terminal/);
});

sshdTest("an encrypted key is used through the agent without a question", async () => {
  await using sshd = await startSshd();
  await using agent = await startSshAgent([sshd.clientKeys.ed25519.path]);
  await using home = await makeSshHome({ SSH_AUTH_SOCK: agent.socket });
  await home.write(".ssh/known_hosts", sshd.knownHosts);
  const path = await home.addKey(".ssh/id_ed25519", sshd.clientKeys.ed25519.path);
  await runProgram("ssh-keygen", ["-q", "-p", "-a", "1", "-N", "a passphrase", "-f", path]);
  const io = recordedIo();
  await using connection = await connect(await resolveTarget(locationOf(sshd), home.environment), io);
  assert.match(connection.description.authentication ?? "", /held by the agent/);
  await using again = await connectWithPlan(structuredClone(connection.plan), { warn: io.warn });
  assert.equal(await probeSftp(await again.openSubsystem("sftp")), 3);
  assert.deepEqual(io.questions, []);
});

sshdTest("an unknown host is refused at once where nobody can be asked", async () => {
  await using sshd = await startSshd();
  await using home = await makeSshHome();
  const options = { identity_file: sshd.clientKeys.ed25519.path };
  const error = await failure(
    connect(await resolveTarget(locationOf(sshd, options), home.environment), recordedIo()),
  );
  assert.equal(error.code, "host-key");
  assert.match(error.hint ?? "", /ssh-keyscan -p \d+ 127\.0\.0\.1/);
  assert.match(error.hint ?? "", /accept-new/);
});

sshdTest("an unknown host is asked about, and then known to us and to ssh-keygen", async () => {
  await using sshd = await startSshd();
  await using home = await makeSshHome();
  const options = { identity_file: sshd.clientKeys.ed25519.path };
  const target = await resolveTarget(locationOf(sshd, options), home.environment);
  const refused = await failure(connect(target, recordedIo({ confirmations: [false] })));
  assert.equal(refused.code, "host-key");
  const io = recordedIo({ confirmations: [true] });
  await using connection = await connect(target, io);
  const fingerprint = connection.description.hostKeyFingerprint ?? "";
  assert.ok(io.questions[0].includes(fingerprint));
  const line = (await home.read(".ssh/known_hosts")).trim();
  assert.ok(line.startsWith(`[127.0.0.1]:${sshd.port} `));
  await using _again = await connect(target, recordedIo());
});

sshdTest("a changed host key stops with both fingerprints and the line that has the old one", async () => {
  await using sshd = await startSshd({ hostKeyTypes: ["ed25519"] });
  await using home = await makeSshHome();
  const other = await generateKey(`${home.path}/other`, "-t", "ed25519");
  const line = `[127.0.0.1]:${sshd.port} ${other.publicLine}\n`;
  await home.write(".ssh/known_hosts", `# comment\n${line}`);
  const options = { identity_file: sshd.clientKeys.ed25519.path, StrictHostKeyChecking: "no" };
  const io = recordedIo({ confirmations: [true] });
  const error = await failure(connect(await resolveTarget(locationOf(sshd, options), home.environment), io));
  assert.equal(error.code, "host-key");
  assert.ok(error.message.includes(other.fingerprint));
  assert.ok(error.message.includes(sshd.hostKeys[0].fingerprint));
  assert.ok(error.message.includes(`${home.path}/.ssh/known_hosts:2`));
  assert.deepEqual(io.questions, []);
});

sshdTest("insecure_ignore_host_key connects to anything, says so each time and writes nothing", async () => {
  await using sshd = await startSshd();
  await using home = await makeSshHome();
  const options = { identity_file: sshd.clientKeys.ed25519.path, insecure_ignore_host_key: "true" };
  const io = recordedIo();
  await using connection = await connect(
    await resolveTarget(locationOf(sshd, options), home.environment),
    io,
  );
  assert.match(io.warnings[0], /not verified/);
  await using _again = await connectWithPlan(connection.plan, { warn: io.warn });
  assert.equal(io.warnings.length, 2);
  await assert.rejects(home.read(".ssh/known_hosts"));
});

sshdTest("a key that the server does not know is an authentication error that names it", async () => {
  await using sshd = await startSshd({ authorizedKeys: [] });
  await using home = await makeSshHome();
  await home.write(".ssh/known_hosts", sshd.knownHosts);
  await home.addKey(".ssh/id_ed25519", sshd.clientKeys.ed25519.path);
  const error = await failure(connect(await resolveTarget(locationOf(sshd), home.environment), recordedIo()));
  assert.equal(error.code, "authentication");
  assert.match(error.message, /id_ed25519/);
  assert.match(error.message, /server accepts: publickey/);
});

sshdTest("a port where nobody listens and a name that nobody knows are told apart", async () => {
  await using home = await makeSshHome();
  await using sshd = await startSshd();
  const { port } = sshd;
  await sshd.stop();
  const refused = await failure(
    connect(await resolveTarget({ host: "127.0.0.1", port, options: {} }, home.environment), recordedIo()),
  );
  assert.deepEqual([refused.code, refused.data?.stage], ["network", "tcp"]);
  assert.match(refused.message, /refused/);
  const unknown = await failure(
    connect(await resolveTarget({ host: "nowhere.invalid", options: {} }, home.environment), recordedIo()),
  );
  assert.equal(unknown.data?.stage, "name");
});

sshdTest("a server that dies ends every channel with an error", async () => {
  await using sshd = await startSshd();
  await using home = await makeSshHome();
  await home.write(".ssh/known_hosts", sshd.knownHosts);
  const options = { identity_file: sshd.clientKeys.ed25519.path };
  await using connection = await connect(
    await resolveTarget(locationOf(sshd, options), home.environment),
    recordedIo(),
  );
  const pipe = await connection.openSubsystem("sftp");
  const ended = Promise.withResolvers<Error | undefined>();
  pipe.start({ data() {}, end: ended.resolve });
  await sshd.killSessions();
  const error = await ended.promise;
  assert.ok(error instanceof PlakarError);
  assert.match(error.message, /Lost the connection/);
  assert.equal((await connection.closed)?.code, "network");
});
