import assert from "node:assert/strict";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { Buffer } from "node:buffer";
import { PlakarError } from "../../../src/lib/errors.ts";
import {
  connect,
  connectWithPlan,
  resolveTarget,
  type SshConnection,
  type SshIo,
} from "../../../src/ssh/mod.ts";
import { WireReader, WireWriter } from "../../../src/ssh/wire.ts";
import { identitiesAnswer, startFakeAgent } from "../../support/fake_agent.ts";
import { probeSftp } from "../../support/sftp_probe.ts";
import { startSshAgent } from "../../support/ssh_agent.ts";
import { makeSshHome, recordedIo, type SshHome } from "../../support/ssh_home.ts";
import { generateKey, runProgram, type Sshd, sshdTest, startSshd } from "../../support/sshd.ts";

async function login(
  sshd: Sshd,
  home: SshHome,
  options: Record<string, string>,
  io: SshIo,
): Promise<SshConnection> {
  const location = { host: sshd.host, port: sshd.port, user: sshd.user, options };
  return await connect(await resolveTarget(location, home.environment), io);
}

async function loginFailure(
  sshd: Sshd,
  home: SshHome,
  options: Record<string, string>,
  io: SshIo = recordedIo(),
) {
  const error = await login(sshd, home, options, io).then(() => undefined, (error) => error);
  assert.ok(error instanceof PlakarError, `Expected a PlakarError, got ${error}`);
  return error;
}

async function knowingHome(sshd: Sshd, variables: Record<string, string> = {}): Promise<SshHome> {
  const home = await makeSshHome(variables);
  await home.write(".ssh/known_hosts", sshd.knownHosts);
  return home;
}

sshdTest("keys of every type and format log in, with and without a passphrase", async (t) => {
  await using sshd = await startSshd();
  await using home = await knowingHome(sshd);
  const kinds: Record<string, string[]> = {
    "ed25519": ["-t", "ed25519"],
    "ecdsa 256": ["-t", "ecdsa", "-b", "256"],
    "ecdsa 384": ["-t", "ecdsa", "-b", "384"],
    "ecdsa 521": ["-t", "ecdsa", "-b", "521"],
    "rsa": ["-t", "rsa", "-b", "2048"],
    "ecdsa PEM": ["-t", "ecdsa", "-m", "PEM"],
    "ecdsa PKCS8": ["-t", "ecdsa", "-m", "PKCS8"],
    "rsa PEM": ["-t", "rsa", "-b", "2048", "-m", "PEM"],
    "rsa PKCS8": ["-t", "rsa", "-b", "2048", "-m", "PKCS8"],
  };
  let count = 0;
  for (const [name, args] of Object.entries(kinds)) {
    for (const passphrase of ["", "correct horse"]) {
      await t.step(`${name}${passphrase && " with a passphrase"}`, async () => {
        const path = `${home.path}/key${count++}`;
        const key = await generateKey(path, ...args, "-N", passphrase, "-a", "1");
        await Deno.writeTextFile(sshd.authorizedKeysPath, key.publicLine + "\n");
        // Without the public half beside it, everything has to come from the private file.
        await Deno.remove(`${path}.pub`);
        const io = recordedIo({ secrets: ["wrong", passphrase] });
        await using connection = await login(sshd, home, { identity_file: path }, io);
        assert.equal(io.questions.length, passphrase ? 2 : 0);
        await using _again = await connectWithPlan(structuredClone(connection.plan), { warn: io.warn });
      });
    }
  }
});

sshdTest("elliptic-curve keys whose number begins with a zero byte work", async () => {
  await using sshd = await startSshd();
  await using home = await knowingHome(sshd);
  // One key in 256 has such a number; OpenSSH writes it without the zero.
  for (let tries = 0; tries < 5000; tries++) {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const jwk = privateKey.export({ format: "jwk" });
    if (Buffer.from(jwk.d ?? "", "base64url")[0] !== 0) continue;
    const path = await home.write("key", privateKey.export({ type: "pkcs8", format: "pem" }).toString());
    await runProgram("ssh-keygen", ["-q", "-p", "-N", "", "-f", path]);
    assert.match(await Deno.readTextFile(path), /BEGIN OPENSSH/);
    await Deno.writeTextFile(sshd.authorizedKeysPath, await runProgram("ssh-keygen", ["-y", "-f", path]));
    await using _connection = await login(sshd, home, { identity_file: path }, recordedIo());
    return;
  }
  assert.fail("no such key was found");
});

