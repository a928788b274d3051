import assert from "node:assert/strict";
import { isPlakarError, PlakarError } from "../../../src/lib/errors.ts";
import {
  connect,
  connectWithPlan,
  resolveTarget,
  type SshConnection,
  type SshIo,
} from "../../../src/ssh/mod.ts";
import { type GoSshd, goSshdTest, startGoSshd } from "../../support/go_sshd.ts";
import { testWithPeers } from "../../support/peers.ts";
import { probeSftp } from "../../support/sftp_probe.ts";
import { makeSshHome, recordedIo, type SshHome } from "../../support/ssh_home.ts";
import { generateKey, runProgram, startSshd } from "../../support/sshd.ts";

async function homeFor(server: { knownHosts: string }): Promise<SshHome> {
  const home = await makeSshHome();
  await home.write(".ssh/known_hosts", server.knownHosts);
  return home;
}

async function login(
  server: Pick<GoSshd, "port">,
  home: SshHome,
  io: SshIo,
  options: Record<string, string> = {},
): Promise<SshConnection> {
  const location = { host: "127.0.0.1", port: server.port, user: "me", options };
  return await connect(await resolveTarget(location, home.environment), io);
}

async function failure(attempt: Promise<unknown>): Promise<PlakarError> {
  const error = await attempt.then(() => undefined, (error) => error);
  assert.ok(error instanceof PlakarError, `Expected a PlakarError, got ${error}`);
  return error;
}

goSshdTest("a password is asked for, at most three times, and repeated for further connections", async () => {
  await using server = await startGoSshd("-password", "open sesame");
  await using home = await homeFor(server);
  const io = recordedIo({ secrets: ["wrong", "open sesame"] });
  await using connection = await login(server, home, io);
  assert.equal(await probeSftp(await connection.openSubsystem("sftp")), 3);
  assert.equal(connection.description.authentication, "password");
  assert.equal(io.questions.length, 2);
  assert.match(io.questions[0], /"me".*"127\.0\.0\.1"/);
  await using _again = await connectWithPlan(structuredClone(connection.plan), { warn: io.warn });
  assert.equal(io.questions.length, 2);
  const wrong = recordedIo({ secrets: ["a", "b", "c", "d"] });
  assert.match((await failure(login(server, home, wrong))).message, /password was not accepted/);
  assert.equal(wrong.questions.length, 3);
});

goSshdTest("without a terminal a password is not waited for, and the error names the way out", async () => {
  await using server = await startGoSshd("-password", "x");
  await using home = await homeFor(server);
  const error = await failure(login(server, home, recordedIo()));
  assert.equal(error.code, "authentication");
  assert.match(error.message, /no terminal to ask for a password.*server accepts: password/);
});

goSshdTest("BatchMode asks nothing", async () => {
  await using server = await startGoSshd("-password", "x");
  await using home = await homeFor(server);
  const io = recordedIo({ secrets: ["x"] });
  await failure(login(server, home, io, { BatchMode: "yes" }));
  assert.deepEqual(io.questions, []);
});

goSshdTest("the password of password_cmd is used without a question and never shown", async () => {
  await using server = await startGoSshd("-password", "from a command");
  await using home = await homeFor(server);
  const io = recordedIo();
  await using _connection = await login(server, home, io, { password_cmd: "echo from a command; echo more" });
  const wrong = await failure(login(server, home, io, { password_cmd: "echo secret123" }));
  assert.match(wrong.message, /password_cmd/);
  assert.ok(!JSON.stringify([wrong.message, wrong.hint, wrong.data]).includes("secret123"));
  assert.match((await failure(login(server, home, io, { password_cmd: "exit 3" }))).message, /status 3/);
  assert.deepEqual(io.questions, []);
});

