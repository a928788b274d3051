import assert from "node:assert/strict";
import { PlakarError } from "../../../src/lib/errors.ts";
import { connect, resolveTarget, type SshConnection, type SshIo } from "../../../src/ssh/mod.ts";
import { startFaultyProxy } from "../../support/faulty_proxy.ts";
import { goSshdTest, startGoSshd } from "../../support/go_sshd.ts";
import { probeSftp } from "../../support/sftp_probe.ts";
import { startResettingProxy } from "../../support/resetting_proxy.ts";
import { makeSshHome, recordedIo, type SshHome } from "../../support/ssh_home.ts";
import { freePort, type Sshd, sshdTest, startSshd } from "../../support/sshd.ts";

async function homeWithKey(sshd: Sshd): Promise<SshHome> {
  const home = await makeSshHome();
  await home.write(".ssh/known_hosts", sshd.hostKeys.map((key) => `* ${key.publicLine}\n`).join(""));
  await home.addKey(".ssh/id_ed25519", sshd.clientKeys.ed25519.path);
  return home;
}

async function open(
  sshd: Sshd,
  home: SshHome,
  options: Record<string, string> = {},
  where: { host?: string; port?: number } = {},
  io: SshIo = recordedIo(),
): Promise<SshConnection> {
  const location = { host: where.host ?? sshd.host, port: where.port ?? sshd.port, user: sshd.user, options };
  return await connect(await resolveTarget(location, home.environment), io);
}

async function failure(attempt: Promise<unknown>): Promise<PlakarError> {
  const error = await attempt.then(() => undefined, (error) => error);
  assert.ok(error instanceof PlakarError, `Expected a PlakarError, got ${error}`);
  return error;
}

sshdTest("a connection cut at any point before it is open is an error, never a hang", async () => {
  await using sshd = await startSshd();
  await using home = await homeWithKey(sshd);
  await using proxy = startFaultyProxy(sshd.port);
  let whole = 0;
  {
    await using _connection = await open(sshd, home, {}, { port: proxy.port });
    whole = proxy.received;
  }
  const stages = new Set<unknown>();
  for (let part = 0; part < 20; part++) {
    const bytes = Math.floor(whole * part / 20);
    proxy.cutAfter(bytes);
    const attempt = await open(sshd, home, {}, { port: proxy.port }).catch((error) => error);
    // The last messages are not needed for being open.
    if (!(attempt instanceof Error)) {
      await attempt[Symbol.asyncDispose]();
      break;
    }
    const error = await failure(Promise.reject(attempt));
    assert.ok(["network", "authentication", "protocol"].includes(error.code), `${bytes}: ${error.message}`);
    stages.add(error.data?.stage);
  }
  assert.deepEqual([...stages].sort(), ["authentication", "handshake"]);
});

sshdTest("a connection reset at any point is an error, never a hang", async () => {
  await using sshd = await startSshd();
  await using home = await homeWithKey(sshd);
  await using proxy = await startResettingProxy(sshd.port);
  const stages: unknown[] = [];
  for (const bytes of [1, 30, 500, 1500, 1900]) {
    proxy.resetAfter = bytes;
    const error = await failure(open(sshd, home, {}, { port: proxy.port }));
    assert.equal(error.code, "network", error.message);
    stages.push(error.data?.stage);
  }
  assert.deepEqual([...new Set(stages)].sort(), ["authentication", "handshake"]);
  proxy.resetAfter = undefined;
  await using connection = await open(sshd, home, {}, { port: proxy.port });
  const pipe = await connection.openSubsystem("sftp");
  const ended = Promise.withResolvers<Error | undefined>();
  pipe.start({ data() {}, end: ended.resolve });
  proxy.reset();
  assert.match((await ended.promise)?.message ?? "", /Lost the connection to "127\.0\.0\.1": .*RESET/i);
});

sshdTest("a connection cut while it is used ends its channels with an error", async () => {
  await using sshd = await startSshd();
  await using home = await homeWithKey(sshd);
  await using proxy = startFaultyProxy(sshd.port);
  await using connection = await open(sshd, home, {}, { port: proxy.port });
  const pipe = await connection.openSubsystem("sftp");
  const ended = Promise.withResolvers<Error | undefined>();
  pipe.start({ data() {}, end: ended.resolve });
  proxy.cut();
  assert.match((await ended.promise)?.message ?? "", /Lost the connection/);
  assert.match((await failure(connection.openSubsystem("sftp"))).message, /Lost the connection/);
});

