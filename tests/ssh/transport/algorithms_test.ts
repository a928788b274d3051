import assert from "node:assert/strict";
import { forEachBounded } from "../../../src/lib/concurrency.ts";
import { PlakarError } from "../../../src/lib/errors.ts";
import { connect, resolveTarget } from "../../../src/ssh/mod.ts";
import {
  chooseAlgorithms,
  DEFAULT_ALGORITHMS,
  isOpenToTerrapin,
  withoutTerrapin,
} from "../../../src/ssh/transport/algorithms.ts";
import { settingsOf } from "../../../src/ssh/config/settings.ts";
import { HOST_CERTIFICATE_ALGORITHMS } from "../../../src/ssh/keys/public_key.ts";
import { goSshdTest, startGoSshd, startOldGoSshd } from "../../support/go_sshd.ts";
import { probeSftp } from "../../support/sftp_probe.ts";
import { makeSshHome, recordedIo } from "../../support/ssh_home.ts";
import { certifyHost, generateKey, sshdTest, startSshd } from "../../support/sshd.ts";

/** Every cipher, with every MAC where a cipher needs one. */
function protections(): { cipher: string; mac: string }[] {
  return DEFAULT_ALGORITHMS.cipher.flatMap((cipher) =>
    cipher.endsWith("-ctr")
      ? DEFAULT_ALGORITHMS.mac.map((mac) => ({ cipher, mac }))
      : [{ cipher, mac: DEFAULT_ALGORITHMS.mac[0] }]
  );
}

/** Everything that a key exchange can be combined with. */
function combinations(): { hostKey: string; cipher: string; mac: string }[] {
  return [...HOST_CERTIFICATE_ALGORITHMS, ...DEFAULT_ALGORITHMS.hostKey].flatMap((hostKey) =>
    protections().map((protection) => ({ hostKey, ...protection }))
  );
}

sshdTest("every key exchange, host key, cipher and MAC that is offered connects to OpenSSH", async (t) => {
  const directory = await Deno.makeTempDir();
  const hostKeys = await Promise.all([
    generateKey(`${directory}/ed25519`, "-t", "ed25519"),
    ...["256", "384", "521"].map((bits) =>
      generateKey(`${directory}/ecdsa${bits}`, "-t", "ecdsa", "-b", bits)
    ),
    generateKey(`${directory}/rsa`, "-t", "rsa", "-b", "2048"),
  ]);
  const authority = await generateKey(`${directory}/ca`, "-t", "ed25519");
  for (const hostKey of hostKeys) await certifyHost(authority, hostKey);
  const certificates = hostKeys.map(({ path }) => `HostCertificate ${path}-cert.pub`);
  await using sshd = await startSshd({ hostKeys, config: ["MaxStartups 100", ...certificates] });
  await using home = await makeSshHome();
  await home.write(".ssh/known_hosts", `${sshd.knownHosts}\n@cert-authority * ${authority.publicLine}\n`);
  const options = { identity_file: sshd.clientKeys.ed25519.path, IdentitiesOnly: "yes" };
  for (const kex of DEFAULT_ALGORITHMS.kex) {
    await t.step(kex, async () => {
      await forEachBounded(combinations(), 4, async ({ hostKey, cipher, mac }) => {
        const directives = { KexAlgorithms: kex, HostKeyAlgorithms: hostKey, Ciphers: cipher, MACs: mac };
        const location = {
          host: sshd.host,
          port: sshd.port,
          user: sshd.user,
          options: { ...options, ...directives },
        };
        await using connection = await connect(
          await resolveTarget(location, home.environment),
          recordedIo(),
        );
        const { algorithms, hostKeyType } = connection.description;
        assert.equal(algorithms?.kex, kex);
        assert.equal(algorithms?.cipher, cipher);
        const plainType = hostKey.replace("-cert-v01@openssh.com", "");
        assert.equal(hostKeyType, plainType.startsWith("rsa-") ? "ssh-rsa" : plainType);
        if (cipher.endsWith("-ctr")) assert.equal(algorithms?.mac, mac);
      });
    });
  }
  await Deno.remove(directory, { recursive: true });
});

sshdTest("a server and we that share nothing say what the server offers", async () => {
  await using home = await makeSshHome();
  const restrictions: [string, string, RegExp][] = [
    [
      "KexAlgorithms",
      "sntrup761x25519-sha512@openssh.com",
      /on a key exchange algorithm.*offers only sntrup761/,
    ],
    ["Ciphers", "3des-cbc", /on a cipher.*offers only 3des-cbc/],
    ["MACs", "umac-64@openssh.com", /on a MAC.*offers only umac-64/],
  ];
  for (const [directive, value, expected] of restrictions) {
    await using sshd = await startSshd({ config: [`${directive} ${value}`] });
    await home.write(".ssh/known_hosts", sshd.knownHosts);
    const options: Record<string, string> = directive === "MACs" ? { Ciphers: "aes128-ctr" } : {};
    const location = { host: sshd.host, port: sshd.port, user: sshd.user, options };
    const error = await connect(await resolveTarget(location, home.environment), recordedIo()).catch((
      error,
    ) => error);
    assert.ok(error instanceof PlakarError);
    assert.match(error.message, expected);
    assert.match(error.hint ?? "", /transport=openssh/);
  }
});

