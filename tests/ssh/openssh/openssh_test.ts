import assert from "node:assert/strict";
import { PlakarError } from "../../../src/lib/errors.ts";
import { connect, connectWithPlan, resolveTarget, type SshConnection } from "../../../src/ssh/mod.ts";
import { peerTest } from "../../support/peers.ts";
import { probeSftp } from "../../support/sftp_probe.ts";
import { makeSshHome, recordedIo, type SshHome } from "../../support/ssh_home.ts";
import { freePort, generateKey, runProgram, type Sshd, startSshd } from "../../support/sshd.ts";

function opensshTest(name: string, run: (t: Deno.TestContext) => Promise<void>): void {
  peerTest(["sshd", "ssh", "ssh-keygen"], name, run);
}

/** ssh looks up its home in the system's list of users, so every file is named. */
async function open(
  sshd: Pick<Sshd, "host" | "port" | "user">,
  home: SshHome,
  more: Record<string, string> = {},
): Promise<SshConnection> {
  const options = {
    transport: "openssh",
    ssh_config: "none",
    BatchMode: "yes",
    IdentitiesOnly: "yes",
    IdentityAgent: "none",
    UserKnownHostsFile: `${home.path}/.ssh/known_hosts`,
    GlobalKnownHostsFile: "/dev/null",
    ...more,
  };
  const location = { host: sshd.host, port: sshd.port, user: sshd.user, options };
  return await connect(await resolveTarget(location, home.environment), recordedIo());
}

async function failure(connection: SshConnection): Promise<PlakarError> {
  const error = await connection.openSubsystem("sftp").then(probeSftp).catch((error) => error);
  await connection[Symbol.asyncDispose]();
  assert.ok(error instanceof PlakarError, `Expected a PlakarError, got ${error}`);
  return error;
}

opensshTest("transport=openssh speaks SFTP through the ssh program, several times over", async () => {
  await using sshd = await startSshd();
  await using home = await makeSshHome();
  await home.write(".ssh/known_hosts", sshd.knownHosts);
  await using connection = await open(sshd, home, { identity_file: sshd.clientKeys.ed25519.path });
  const pipes = await Promise.all([connection.openSubsystem("sftp"), connection.openSubsystem("sftp")]);
  assert.deepEqual(await Promise.all(pipes.map(probeSftp)), [3, 3]);
  await using again = await connectWithPlan(structuredClone(connection.plan), { warn: () => {} });
  assert.equal(await probeSftp(await again.openSubsystem("sftp")), 3);
  assert.deepEqual(again.description.transport, "openssh");
});

opensshTest("what ssh complains about and its exit status are the error", async () => {
  await using sshd = await startSshd();
  await using home = await makeSshHome();
  const unknown = await failure(await open(sshd, home, { identity_file: sshd.clientKeys.ed25519.path }));
  assert.equal(unknown.code, "host-key");
  assert.match(unknown.message, /ended with exit status 255: .*Host key verification failed/);
  await home.write(".ssh/known_hosts", sshd.knownHosts);
  const stranger = await generateKey(`${home.path}/stranger`, "-t", "ed25519");
  const denied = await failure(await open(sshd, home, { identity_file: stranger.path }));
  assert.equal(denied.code, "authentication");
  assert.match(denied.message, /Permission denied/);
  const refused = await failure(await open({ ...sshd, port: freePort() }, home));
  assert.equal(refused.data?.stage, "tcp");
  assert.match(refused.message, /Connection refused/);
});

opensshTest("a missing subsystem is an error", async () => {
  await using sshd = await startSshd({ config: ["Subsystem other /bin/true"] });
  await using home = await makeSshHome();
  await home.write(".ssh/known_hosts", sshd.knownHosts);
  const error = await failure(await open(sshd, home, { identity_file: sshd.clientKeys.ed25519.path }));
  assert.match(error.message, /subsystem request failed/);
});