sshdTest("a server that falls silent is noticed by the keepalive", async () => {
  await using sshd = await startSshd();
  await using home = await homeWithKey(sshd);
  await using proxy = startFaultyProxy(sshd.port);
  const options = { ServerAliveInterval: "1", ServerAliveCountMax: "1" };
  await using connection = await open(sshd, home, options, { port: proxy.port });
  const pipe = await connection.openSubsystem("sftp");
  const ended = Promise.withResolvers<Error | undefined>();
  pipe.start({ data() {}, end: ended.resolve });
  proxy.freeze();
  const error = await ended.promise;
  assert.ok(error instanceof PlakarError);
  assert.equal(error.code, "timeout");
  assert.match(error.message, /does not answer any more/);
});

sshdTest("a connection whose other side has fallen silent can be ended all the same", async () => {
  await using sshd = await startSshd();
  await using home = await homeWithKey(sshd);
  await using proxy = startFaultyProxy(sshd.port);
  const connection = await open(sshd, home, {}, { port: proxy.port });
  const ended = Promise.withResolvers<unknown>();
  const pipe = await connection.openSubsystem("sftp");
  pipe.start({ data() {}, end: ended.resolve });
  proxy.freeze();
  await connection[Symbol.asyncDispose]();
  await ended.promise;
});

sshdTest("a server that accepts and says nothing is given up after ConnectTimeout", async () => {
  await using sshd = await startSshd();
  await using home = await homeWithKey(sshd);
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const error = await failure(open(sshd, home, { ConnectTimeout: "1" }, { port: listener.addr.port }));
  assert.equal(error.code, "timeout");
  assert.match(error.message, /no answer in 1 s during the key exchange/);
  (await listener.accept()).close();
});

sshdTest("something that is no SSH server is called that", async () => {
  await using sshd = await startSshd();
  await using home = await homeWithKey(sshd);
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    const connection = await listener.accept();
    await connection.write(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n"));
    connection.close();
  })();
  const error = await failure(open(sshd, home, {}, { port: listener.addr.port }));
  await serving;
  assert.match(error.message, /Cannot connect to "127\.0\.0\.1" port \d+/);
  assert.equal(error.data?.stage, "handshake");
});

sshdTest("ConnectionAttempts tries again until the server is there", async () => {
  const port = freePort();
  await using sshd = await startSshd({ port });
  await using home = await homeWithKey(sshd);
  await sshd.stop();
  assert.match((await failure(open(sshd, home))).message, /refused/);
  const opening = open(sshd, home, { ConnectionAttempts: "10" });
  await sshd.start();
  await using _connection = await opening;
});

sshdTest("what is not wanted any more is given up at once", async () => {
  await using sshd = await startSshd();
  await using home = await homeWithKey(sshd);
  await using proxy = startFaultyProxy(sshd.port);
  proxy.freeze();
  const abort = new AbortController();
  const opening = open(sshd, home, {}, { port: proxy.port }, { ...recordedIo(), signal: abort.signal });
  abort.abort(new Error("enough"));
  await assert.rejects(opening, /enough/);
});

sshdTest("BindAddress is the address connected from, and AddressFamily excludes the others", async () => {
  await using sshd = await startSshd();
  await using home = await homeWithKey(sshd);
  await using _connection = await open(sshd, home, { BindAddress: "127.0.0.9" });
  await sshd.logged("Connection from 127.0.0.9");
  await using _bound = await open(sshd, home, { BindAddress: "localhost" });
  for (const address of ["192.0.2.1", "::1", "nowhere.invalid"]) {
    const error = await failure(open(sshd, home, { BindAddress: address }));
    assert.equal(error.data?.stage, "tcp");
    assert.match(error.hint ?? "", /Check BindAddress/);
  }
  await using _named = await open(sshd, home, { AddressFamily: "inet" }, { host: "localhost" });
  const error = await failure(open(sshd, home, { AddressFamily: "inet6" }));
  assert.match(error.message, /AddressFamily excludes/);
});

const hasIpv6 = await Deno.stat("/proc/net/if_inet6").then(() => true, () => false);

const overIpv6: typeof sshdTest = (name, run) => {
  if (hasIpv6) sshdTest(name, run);
  else Deno.test.ignore(`${name} (there is no IPv6)`, run);
};

