import assert from "node:assert/strict";
import { isPlakarError, PlakarError } from "../../../src/lib/errors.ts";
import { connect, connectWithPlan, resolveTarget, type SshConnection } from "../../../src/ssh/mod.ts";
import { BuiltinConnection } from "../../../src/ssh/transport/builtin_connection.ts";
import { reach } from "../../../src/ssh/transport/reach.ts";
import { startFaultyProxy } from "../../support/faulty_proxy.ts";
import { peerTest } from "../../support/peers.ts";
import { probeSftp } from "../../support/sftp_probe.ts";
import { makeSshHome, recordedIo, type SshHome } from "../../support/ssh_home.ts";
import { freePort, generateKey, type Sshd, sshdTest, startSshd } from "../../support/sshd.ts";

async function open(
  home: SshHome,
  host: string,
  options: Record<string, string> = {},
): Promise<SshConnection> {
  return await connect(await resolveTarget({ host, options }, home.environment), recordedIo());
}

async function failure(attempt: Promise<unknown>): Promise<PlakarError> {
  const error = await attempt.then(() => undefined, (error) => error);
  assert.ok(error instanceof PlakarError, `Expected a PlakarError, got ${error}`);
  return error;
}

/** ssh_config for a server under an alias. */
function block(alias: string, sshd: Sshd, ...more: string[]): string {
  const lines = [`HostName 127.0.0.1`, `Port ${sshd.port}`, `User ${sshd.user}`, ...more];
  return `Host ${alias}\n${lines.map((line) => `  ${line}\n`).join("")}`;
}

sshdTest(
  "a chain of jump hosts is gone through, each with its own key, host key and configuration",
  async () => {
    await using home = await makeSshHome();
    const keys = await Promise.all(
      ["one", "two", "end"].map((name) => generateKey(`${home.path}/${name}`, "-t", "ed25519")),
    );
    const servers = await Promise.all(keys.map(async (key) =>
      await startSshd({
        authorizedKeys: [key.publicLine],
        hostKeys: [await generateKey(`${key.path}-host`, "-t", "ed25519")],
      })
    ));
    await using one = servers[0];
    await using two = servers[1];
    await using end = servers[2];
    await home.write(".ssh/known_hosts", servers.map((sshd) => sshd.knownHosts).join(""));
    await home.write(
      ".ssh/config",
      block("one", one, `IdentityFile ${keys[0].path}`) + block("two", two, `IdentityFile ${keys[1].path}`) +
        block("end", end, `IdentityFile ${keys[2].path}`, "ProxyJump one,two"),
    );
    await using connection = await open(home, "end");
    assert.equal(await probeSftp(await connection.openSubsystem("sftp")), 3);
    assert.deepEqual(connection.description.via, ["one", "two"]);
    assert.equal(connection.description.hostKeyFingerprint, end.hostKeys[0].fingerprint);
    for (const sshd of servers) await sshd.logged("Accepted publickey");
    await using again = await connectWithPlan(structuredClone(connection.plan), { warn: () => {} });
    assert.equal(await probeSftp(await again.openSubsystem("sftp")), 3);
  },
);