opensshTest("a host that begins with a dash is a host and no option of ssh", async () => {
  await using home = await makeSshHome();
  const host = `-oProxyCommand=touch ${home.path}/ran`;
  const error = await failure(await open({ host, port: 22, user: "me" }, home));
  assert.ok(["network", "tcp", "unsupported"].includes(error.code));
  await assert.rejects(Deno.stat(`${home.path}/ran`));
});

opensshTest("bytes pass unchanged in both directions, with backpressure", async () => {
  await using sshd = await startSshd({ config: ["Subsystem sftp cat"] });
  await using home = await makeSshHome();
  await home.write(".ssh/known_hosts", sshd.knownHosts);
  await using connection = await open(sshd, home, { identity_file: sshd.clientKeys.ed25519.path });
  const pipe = await connection.openSubsystem("sftp");
  const total = 8 * 1024 * 1024;
  const done = Promise.withResolvers<void>();
  let received = 0;
  pipe.start({
    data(bytes) {
      for (const byte of bytes) {
        if (byte !== received % 251) return done.reject(new Error(`byte ${received} is ${byte}`));
        received++;
      }
      if (received === total) done.resolve();
      if (received % 7 === 0) {
        pipe.pause();
        queueMicrotask(() => pipe.resume());
      }
    },
    end: (error) => done.reject(error),
  });
  for (let sent = 0; sent < total;) {
    const piece = Uint8Array.from(
      { length: Math.min(100_000, total - sent) },
      (_, index) => (sent + index) % 251,
    );
    sent += piece.length;
    if (!pipe.write(piece)) await pipe.drained();
  }
  await done.promise;
});

opensshTest("host certificates work", async () => {
  await using home = await makeSshHome();
  const ca = await generateKey(`${home.path}/ca`, "-t", "ed25519");
  const hostKey = await generateKey(`${home.path}/host`, "-t", "ed25519");
  await runProgram("ssh-keygen", [
    "-q",
    "-s",
    ca.path,
    "-I",
    "host",
    "-h",
    "-n",
    "127.0.0.1",
    `${hostKey.path}.pub`,
  ]);
  await using sshd = await startSshd({
    hostKeys: [hostKey],
    config: [`HostCertificate ${hostKey.path}-cert.pub`],
  });
  await home.write(".ssh/known_hosts", `@cert-authority [127.0.0.1]:* ${ca.publicLine}\n`);
  const identity = { identity_file: sshd.clientKeys.ed25519.path };
  await using connection = await open(sshd, home, identity);
  assert.equal(await probeSftp(await connection.openSubsystem("sftp")), 3);
});

opensshTest("disposing of a connection ends its processes", async () => {
  await using sshd = await startSshd();
  await using home = await makeSshHome();
  await home.write(".ssh/known_hosts", sshd.knownHosts);
  const connection = await open(sshd, home, { identity_file: sshd.clientKeys.ed25519.path });
  const pipe = await connection.openSubsystem("sftp");
  const ended = Promise.withResolvers<Error | undefined>();
  pipe.start({ data() {}, end: ended.resolve });
  await connection[Symbol.asyncDispose]();
  assert.equal(await ended.promise, undefined);
  assert.equal(await connection.closed, undefined);
});

opensshTest("the end of a session is an error of its pipe", async () => {
  await using sshd = await startSshd();
  await using home = await makeSshHome();
  await home.write(".ssh/known_hosts", sshd.knownHosts);
  await using connection = await open(sshd, home, { identity_file: sshd.clientKeys.ed25519.path });
  const pipe = await connection.openSubsystem("sftp");
  const ended = Promise.withResolvers<Error | undefined>();
  pipe.start({ data() {}, end: ended.resolve });
  await sshd.logged("Accepted publickey");
  await sshd.killSessions();
  assert.match((await ended.promise)?.message ?? "", /ended with exit status 255/);
});