overIpv6("an IPv6 address is connected to and looked up in known_hosts with brackets", async () => {
  const port = freePort();
  await using sshd = await startSshd({ port, config: ["ListenAddress ::1"] });
  await using home = await homeWithKey(sshd);
  await home.write(
    ".ssh/known_hosts",
    sshd.hostKeys.map((key) => `[::1]:${port} ${key.publicLine}\n`).join(""),
  );
  await using connection = await open(sshd, home, { StrictHostKeyChecking: "yes" }, { host: "::1" });
  assert.equal(await probeSftp(await connection.openSubsystem("sftp")), 3);
});

sshdTest(
  "a long banner is shown in part, without control characters",
  async () => {
    await using home = await makeSshHome();
    const banner = `${home.path}/banner`;
    await Deno.writeTextFile(banner, `Hello \u001b[31mred\u0007\n${"x".repeat(30_000)}\n`);
    await using sshd = await startSshd({ config: [`Banner ${banner}`] });
    await home.write(".ssh/known_hosts", sshd.knownHosts);
    const options = { identity_file: sshd.clientKeys.ed25519.path };
    const io = recordedIo();
    await using _connection = await open(sshd, home, options, {}, io);
    assert.match(io.warnings[0], /^127\.0\.0\.1: Hello \\x1b\[31mred\\x07$/);
    assert.ok(io.warnings.join("").length < 6000);
    assert.match(io.warnings.at(-1) ?? "", /characters more/);
    const quiet = recordedIo();
    await using _silent = await open(sshd, home, { ...options, LogLevel: "ERROR" }, {}, quiet);
    assert.deepEqual(quiet.warnings, []);
  },
);

sshdTest("a server without the subsystem, or with one session only, says so", async () => {
  await using none = await startSshd({ config: ["Subsystem other /bin/true"] });
  await using home = await homeWithKey(none);
  await using connection = await open(none, home);
  const missing = await failure(connection.openSubsystem("sftp"));
  assert.match(missing.message, /Cannot start the subsystem "sftp" on "127\.0\.0\.1"/);
  assert.match(missing.hint ?? "", /Subsystem sftp/);
  await using single = await startSshd({ config: ["MaxSessions 1"] });
  await home.write(".ssh/known_hosts", single.knownHosts);
  await using one = await open(single, home);
  const first = await one.openSubsystem("sftp");
  const second = await failure(one.openSubsystem("sftp"));
  assert.match(second.message, /open failed/);
  assert.equal(await probeSftp(first), 3);
});

sshdTest("a subsystem that ends at once gives its exit status", async () => {
  await using sshd = await startSshd({ config: ["Subsystem sftp exit 7"] });
  await using home = await homeWithKey(sshd);
  await using connection = await open(sshd, home);
  const error = await failure(connection.openSubsystem("sftp").then(probeSftp));
  assert.match(error.message, /The server ended the channel: exit status 7/);
});

goSshdTest("what a subsystem complains about before it ends is part of the error", async () => {
  await using home = await makeSshHome();
  const program = await home.write("complain", "#!/bin/sh\necho no quota >&2\n");
  await Deno.chmod(program, 0o755);
  await using server = await startGoSshd("-password", "p", "-sftp-server", program);
  await home.write(".ssh/known_hosts", server.knownHosts);
  const location = { host: "127.0.0.1", port: server.port, options: { password_cmd: "echo p" } };
  await using connection = await connect(await resolveTarget(location, home.environment), recordedIo());
  const error = await failure(connection.openSubsystem("sftp").then(probeSftp));
  assert.match(error.message, /The server ended the channel: no quota/);
});

sshdTest(
  "a restricted account with internal-sftp, without a terminal and with no more than two tries works",
  async () => {
    const config = ["MaxAuthTries 2", "PermitTTY no", "AllowTcpForwarding no", "ForceCommand internal-sftp"];
    // Only root's sshd can lock its users in.
    if (Deno.uid() === 0) config.push("ChrootDirectory /");
    await using sshd = await startSshd({ config });
    await using home = await homeWithKey(sshd);
    await using connection = await open(sshd, home);
    assert.equal(await probeSftp(await connection.openSubsystem("sftp")), 3);
  },
);

sshdTest("a server that is too busy to take the connection says so", async () => {
  await using sshd = await startSshd({ config: ["MaxStartups 1"] });
  await using home = await homeWithKey(sshd);
  // A connection is counted until it has logged in.
  using _idle = await Deno.connect({ hostname: "127.0.0.1", port: sshd.port });
  await sshd.logged("Connection from");
  const error = await failure(open(sshd, home));
  assert.equal(error.data?.stage, "handshake");
  assert.match(error.hint ?? "", /MaxStartups/);
});