sshdTest("a key that others may read is not used, and the error says why", async () => {
  await using sshd = await startSshd();
  await using home = await knowingHome(sshd);
  const path = await home.addKey(".ssh/id_ed25519", sshd.clientKeys.ed25519.path);
  await Deno.chmod(path, 0o640);
  const error = await loginFailure(sshd, home, {});
  assert.match(error.message, /others may read it \(mode 0640; chmod 600 it\)/);
});

sshdTest("of a key that others may read its owner is warned, also if another logs in", async () => {
  await using sshd = await startSshd();
  await using home = await knowingHome(sshd);
  const path = await home.addKey("exposed", sshd.clientKeys.ecdsa.path);
  await Deno.chmod(path, 0o644);
  const good = await home.addKey("good", sshd.clientKeys.ed25519.path);
  await home.write(".ssh/config", `IdentityFile ${path}\nIdentityFile ${good}\n`);
  const io = recordedIo();
  await using _connection = await login(sshd, home, {}, io);
  assert.deepEqual(io.warnings, [
    `the key "${path}" is not used because others may read it (mode 0644; chmod 600 it)`,
  ]);
});

sshdTest("a named key that is missing is an error, one of ssh_config is passed over", async () => {
  await using sshd = await startSshd();
  await using home = await knowingHome(sshd);
  const error = await loginFailure(sshd, home, { identity_file: "~/none" });
  assert.equal(error.code, "config");
  const good = await home.addKey("good", sshd.clientKeys.ed25519.path);
  await home.write(".ssh/config", `IdentityFile ~/none\nIdentityFile ${good}\n`);
  await using _connection = await login(sshd, home, {}, recordedIo());
});

sshdTest("a file that is no key is an error that names it", async () => {
  await using sshd = await startSshd();
  await using home = await knowingHome(sshd);
  const path = await home.write("garbage", "this is no key\n");
  assert.match(
    (await loginFailure(sshd, home, { identity_file: path })).message,
    /garbage.*not a private key/,
  );
});

sshdTest("IdentitiesOnly keeps the agent's other keys back, so that MaxAuthTries suffices", async () => {
  await using sshd = await startSshd({ config: ["MaxAuthTries 2"] });
  await using agent = await startSshAgent();
  await using home = await knowingHome(sshd, { SSH_AUTH_SOCK: agent.socket });
  for (let i = 0; i < 4; i++) {
    await agent.add((await generateKey(`${home.path}/extra${i}`, "-t", "ed25519")).path);
  }
  await agent.add(sshd.clientKeys.ed25519.path);
  const error = await loginFailure(sshd, home, {});
  assert.equal(error.code, "authentication");
  assert.match(error.message, /no more tries/);
  assert.match(error.hint ?? "", /IdentitiesOnly/);
  // Only the public half is here: the agent has the other.
  await home.write(".ssh/id_ed25519.pub", sshd.clientKeys.ed25519.publicLine);
  const options = { IdentitiesOnly: "yes", IdentityFile: "~/.ssh/id_ed25519" };
  await using connection = await login(sshd, home, options, recordedIo());
  assert.match(connection.description.authentication ?? "", /held by the agent/);
});

sshdTest("named keys come before those of ssh_config, the agent's after them", async () => {
  await using sshd = await startSshd();
  await using agent = await startSshAgent();
  await using home = await knowingHome(sshd, { SSH_AUTH_SOCK: agent.socket });
  const keys = await Promise.all(
    ["named", "config", "agent"].map((name) => generateKey(`${home.path}/${name}`, "-t", "ed25519")),
  );
  await agent.add(keys[2].path);
  await home.write(".ssh/config", `IdentityFile ${keys[1].path}\n`);
  await Deno.writeTextFile(sshd.authorizedKeysPath, "\n");
  const error = await loginFailure(sshd, home, { identity_file: keys[0].path });
  const order = ["named", "config", "agent"].map((name) =>
    error.message.indexOf(name === "agent" ? "agent's key" : `/${name}"`)
  );
  assert.ok(order.every((at, index) => at > (index === 0 ? 0 : order[index - 1])), error.message);
});

sshdTest("the text of a key as an option logs in", async () => {
  await using sshd = await startSshd();
  await using home = await knowingHome(sshd);
  const text = await Deno.readTextFile(sshd.clientKeys.ecdsa.path);
  await using connection = await login(sshd, home, { ssh_private_key: text }, recordedIo());
  assert.equal(await probeSftp(await connection.openSubsystem("sftp")), 3);
});