goSshdTest("a server without strict key exchange gets no cipher that needs it", async () => {
  await using server = await startOldGoSshd(
    "-password",
    "p",
    "-cipher",
    "chacha20-poly1305@openssh.com",
    "-cipher",
    "aes128-ctr",
  );
  await using home = await makeSshHome();
  await home.write(".ssh/known_hosts", server.knownHosts);
  const location = { host: "127.0.0.1", port: server.port, user: "me", options: { password_cmd: "echo p" } };
  await using connection = await connect(await resolveTarget(location, home.environment), recordedIo());
  assert.equal(await probeSftp(await connection.openSubsystem("sftp")), 3);
  assert.deepEqual(connection.description.algorithms?.cipher, "aes128-ctr");
  assert.ok(!connection.description.algorithms?.mac.includes("etm"));
});

goSshdTest("a server that offers nothing safe without strict key exchange is refused", async () => {
  await using server = await startOldGoSshd("-password", "p", "-cipher", "chacha20-poly1305@openssh.com");
  await using home = await makeSshHome();
  await home.write(".ssh/known_hosts", server.knownHosts);
  const location = { host: "127.0.0.1", port: server.port, user: "me", options: { password_cmd: "echo p" } };
  const error = await connect(await resolveTarget(location, home.environment), recordedIo()).catch((error) =>
    error
  );
  assert.match(error.message, /on a cipher.*offers only chacha20/);
});

goSshdTest("without strict key exchange, nothing is offered that was not configured either", async () => {
  await using server = await startOldGoSshd("-password", "p");
  await using home = await makeSshHome();
  await home.write(".ssh/known_hosts", server.knownHosts);
  const open = async (directives: Record<string, string>) => {
    const options = { password_cmd: "echo p", ...directives };
    const location = { host: "127.0.0.1", port: server.port, user: "me", options };
    return await connect(await resolveTarget(location, home.environment), recordedIo());
  };
  const etm = "hmac-sha2-256-etm@openssh.com";
  const refused: Record<string, string>[] = [
    { Ciphers: "chacha20-poly1305@openssh.com" },
    { Ciphers: "aes128-ctr", MACs: etm },
  ];
  for (const directives of refused) {
    const error = await open(directives).catch((error) => error);
    assert.ok(error instanceof PlakarError, String(error));
    assert.equal(error.code, "network");
    assert.match(error.message, /has no strict key exchange.*CVE-2023-48795/);
    assert.equal(error.data?.stage, "handshake");
  }
  // AES-GCM needs no MAC, so that those that are configured do not matter.
  await using connection = await open({
    Ciphers: "chacha20-poly1305@openssh.com,aes128-ctr,aes128-gcm@openssh.com",
    MACs: etm,
  });
  assert.equal(connection.description.algorithms?.cipher, "aes128-gcm@openssh.com");
});

goSshdTest("a server that is not OpenSSH takes what we offer", async () => {
  await using server = await startGoSshd("-password", "p");
  await using home = await makeSshHome();
  await home.write(".ssh/known_hosts", server.knownHosts);
  const location = { host: "127.0.0.1", port: server.port, user: "me", options: { password_cmd: "echo p" } };
  await using connection = await connect(await resolveTarget(location, home.environment), recordedIo());
  assert.equal(connection.description.algorithms?.cipher, "chacha20-poly1305@openssh.com");
  assert.match(connection.description.serverVersion ?? "", /^Go/);
});

Deno.test("what is configured is assembled from our defaults, and what does not exist here is left out", () => {
  const settings = (values: Record<string, string>) =>
    settingsOf(new Map(Object.entries(values).map(([key, value]) => [key, [value]])));
  const plain = chooseAlgorithms(settings({}), []);
  assert.deepEqual(plain.cipher, DEFAULT_ALGORITHMS.cipher);
  assert.equal(plain.cipher[0], "chacha20-poly1305@openssh.com");
  const moved = chooseAlgorithms(settings({ ciphers: "^aes256-ctr,unknown" }), []);
  assert.equal(moved.cipher[0], "aes256-ctr");
  assert.ok(!moved.cipher.includes("unknown"));
  assert.ok(!plain.hostKey.includes("ssh-rsa") && !plain.mac.some((mac) => mac.includes("sha1")));
  assert.ok(chooseAlgorithms(settings({ hostkeyalgorithms: "+ssh-rsa" }), []).hostKey.includes("ssh-rsa"));
  assert.throws(
    () => chooseAlgorithms(settings({ kexalgorithms: "sntrup761x25519-sha512" }), []),
    /none of these/,
  );
});

Deno.test("host key algorithms of known keys come first, unless they are configured", () => {
  const settings = settingsOf(new Map());
  const known = ["rsa-sha2-512", "rsa-sha2-256"];
  assert.deepEqual(chooseAlgorithms(settings, known).hostKey.slice(0, 3), [
    ...known,
    "ssh-ed25519-cert-v01@openssh.com",
  ]);
  const configured = settingsOf(new Map([["hostkeyalgorithms", ["ssh-ed25519,rsa-sha2-256"]]]));
  assert.deepEqual(chooseAlgorithms(configured, known).hostKey, ["ssh-ed25519", "rsa-sha2-256"]);
});

Deno.test("without strict key exchange neither chacha20-poly1305 nor encrypt-then-MAC is offered", () => {
  const safe = withoutTerrapin(chooseAlgorithms(settingsOf(new Map()), []));
  assert.ok(safe.cipher.length > 0 && safe.mac.length > 0);
  for (const cipher of safe.cipher) for (const mac of safe.mac) assert.ok(!isOpenToTerrapin({ cipher, mac }));
  assert.ok(isOpenToTerrapin({ cipher: "chacha20-poly1305@openssh.com", mac: "" }));
  assert.ok(isOpenToTerrapin({ cipher: "aes128-ctr", mac: "hmac-sha2-256-etm@openssh.com" }));
});
