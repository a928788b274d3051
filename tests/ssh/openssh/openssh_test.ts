import assert from "node:assert/strict";
import { PlakarError } from "../../../src/lib/errors.ts";
import { connect, connectWithPlan, resolveTarget, type SshConnection } from "../../../src/ssh/mod.ts";
import { startFaultyProxy } from "../../support/faulty_proxy.ts";
import { peerTest } from "../../support/peers.ts";
import { probeSftp } from "../../support/sftp_probe.ts";
import { makeSshHome, recordedIo, type SshHome } from "../../support/ssh_home.ts";
import { certifyHost, freePort, generateKey, type Sshd, startSshd } from "../../support/sshd.ts";

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

opensshTest("a host that begins with a dash is refused, and would be no option of ssh either", async () => {
  await using home = await makeSshHome();
  const host = `-oProxyCommand=touch ${home.path}/ran`;
  await assert.rejects(open({ host, port: 22, user: "me" }, home), { code: "usage" });
  const options = { transport: "openssh", ssh_config: "none" };
  const target = await resolveTarget({ host: "x", options }, home.environment);
  const error = await failure(await connect({ ...target, displayName: host }, recordedIo()));
  assert.equal(error.code, "network");
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
  await certifyHost(ca, hostKey, "-n", "127.0.0.1");
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

opensshTest("directives that only ssh knows get to it, and what ssh refuses is refused", async () => {
  await using sshd = await startSshd();
  await using home = await makeSshHome();
  await home.write(".ssh/known_hosts", sshd.knownHosts);
  const identity = { identity_file: sshd.clientKeys.ed25519.path };
  const command = `printf '[127.0.0.1]:%s ' ${sshd.port}; cut -d' ' -f1,2 ${sshd.hostKeys[0].path}.pub`;
  const known = await home.write("known", `#!/bin/sh\n${command}\n`);
  await Deno.chmod(known, 0o700);
  const options = { ...identity, UserKnownHostsFile: "/dev/null", KnownHostsCommand: known };
  await using connection = await open(sshd, home, options);
  assert.equal(await probeSftp(await connection.openSubsystem("sftp")), 3);
  const refused = await failure(await open(sshd, home, { ...identity, NoSuchDirective: "x" }));
  assert.match(refused.message, /Bad configuration option: nosuchdirective/);
});

opensshTest(
  "whatever ssh_config says, SFTP is all that is run, and nothing is shared or forwarded",
  async () => {
    await using sshd = await startSshd();
    await using home = await makeSshHome();
    const known = await home.write(".ssh/known_hosts", sshd.knownHosts);
    const lines = [
      "RemoteCommand touch ran",
      "RequestTTY force",
      "StdinNull yes",
      "ForkAfterAuthentication yes",
      "SessionType none",
      `LocalCommand touch ${home.path}/ran`,
      "PermitLocalCommand yes",
      "ControlMaster auto",
      `ControlPath ${home.path}/control`,
      `LocalForward ${home.path}/forward 127.0.0.1:1`,
      "LogLevel QUIET",
    ];
    const identity = { identity_file: sshd.clientKeys.ed25519.path, UserKnownHostsFile: known };
    for (const line of [...lines, lines.join("\n")]) {
      const config = await home.write("config", `${line}\n`);
      await using connection = await open(sshd, home, { ...identity, ssh_config: config });
      assert.equal(await probeSftp(await connection.openSubsystem("sftp")), 3, line);
      assert.match(connection.description.serverVersion ?? "", /^OpenSSH_/);
      assert.deepEqual([...Deno.readDirSync(home.path)].map(({ name }) => name).sort(), [".ssh", "config"]);
    }
    const wanted = { ControlMaster: "yes", ControlPath: `${home.path}/control`, RemoteCommand: "touch ran" };
    await using connection = await open(sshd, home, { ...identity, ...wanted });
    assert.equal(await probeSftp(await connection.openSubsystem("sftp")), 3);
    await assert.rejects(Deno.stat(`${home.path}/control`));
  },
);

opensshTest("a server that falls silent is noticed, also if ssh_config says nothing of that", async () => {
  await using sshd = await startSshd();
  await using proxy = startFaultyProxy(sshd.port);
  await using home = await makeSshHome();
  await home.write(".ssh/known_hosts", sshd.knownHosts.replaceAll(`:${sshd.port} `, `:${proxy.port} `));
  const identity = { identity_file: sshd.clientKeys.ed25519.path };
  const limits = { ServerAliveInterval: "1", ServerAliveCountMax: "1" };
  await using connection = await open({ ...sshd, port: proxy.port }, home, { ...identity, ...limits });
  const pipe = await connection.openSubsystem("sftp");
  const ended = Promise.withResolvers<Error | undefined>();
  pipe.start({ data() {}, end: ended.resolve });
  await sshd.logged("Accepted publickey");
  proxy.freeze();
  assert.match((await ended.promise)?.message ?? "", /timed out|not responding/);
  const given = async (more: Record<string, string>) => {
    await using connection = await open(sshd, home, more);
    const { plan } = connection;
    return plan.transport === "openssh" ? plan.args.filter((arg) => /Alive|ConnectTimeout/i.test(arg)) : [];
  };
  assert.deepEqual(await given({}), ["ServerAliveInterval=15", "ConnectTimeout=30"]);
  assert.deepEqual(
    await given({ ssh_config: await home.write("config", "ServerAliveInterval 0\nConnectTimeout 7\n") }),
    [],
  );
  // On the way through another host, somebody may have to type a password.
  assert.deepEqual(await given({ ProxyJump: "gate" }), ["ServerAliveInterval=15"]);
});

opensshTest(
  "what ssh warns of and the server's banner are told once, without control characters",
  async () => {
    await using home = await makeSshHome();
    const banner = await home.write("banner", `Hello \u001b[31mred\n${"x".repeat(10_000)}\n`);
    await using sshd = await startSshd({ hostKeyTypes: ["ed25519"], config: [`Banner ${banner}`] });
    const told = async (more: Record<string, string>) => {
      const io = recordedIo();
      const options = {
        transport: "openssh",
        ssh_config: "none",
        identity_file: sshd.clientKeys.ed25519.path,
        UserKnownHostsFile: `${home.path}/new`,
        StrictHostKeyChecking: "accept-new",
        ...more,
      };
      const location = { host: sshd.host, port: sshd.port, user: sshd.user, options };
      await using connection = await connect(await resolveTarget(location, home.environment), io);
      for (let i = 0; i < 2; i++) assert.equal(await probeSftp(await connection.openSubsystem("sftp")), 3);
      return io.warnings;
    };
    const warnings = await told({});
    assert.match(warnings[0], /^127\.0\.0\.1: Warning: Permanently added .* to the list of known hosts\.$/);
    assert.match(warnings[1], /^127\.0\.0\.1: Hello \\(x1b|033)\[31mred$/);
    assert.equal(warnings.length, 3);
    assert.ok(warnings[2].length < 5000);
    assert.deepEqual(await told({ LogLevel: "ERROR" }), []);
    // A banner does not hide what comes after it.
    const denied = told({ identity_file: sshd.hostKeys[0].path, IdentitiesOnly: "yes", BatchMode: "yes" });
    await assert.rejects(denied, { code: "authentication", message: /Permission denied/ });
  },
);