sshdTest("a dead or hanging agent does not keep a key file from logging in", async () => {
  await using sshd = await startSshd();
  await using home = await makeSshHome({ SSH_AUTH_SOCK: "/nonexistent/agent" });
  await home.write(".ssh/known_hosts", sshd.knownHosts);
  await home.addKey(".ssh/id_ed25519", sshd.clientKeys.ed25519.path);
  await using _connection = await login(sshd, home, {}, recordedIo());
  await Deno.remove(`${home.path}/.ssh/id_ed25519`);
  assert.match(
    (await loginFailure(sshd, home, {})).message,
    /agent "\/nonexistent\/agent": it cannot be reached/,
  );
});

sshdTest("user certificates log in: from CertificateFile, beside the key, and in the agent", async (t) => {
  await using home = await makeSshHome();
  const ca = await generateKey(`${home.path}/ca`, "-t", "ed25519");
  await using sshd = await startSshd({ config: [`TrustedUserCAKeys ${ca.path}.pub`], authorizedKeys: [] });
  await home.write(".ssh/known_hosts", sshd.knownHosts);
  for (const [type, bits] of [["ed25519", "256"], ["ecdsa", "256"], ["ecdsa", "521"], ["rsa", "2048"]]) {
    const key = await generateKey(`${home.path}/${type}${bits}`, "-t", type, "-b", bits);
    await runProgram("ssh-keygen", ["-q", "-s", ca.path, "-I", "me", "-n", sshd.user, `${key.path}.pub`]);
    await t.step(`${type} ${bits} beside the key`, async () => {
      await using connection = await login(sshd, home, { identity_file: key.path }, recordedIo());
      assert.match(connection.description.authentication ?? "", /-cert-v01@openssh.com/);
      await using _again = await connectWithPlan(structuredClone(connection.plan), { warn: () => {} });
    });
    await t.step(`${type} ${bits} in the agent`, async () => {
      await using agent = await startSshAgent([key.path]);
      await using empty = await knowingHome(sshd, { SSH_AUTH_SOCK: agent.socket });
      await using connection = await login(sshd, empty, {}, recordedIo());
      assert.match(connection.description.authentication ?? "", /-cert-v01@openssh.com.*held by the agent/);
    });
    await t.step(`${type} ${bits} named by CertificateFile`, async () => {
      await Deno.rename(`${key.path}-cert.pub`, `${home.path}/elsewhere`);
      const options = { identity_file: key.path, CertificateFile: "~/elsewhere" };
      await using _connection = await login(sshd, home, options, recordedIo());
    });
    await t.step(`${type} ${bits} named by CertificateFile, with its key in the agent`, async () => {
      await using agent = await startSshAgent([key.path]);
      await using other = await knowingHome(sshd, { SSH_AUTH_SOCK: agent.socket });
      const options = { CertificateFile: `${home.path}/elsewhere` };
      await using connection = await login(sshd, other, options, recordedIo());
      assert.match(connection.description.authentication ?? "", /-cert-v01@openssh.com.*held by the agent/);
      await using _again = await connectWithPlan(structuredClone(connection.plan), { warn: () => {} });
      // Its public half in a file leads to the agent, too, and to no other key there.
      await other.write("mine.pub", key.publicLine);
      const restricted = { ...options, IdentityFile: "~/mine", IdentitiesOnly: "yes" };
      await using _restricted = await login(sshd, other, restricted, recordedIo());
    });
  }
});

sshdTest("an expired certificate is named in the error", async () => {
  await using home = await makeSshHome();
  const ca = await generateKey(`${home.path}/ca`, "-t", "ed25519");
  await using sshd = await startSshd({ config: [`TrustedUserCAKeys ${ca.path}.pub`], authorizedKeys: [] });
  await home.write(".ssh/known_hosts", sshd.knownHosts);
  const key = await generateKey(`${home.path}/k`, "-t", "ed25519");
  const validity = ["-V", "20200101:20200102"];
  await runProgram("ssh-keygen", [
    "-q",
    "-s",
    ca.path,
    "-I",
    "old one",
    "-n",
    sshd.user,
    ...validity,
    `${key.path}.pub`,
  ]);
  assert.match(
    (await loginFailure(sshd, home, { identity_file: key.path })).message,
    /"old one" has expired/,
  );
});

