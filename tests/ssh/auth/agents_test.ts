import assert from "node:assert/strict";
import { PlakarError } from "../../../src/lib/errors.ts";
import { connect, resolveTarget, type SshConnection } from "../../../src/ssh/mod.ts";
import { WireWriter } from "../../../src/ssh/wire.ts";
import { type FakeAgent, identitiesAnswer, startFakeAgent } from "../../support/fake_agent.ts";
import { findProgram, peerTest } from "../../support/peers.ts";
import { startSshAgent } from "../../support/ssh_agent.ts";
import { makeSshHome, recordedIo, type SshHome } from "../../support/ssh_home.ts";
import { runProgram, type Sshd, sshdTest, startSshd } from "../../support/sshd.ts";

async function login(
  sshd: Sshd,
  home: SshHome,
  options: Record<string, string> = {},
): Promise<SshConnection> {
  await home.write(".ssh/known_hosts", sshd.knownHosts);
  const location = { host: sshd.host, port: sshd.port, user: sshd.user, options };
  return await connect(await resolveTarget(location, home.environment), recordedIo());
}

async function loginFailure(sshd: Sshd, home: SshHome, options: Record<string, string> = {}) {
  const error = await login(sshd, home, options).then(() => undefined, (error) => error);
  assert.ok(error instanceof PlakarError, `Expected a PlakarError, got ${error}`);
  assert.equal(error.code, "authentication");
  return error;
}

/** Runs something while no time limit is longer than this, in milliseconds. */
async function hurried<T>(limit: number, run: () => Promise<T>): Promise<T> {
  const { timeout } = AbortSignal;
  AbortSignal.timeout = (milliseconds) => timeout(Math.min(milliseconds, limit));
  try {
    return await run();
  } finally {
    AbortSignal.timeout = timeout;
  }
}

sshdTest(
  "an agent that hangs, hangs up or talks nonsense does not keep a key file from logging in",
  async () => {
    await using sshd = await startSshd();
    const agents: [behaviour: Parameters<typeof startFakeAgent>[0], complaint: RegExp][] = [
      [() => undefined, /did not answer within/],
      [() => ({ raw: new Uint8Array(2) }), /hung up/],
      [() => ({ raw: new Uint8Array(64).fill(255) }), /its answer is 4294967295 bytes long/],
      [() => new WireWriter().byte(12).uint32(7).bytes(), /its list of keys cannot be read/],
    ];
    for (const [behaviour, complaint] of agents) {
      await using agent = await startFakeAgent(behaviour);
      await using home = await makeSshHome({ SSH_AUTH_SOCK: agent.socket });
      const path = await home.addKey(".ssh/id_ed25519", sshd.clientKeys.ed25519.path);
      await hurried(200, async () => {
        await using _connection = await login(sshd, home);
        await Deno.remove(path);
        assert.match((await loginFailure(sshd, home)).message, complaint);
      });
    }
  },
);

sshdTest("an agent without keys, and one that is locked, are named where there is no other key", async () => {
  await using sshd = await startSshd();
  await using agent = await startSshAgent();
  await using home = await makeSshHome({ SSH_AUTH_SOCK: agent.socket });
  const empty = await loginFailure(sshd, home);
  assert.match(empty.message, /there is no key to try: the agent ".*" shows none, it may be locked/);
  await agent.add(sshd.clientKeys.ed25519.path);
  await using _open = await login(sshd, home);
  // ssh-add asks for the password with which it locks.
  const asking = await home.write("ask", "#!/bin/sh\necho otter\n");
  await Deno.chmod(asking, 0o700);
  const env = { SSH_AUTH_SOCK: agent.socket, SSH_ASKPASS: asking, SSH_ASKPASS_REQUIRE: "force" };
  await runProgram("ssh-add", ["-x"], { env });
  assert.match((await loginFailure(sshd, home)).message, /it may be locked/);
  await using _file = await login(sshd, home, { identity_file: sshd.clientKeys.ed25519.path });
  await runProgram("ssh-add", ["-X"], { env });
  await using _again = await login(sshd, home);
});

/** An agent with a thousand keys, the last of which is a real one, held by a real agent. */
async function crowdedAgent(real: string): Promise<FakeAgent> {
  const keys = Array.from({ length: 999 }, (_, index) => {
    const point = new Uint8Array(32);
    new DataView(point.buffer).setUint32(0, index);
    return { blob: new WireWriter().string("ssh-ed25519").string(point).bytes(), comment: `key ${index}` };
  });
  const ask = async (message: Uint8Array) => {
    using socket = await Deno.connect({ transport: "unix", path: real });
    await socket.write(new WireWriter().string(message).bytes());
    const answer = new Uint8Array(64 * 1024);
    const length = await socket.read(answer) ?? 0;
    return answer.subarray(4, length);
  };
  const list = await ask(Uint8Array.of(11));
  // What follows the number of keys is the one key and its comment.
  const all = new Uint8Array([...identitiesAnswer(keys), ...list.subarray(5)]);
  new DataView(all.buffer).setUint32(1, 1000);
  return await startFakeAgent((type, _request, message) => type === 11 ? all : ask(message));
}

peerTest(
  ["sshd", "ssh", "ssh-agent", "ssh-keygen"],
  "an agent with 1 000 keys logs in where it does for ssh",
  async () => {
    await using sshd = await startSshd();
    await using real = await startSshAgent([sshd.clientKeys.ed25519.path]);
    await using agent = await crowdedAgent(real.socket);
    await using home = await makeSshHome({ SSH_AUTH_SOCK: agent.socket });
    const known = await home.write(".ssh/known_hosts", sshd.knownHosts);
    const ssh = async (options: string[]) => {
      const args = ["-F", "none", "-o", "BatchMode=yes", "-o", `UserKnownHostsFile=${known}`, ...options];
      const command = new Deno.Command(findProgram("ssh") ?? "ssh", {
        args: [...args, "-p", `${sshd.port}`, `${sshd.user}@${sshd.host}`, "true"],
        stdin: "null",
        env: { SSH_AUTH_SOCK: agent.socket, HOME: home.path },
      });
      return (await command.output()).success;
    };
    const tooMany = await loginFailure(sshd, home, { ssh_auth_sock: agent.socket });
    assert.match(tooMany.message, /no more tries/);
    assert.match(tooMany.hint ?? "", /IdentitiesOnly/);
    assert.equal(await ssh([]), false);
    // The public half is enough to find the one among them.
    const path = await home.write("mine.pub", sshd.clientKeys.ed25519.publicLine);
    await using connection = await login(sshd, home, { IdentityFile: path });
    assert.match(connection.description.authentication ?? "", /held by the agent/);
    assert.equal(await ssh(["-i", path]), true);
  },
);

sshdTest("what an agent calls its keys is shown without control characters", async () => {
  await using sshd = await startSshd();
  const blob = new WireWriter().string("ssh-ed25519").string(new Uint8Array(32)).bytes();
  await using agent = await startFakeAgent(() =>
    identitiesAnswer([{ blob, comment: "my \x1b[31mkey\nwarn: all is well" }])
  );
  await using home = await makeSshHome({ SSH_AUTH_SOCK: agent.socket });
  const { message } = await loginFailure(sshd, home);
  assert.match(message, /the agent's key "my \\x1b\[31mkey warn: all is well"/);
});