opensshTest("what ssh tells of the server, its key and the login is known once SFTP is open", async () => {
  await using gate = await startSshd();
  await using sshd = await startSshd({ hostKeyTypes: ["ed25519"] });
  await using home = await makeSshHome();
  await home.write(".ssh/known_hosts", sshd.knownHosts + gate.knownHosts);
  await using connection = await open(sshd, home, { identity_file: sshd.clientKeys.ed25519.path });
  assert.equal(await probeSftp(await connection.openSubsystem("sftp")), 3);
  const { description } = connection;
  assert.match(description.serverVersion ?? "", /^OpenSSH_/);
  assert.equal(description.hostKeyType, "ssh-ed25519");
  assert.equal(description.hostKeyFingerprint, sshd.hostKeys[0].fingerprint);
  assert.equal(description.authentication, `publickey (${sshd.clientKeys.ed25519.fingerprint})`);
  assert.match(description.algorithms?.kex ?? "", /25519|nistp|group/);
  assert.ok(description.algorithms?.cipher);
  // A jump host tells nothing that could be taken for the server's account.
  const key = await home.addKey(".ssh/id_ed25519", sshd.clientKeys.ed25519.path);
  const config = await home.write(
    "config",
    `Host *\n  User ${sshd.user}\n  IdentityFile ${key}\n  UserKnownHostsFile ${home.path}/.ssh/known_hosts\n` +
      `Host gate\n  HostName 127.0.0.1\n  Port ${gate.port}\n`,
  );
  await using beyond = await open(sshd, home, { ssh_config: config, ProxyJump: "gate" });
  assert.equal(await probeSftp(await beyond.openSubsystem("sftp")), 3);
  assert.deepEqual(beyond.description.via, ["gate"]);
  assert.equal(beyond.description.hostKeyFingerprint, sshd.hostKeys[0].fingerprint);
});

opensshTest(
  "options that ssh cannot be given are refused, and an unverified host key is told of",
  async () => {
    await using sshd = await startSshd();
    await using home = await makeSshHome();
    for (const name of ["password_cmd", "ssh_private_key"]) {
      await assert.rejects(open(sshd, home, { [name]: "x" }), { code: "usage", message: new RegExp(name) });
    }
    const io = recordedIo();
    const options = {
      transport: "openssh",
      ssh_config: "none",
      insecure_ignore_host_key: "true",
      identity_file: sshd.clientKeys.ed25519.path,
    };
    const location = { host: sshd.host, port: sshd.port, user: sshd.user, options };
    await using connection = await connect(await resolveTarget(location, home.environment), io);
    assert.equal(await probeSftp(await connection.openSubsystem("sftp")), 3);
    assert.match(io.warnings[0], /not verified/);
  },
);

opensshTest("the part of the way that fails is named", async () => {
  await using home = await makeSshHome();
  await using none = await startSshd({ config: ["Subsystem other /bin/true", "Ciphers aes256-ctr"] });
  await home.write(".ssh/known_hosts", none.knownHosts);
  const key = { identity_file: none.clientKeys.ed25519.path };
  const failures: [string, Promise<SshConnection>][] = [
    // Nothing is asked of any name server: the name is too long for one.
    ["name", open({ ...none, host: `${"x".repeat(64)}.invalid` }, home)],
    ["address", open(none, home, { AddressFamily: "inet6" })],
    ["tcp", open({ ...none, port: freePort() }, home)],
    ["handshake", open(none, home, { Ciphers: "aes128-ctr" })],
    ["host-key", open(none, home, { UserKnownHostsFile: "/dev/null" })],
    ["authentication", open(none, home)],
    ["subsystem", open(none, home, key)],
  ];
  for (const [stage, connection] of failures) {
    const error = await failure(await connection);
    assert.equal(error.data?.stage, stage, error.message);
    assert.doesNotMatch(error.message, /debug1|Transferred|Authenticated to/);
    assert.match(error.hint ?? "", /ssh/);
  }
});