sshdTest("a key in a hardware token, reached through the agent, logs in", async () => {
  await using sshd = await startSshd();
  const application = "ssh:";
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const point = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
  const type = "sk-ssh-ed25519@openssh.com";
  const blob = new WireWriter().string(type).string(new Uint8Array(point)).string(application).bytes();
  await Deno.writeTextFile(sshd.authorizedKeysPath, `${type} ${Buffer.from(blob).toString("base64")}\n`);
  await using agent = await startFakeAgent((request, body: WireReader) => {
    if (request === 11) return identitiesAnswer([{ blob, comment: "token" }]);
    body.string();
    // What a token signs: the application, its flags (touched), a counter and the message (PROTOCOL.u2f).
    const hash = (data: Uint8Array | string) => createHash("sha256").update(data).digest();
    const [flags, counter] = [Uint8Array.of(1), Uint8Array.of(0, 0, 0, 7)];
    const signed = Buffer.concat([hash(application), flags, counter, hash(body.string())]);
    const signature = new WireWriter().string(type).string(new Uint8Array(sign(null, signed, privateKey)))
      .raw(flags).raw(counter);
    return new WireWriter().byte(14).string(signature.bytes()).bytes();
  });
  await using home = await knowingHome(sshd, { SSH_AUTH_SOCK: agent.socket });
  await using connection = await login(sshd, home, {}, recordedIo());
  assert.match(connection.description.authentication ?? "", /sk-ssh-ed25519/);
  await using _again = await connectWithPlan(structuredClone(connection.plan), { warn: () => {} });
});

sshdTest("what only the program ssh can log in with is said to need it", async () => {
  await using hostbased = await startSshd({
    config: ["HostbasedAuthentication yes", "AuthenticationMethods hostbased"],
  });
  await using home = await knowingHome(hostbased);
  await home.addKey(".ssh/id_ed25519", hostbased.clientKeys.ed25519.path);
  const foreign = await loginFailure(hostbased, home, {});
  assert.match(foreign.message, /the server accepts: hostbased/);
  assert.match(foreign.hint ?? "", /transport=openssh/);

  // The file of a key in a hardware token (PROTOCOL.key, PROTOCOL.u2f): all but what signs.
  const type = "sk-ssh-ed25519@openssh.com";
  const fields = new WireWriter().string(type).string(new Uint8Array(32).fill(9)).string("ssh:").bytes();
  const secret = new WireWriter().uint32(7).uint32(7).raw(fields).byte(1).string("handle").string("").string(
    "token",
  )
    .bytes();
  const padding = Uint8Array.from({ length: (8 - secret.length % 8) % 8 }, (_, index) => index + 1);
  const file = new WireWriter().raw(new TextEncoder().encode("openssh-key-v1\0")).string("none").string(
    "none",
  )
    .string("").uint32(1).string(fields).string(new WireWriter().raw(secret).raw(padding).bytes()).bytes();
  const pem = Buffer.from(file).toString("base64").replaceAll(/.{70}/g, "$&\n");
  const path = await home.write(
    "token",
    `-----BEGIN OPENSSH PRIVATE KEY-----\n${pem}\n-----END OPENSSH PRIVATE KEY-----\n`,
  );
  const publicLine = await runProgram("ssh-keygen", ["-y", "-f", path]);
  await using sshd = await startSshd({ authorizedKeys: [publicLine.trim()] });
  await home.write(".ssh/known_hosts", sshd.knownHosts);
  const { message } = await loginFailure(sshd, home, { identity_file: path });
  assert.match(message, /hardware token \(ssh-add it, or use transport=openssh\)/);
});

sshdTest("two keys, one after the other, log in where the server wants two", async () => {
  await using sshd = await startSshd({ config: ["AuthenticationMethods publickey,publickey"] });
  await using home = await knowingHome(sshd);
  await home.addKey(".ssh/id_ed25519", sshd.clientKeys.ed25519.path);
  await home.addKey(".ssh/id_ecdsa", sshd.clientKeys.ecdsa.path);
  await using connection = await login(sshd, home, {}, recordedIo());
  assert.equal(connection.plan.transport === "builtin" && connection.plan.authentications.length, 2);
  await using _again = await connectWithPlan(structuredClone(connection.plan), { warn: () => {} });
});

sshdTest("PubkeyAcceptedAlgorithms decides how an RSA key signs, and whether it does", async () => {
  await using sshd = await startSshd();
  await using home = await knowingHome(sshd);
  const options = { identity_file: sshd.clientKeys.rsa.path };
  for (const algorithm of ["rsa-sha2-256", "rsa-sha2-512"]) {
    await using connection = await login(
      sshd,
      home,
      { ...options, PubkeyAcceptedAlgorithms: algorithm },
      recordedIo(),
    );
    assert.ok(connection.description.authentication?.includes(algorithm));
  }
  const error = await loginFailure(sshd, home, { ...options, PubkeyAcceptedAlgorithms: "ssh-ed25519" });
  assert.match(error.message, /no signature algorithm of ssh-rsa is allowed/);
});