peerTest(
  ["sshd", "ssh", "ssh-keygen"],
  "tokens, quotes and a comment of ProxyJump are what they are for ssh",
  async () => {
    await using gate = await startSshd();
    await using end = await startSshd();
    await using home = await makeSshHome();
    await home.write(".ssh/known_hosts", gate.knownHosts + end.knownHosts);
    const key = await home.addKey(".ssh/id_ed25519", gate.clientKeys.ed25519.path);
    const common = [
      `IdentityFile ${key}`,
      `UserKnownHostsFile ${home.path}/.ssh/known_hosts`,
      "BatchMode yes",
    ];
    for (const jump of [`%r@gate-of-%h-${end.port}`, '"gate-of-%n-%%"', "'gate-of-%k' # the way in"]) {
      const alias = jump.replace(/.*gate/, "gate").replace(/["'].*/, "").replace("%h", "127.0.0.1")
        .replace(/%[nk]/, "end").replace("%%", "%");
      const config = await home.write(
        "config",
        block("end", end, `ProxyJump ${jump}`, ...common) + block(alias, gate, ...common),
      );
      const args = ["-F", config, "-o", "GlobalKnownHostsFile=/dev/null", "end", "true"];
      const ssh = new Deno.Command("ssh", { args, stdin: "null", env: { SSH_AUTH_SOCK: "" } });
      const { success, stderr } = await ssh.output();
      assert.ok(success, new TextDecoder().decode(stderr));
      await using connection = await open(home, "end", { ssh_config: config });
      assert.deepEqual(connection.description.via, [alias]);
      assert.equal(await probeSftp(await connection.openSubsystem("sftp")), 3);
    }
  },
);

sshdTest("a jump host that is not known is refused, even if the target's key is ignored", async () => {
  await using gate = await startSshd({ hostKeyTypes: ["ed25519"] });
  await using home = await makeSshHome();
  await home.addKey(".ssh/id_ed25519", gate.clientKeys.ed25519.path);
  await home.write(".ssh/config", block("gate", gate) + block("end", gate, "ProxyJump gate"));
  const error = await failure(open(home, "end", { insecure_ignore_host_key: "true" }));
  assert.ok(isPlakarError(error, "host-key"));
  assert.match(error.message, /"gate"/);
});

sshdTest("a target that the jump host cannot reach, or that it may not reach, is named", async () => {
  await using gate = await startSshd();
  await using strict = await startSshd({ config: ["AllowTcpForwarding no"] });
  await using home = await makeSshHome();
  await home.write(".ssh/known_hosts", gate.knownHosts + strict.knownHosts);
  await home.addKey(".ssh/id_ed25519", gate.clientKeys.ed25519.path);
  await home.write(".ssh/config", block("gate", gate) + block("strict", strict));
  const port = String(freePort());
  const refused = await failure(open(home, "127.0.0.1", { ProxyJump: "gate", Port: port }));
  assert.match(refused.message, new RegExp(`Cannot reach "127.0.0.1" port ${port} on "gate": .*refused`));
  assert.equal(refused.data?.stage, "tcp");
  const forbidden = await failure(open(home, "127.0.0.1", { ProxyJump: "strict", Port: String(gate.port) }));
  assert.match(forbidden.message, /on "strict": open failed/);
  assert.match(forbidden.hint ?? "", /AllowTcpForwarding/);
});

sshdTest("a jump host that goes away ends the connection through it", async () => {
  await using gate = await startSshd();
  await using end = await startSshd();
  await using home = await makeSshHome();
  await home.write(".ssh/known_hosts", gate.knownHosts + end.knownHosts);
  await home.addKey(".ssh/id_ed25519", gate.clientKeys.ed25519.path);
  await home.write(".ssh/config", block("gate", gate) + block("end", end, "ProxyJump gate"));
  await using connection = await open(home, "end");
  const pipe = await connection.openSubsystem("sftp");
  const ended = Promise.withResolvers<Error | undefined>();
  pipe.start({ data() {}, end: ended.resolve });
  await gate.killSessions();
  assert.match((await ended.promise)?.message ?? "", /Lost the connection to "end"/);
});

sshdTest("a jump host that says nothing any more is not waited for when the work is stopped", async () => {
  await using gate = await startSshd();
  await using proxy = startFaultyProxy(gate.port);
  await using home = await makeSshHome();
  await home.write(".ssh/known_hosts", gate.knownHosts.replaceAll(`:${gate.port} `, `:${proxy.port} `));
  await home.addKey(".ssh/id_ed25519", gate.clientKeys.ed25519.path);
  await home.write(".ssh/config", block("gate", { ...gate, port: proxy.port }));
  await using via = await open(home, "gate");
  assert.ok(via instanceof BuiltinConnection);
  proxy.freeze();
  const work = new AbortController();
  const unexpected = () => assert.fail("nothing was reached");
  const reaching = reach({ ...via.plan, via, proxyCommand: undefined }, {
    verifyHostKey: unexpected,
    authenticator: unexpected,
    warn: unexpected,
    signal: work.signal,
  });
  work.abort(new PlakarError("interrupted", "Stopped"));
  await assert.rejects(reaching, { code: "interrupted" });
});

peerTest(["sshd", "ssh", "ssh-keygen"], "ProxyCommand leads through ssh -W and through a shell", async () => {
  await using gate = await startSshd();
  await using end = await startSshd();
  await using home = await makeSshHome();
  await home.write(".ssh/known_hosts", gate.knownHosts + end.knownHosts);
  const key = await home.addKey(".ssh/id_ed25519", gate.clientKeys.ed25519.path);
  const options = `-F none -i ${key} -o UserKnownHostsFile=${home.path}/.ssh/known_hosts -p ${gate.port}`;
  const command = `ssh ${options} -W %h:%p ${gate.user}@127.0.0.1`;
  for (const proxy of [command, `${command} 2>/dev/null`]) {
    await home.write(".ssh/config", block("end", end, `ProxyCommand ${proxy}`));
    await using connection = await open(home, "end");
    assert.equal(await probeSftp(await connection.openSubsystem("sftp")), 3);
    await using again = await connectWithPlan(structuredClone(connection.plan), { warn: () => {} });
    assert.equal(await probeSftp(await again.openSubsystem("sftp")), 3);
  }
});

sshdTest("a ProxyCommand that fails, or is not there, is an error and not a hang", async () => {
  await using end = await startSshd();
  await using home = await makeSshHome();
  await home.write(".ssh/config", block("end", end, "ProxyCommand false"));
  assert.match((await failure(open(home, "end"))).message, /Cannot connect to "end"/);
  await home.write(".ssh/config", block("end", end, "ProxyCommand no-such-program %h"));
  const error = await failure(open(home, "end"));
  assert.match(error.message, /there is no program for its ProxyCommand "no-such-program 127.0.0.1"/);
});

Deno.test({
  name: "without the permission to run it, a ProxyCommand is an error that says what to use instead",
  permissions: { run: false, read: true, write: true, net: true, env: true, sys: true },
  async fn() {
    await using home = await makeSshHome();
    for (const command of ["ssh -W %h:%p gate", "true | true"]) {
      await home.write(".ssh/config", `Host end\n  ProxyCommand ${command}\n`);
      const error = await failure(open(home, "end"));
      assert.equal(error.code, "unsupported");
      assert.match(error.hint ?? "", /ProxyJump.*transport=openssh/);
    }
  },
});