goSshdTest("several rounds of questions are answered, and repeated for further connections", async () => {
  await using server = await startGoSshd("-question", "First \u001b[31mcode=one", "-question", "Second=two");
  await using home = await homeFor(server);
  const io = recordedIo({ secrets: ["one", "two"] });
  await using connection = await login(server, home, io);
  assert.equal(connection.description.authentication, "keyboard-interactive");
  assert.equal(io.questions.length, 2);
  assert.match(io.questions[0], /"127\.0\.0\.1" asks "me": Login Answer well\. First \\x1b\[31mcode/);
  await using _again = await connectWithPlan(structuredClone(connection.plan), { warn: io.warn });
  const error = await failure(login(server, home, recordedIo()));
  assert.match(error.message, /no terminal to answer the server's question/);
});

goSshdTest("a key and then a password log in where the server wants both", async () => {
  await using home = await makeSshHome();
  const key = await generateKey(`${home.path}/.ssh/id_ed25519`, "-t", "ed25519");
  await using server = await startGoSshd("-authorized", `${key.path}.pub`, "-then-password", "and this");
  await home.write(".ssh/known_hosts", server.knownHosts);
  const io = recordedIo({ secrets: ["and this"] });
  await using connection = await login(server, home, io);
  assert.match(connection.description.authentication ?? "", /^publickey .*, password$/);
  await using _again = await connectWithPlan(structuredClone(connection.plan), { warn: io.warn });
  assert.equal(io.questions.length, 1);
});

goSshdTest("PreferredAuthentications decides what is tried first, and what not at all", async () => {
  await using server = await startGoSshd("-password", "p", "-question", "Code=c");
  await using home = await homeFor(server);
  const method = async (preferred: string, secret: string) => {
    const io = recordedIo({ secrets: [secret] });
    await using connection = await login(server, home, io, { PreferredAuthentications: preferred });
    return connection.description.authentication;
  };
  assert.equal(await method("password,keyboard-interactive", "p"), "password");
  assert.equal(await method("keyboard-interactive,password", "c"), "keyboard-interactive");
  const none = login(server, home, recordedIo({ secrets: ["p"] }), { PreferredAuthentications: "publickey" });
  assert.ok(isPlakarError(await failure(none), "authentication"));
});

/** A namespace of its own lets root give a user a password that the rest of the machine never sees. */
const namespace = Deno.uid() === 0 && await Deno.stat("/etc/pam.d/sshd").then(() => true, () => false) &&
  await new Deno.Command("unshare", { args: ["-m", "true"] }).output().then(
    ({ success }) => success,
    () => false,
  );

testWithPeers(
  namespace ? [] : ["unshare, sshd with PAM and the rights of root"],
  "the real sshd takes a password through PAM",
  async () => {
    const directory = await Deno.makeTempDir();
    const shadow = `${directory}/shadow`;
    const hash = (await runProgram("openssl", ["passwd", "-6", "granite otter"])).trim();
    await Deno.writeTextFile(
      shadow,
      (await Deno.readTextFile("/etc/shadow")).replace(
        /^root:[^:]*/m,
        `root:${hash.replaceAll("$", "$$$$")}`,
      ),
    );
    const wrapper = ["unshare", "-m", "sh", "-c", `mount --bind ${shadow} /etc/shadow && exec "$0" "$@"`];
    for (const method of ["KbdInteractiveAuthentication", "PasswordAuthentication"]) {
      await using sshd = await startSshd({
        config: ["UsePAM yes", `${method} yes`],
        authorizedKeys: [],
        wrapper,
      });
      await using home = await homeFor(sshd);
      const io = recordedIo({ secrets: ["wrong", "granite otter"] });
      const location = { host: sshd.host, port: sshd.port, user: "root", options: {} };
      await using connection = await connect(await resolveTarget(location, home.environment), io);
      assert.equal(await probeSftp(await connection.openSubsystem("sftp")), 3);
      assert.equal(io.questions.length, 2);
    }
    await Deno.remove(directory, { recursive: true });
  },
);
