import assert from "node:assert/strict";
import type { BytePipe } from "../../../src/lib/byte_pipe.ts";
import { connect, connectWithPlan, resolveTarget } from "../../../src/ssh/mod.ts";
import { readCertificate } from "../../../src/ssh/keys/certificate.ts";
import { parsePublicKeyFile, type PublicKey } from "../../../src/ssh/keys/public_key.ts";
import { judgeCertificate } from "../../../src/ssh/known_hosts/host_certificate.ts";
import { KnownHosts } from "../../../src/ssh/known_hosts/known_hosts.ts";
import { peerTest } from "../../support/peers.ts";
import { probeSftp } from "../../support/sftp_probe.ts";
import { makeSshHome, recordedIo } from "../../support/ssh_home.ts";
import { certifyHost, generateKey, startSshd } from "../../support/sshd.ts";
import { keyOf, ourTrust, trustOfSsh } from "./compared_trust.ts";

/** A certificate, and what is asked about it: known_hosts with names for keys, and directives. */
interface Case {
  certificate: string[];
  files: Record<string, [text: string, options?: Record<string, string>]>;
}

const FOR_US = ["-n", "127.0.0.1"];
const TRUSTED = "@cert-authority HOST CA\n";

/** In the files, HOST is the server with its port, CA, OTHER and KEY are the authority, another key, the host's key. */
const CASES: Record<string, Case> = {
  "for this host": {
    certificate: FOR_US,
    files: {
      "nothing": [""],
      "the authority": [TRUSTED],
      "the authority without the port": ["@cert-authority 127.0.0.1 CA\n"],
      "the authority for a wildcard": ["@cert-authority *.0.0.1,[127.*]:* CA\n"],
      "the authority for another host": ["@cert-authority other CA\n"],
      "the authority for all but this host": ["@cert-authority *,!HOST CA\n"],
      "another authority": ["@cert-authority HOST OTHER\n"],
      "two authorities": ["@cert-authority HOST OTHER\n@cert-authority HOST CA\n"],
      "the authority as a plain key": ["HOST CA\n"],
      "the plain key": ["HOST KEY\n"],
      "another plain key": ["HOST OTHER\n"],
      "the authority and another plain key": ["HOST OTHER\n@cert-authority HOST CA\n"],
      "a revoked authority": ["@revoked * CA\n@cert-authority HOST CA\n"],
      "a revoked authority and the plain key": ["@revoked * CA\nHOST KEY\n"],
      "a revoked authority of another host": ["@revoked other CA\n@cert-authority HOST CA\n"],
      "a revoked key": ["@revoked * KEY\n@cert-authority HOST CA\n"],
      "the authority under an alias": ["@cert-authority alias CA\n", { HostKeyAlias: "alias" }],
      "the authority, and only plain keys wanted": [TRUSTED, { HostKeyAlgorithms: "-*cert*" }],
      "the authority, and its signatures not wanted": [TRUSTED, { CASignatureAlgorithms: "rsa-sha2-512" }],
      "nothing, and new hosts are accepted": ["", { StrictHostKeyChecking: "accept-new" }],
      "the authority, and new hosts are accepted": [TRUSTED, { StrictHostKeyChecking: "accept-new" }],
    },
  },
  "for anybody": { certificate: [], files: { "the authority": [TRUSTED] } },
  "for several hosts": { certificate: ["-n", "a,127.0.0.1,b"], files: { "the authority": [TRUSTED] } },
  "for an alias": {
    certificate: ["-n", "alias"],
    files: { "the authority": ["@cert-authority alias CA\n", { HostKeyAlias: "alias" }] },
  },
  "for another host": {
    certificate: ["-n", "other"],
    files: {
      "the authority": [TRUSTED],
      "the authority and the plain key": [`${TRUSTED}HOST KEY\n`],
      "the authority, and new hosts are accepted": [TRUSTED, { StrictHostKeyChecking: "accept-new" }],
    },
  },
  "for hosts like a pattern": { certificate: ["-n", "127.0.0.*"], files: { "the authority": [TRUSTED] } },
  "that has expired": {
    certificate: [...FOR_US, "-V", "20200101:20200102"],
    files: { "the authority": [TRUSTED], "the authority and the plain key": [`${TRUSTED}HOST KEY\n`] },
  },
  "that is not valid yet": {
    certificate: [...FOR_US, "-V", "20400101:20400102"],
    files: { "the authority": [TRUSTED] },
  },
  "with an option nobody knows": {
    certificate: [...FOR_US, "-O", "critical:new@example.org=1"],
    files: { "the authority": [TRUSTED] },
  },
};

peerTest(["sshd", "ssh", "ssh-keygen"], "host certificates count where they count for ssh", async (t) => {
  await using home = await makeSshHome();
  const [authority, other, hostKey] = await Promise.all(
    ["ca", "other", "host"].map((name) => generateKey(`${home.path}/${name}`, "-t", "ed25519")),
  );
  for (const [name, { certificate, files }] of Object.entries(CASES)) {
    await certifyHost(authority, hostKey, ...certificate);
    const config = [`HostCertificate ${hostKey.path}-cert.pub`];
    await using sshd = await startSshd({ hostKeys: [hostKey], config });
    for (const [known, [text, options]] of Object.entries(files)) {
      await t.step(`a certificate ${name}; known: ${known}`, async () => {
        const filled = text.replaceAll("HOST", `[127.0.0.1]:${sshd.port}`).replaceAll(
          /\bCA\b/g,
          keyOf(authority),
        )
          .replaceAll("OTHER", keyOf(other)).replaceAll("KEY", keyOf(hostKey));
        assert.deepEqual(
          await ourTrust(sshd, home, filled, options),
          await trustOfSsh(sshd, home, filled, options),
        );
      });
    }
  }
});

const SUBSYSTEMS = ["Subsystem sftp internal-sftp", "Subsystem echo cat"];

/** How many bytes come back. */
async function echoed(pipe: BytePipe, total: number): Promise<number> {
  const done = Promise.withResolvers<void>();
  let received = 0;
  pipe.start({
    data(bytes) {
      received += bytes.length;
      if (received >= total) done.resolve();
    },
    end: (error) => done.reject(error),
  });
  for (let sent = 0; sent < total; sent += 1000) {
    if (!pipe.write(new Uint8Array(1000))) await pipe.drained();
  }
  await done.promise;
  pipe.close();
  return received;
}

const TYPES: [type: string, bits: string][] = [
  ["ed25519", "256"],
  ["ecdsa", "256"],
  ["ecdsa", "384"],
  ["ecdsa", "521"],
  ["rsa", "2048"],
];

peerTest(["sshd", "ssh", "ssh-keygen"], "keys and authorities of every type certify hosts", async (t) => {
  await using home = await makeSshHome();
  const pair = async (name: string) =>
    await Promise.all(
      TYPES.map(([type, bits]) => generateKey(`${home.path}/${name}${type}${bits}`, "-t", type, "-b", bits)),
    );
  const authorities = await pair("ca");
  // Each type of host key has an authority of the next type.
  for (const [index, hostKey] of (await pair("host")).entries()) {
    await t.step(TYPES[index].join(" "), async () => {
      const authority = authorities[(index + 1) % TYPES.length];
      await certifyHost(authority, hostKey, ...FOR_US);
      const config = [`HostCertificate ${hostKey.path}-cert.pub`, "RekeyLimit 16K", ...SUBSYSTEMS];
      await using sshd = await startSshd({ hostKeys: [hostKey], config });
      await home.write(".ssh/known_hosts", `@cert-authority * ${keyOf(authority)}\n`);
      const options = { identity_file: sshd.clientKeys.ed25519.path, StrictHostKeyChecking: "yes" };
      const location = { host: sshd.host, port: sshd.port, user: sshd.user, options };
      await using connection = await connect(await resolveTarget(location, home.environment), recordedIo());
      assert.equal(connection.description.hostKeyFingerprint, hostKey.fingerprint);
      // Enough for several exchanges of keys, each of which shows the certificate again.
      assert.equal(await echoed(await connection.openSubsystem("echo"), 200_000), 200_000);
      // The certificate may be renewed before the next connection.
      await certifyHost(authority, hostKey, ...FOR_US, "-z", "2");
      await sshd.stop();
      await sshd.start();
      await using again = await connectWithPlan(structuredClone(connection.plan), { warn: () => {} });
      assert.equal(await probeSftp(await again.openSubsystem("sftp")), 3);
    });
  }
  await t.step("an authority that signs with SHA-1 counts only if that is allowed", async () => {
    const hostKey = await generateKey(`${home.path}/old`, "-t", "ed25519");
    const authority = authorities[4];
    await certifyHost(authority, hostKey, ...FOR_US, "-t", "ssh-rsa");
    await using sshd = await startSshd({
      hostKeys: [hostKey],
      config: [`HostCertificate ${hostKey.path}-cert.pub`, "CASignatureAlgorithms +ssh-rsa"],
    });
    const text = `@cert-authority * ${keyOf(authority)}\n`;
    const wanted: Record<string, string>[] = [{}, { CASignatureAlgorithms: "+ssh-rsa" }];
    for (const options of wanted) {
      assert.deepEqual(
        await ourTrust(sshd, home, text, options),
        await trustOfSsh(sshd, home, text, options),
      );
    }
  });
});

peerTest(["ssh-keygen"], "a certificate that was changed after it was signed is refused", async () => {
  await using home = await makeSshHome();
  const authority = await generateKey(`${home.path}/ca`, "-t", "ed25519");
  const hostKey = await generateKey(`${home.path}/host`, "-t", "ed25519");
  await certifyHost(authority, hostKey, "-n", "evil.example");
  const shown = parsePublicKeyFile(await Deno.readTextFile(`${hostKey.path}-cert.pub`));
  assert.ok(shown);
  const text = new TextDecoder("latin1").decode(shown.blob).replace("evil.example", "good.example");
  const changed = { type: shown.type, blob: Uint8Array.from(text, (character) => character.charCodeAt(0)) };
  const file = await home.write(".ssh/known_hosts", `@cert-authority * ${keyOf(authority)}\n`);
  const policy = {
    names: ["good.example"],
    principal: "good.example",
    knownHosts: await KnownHosts.load([file], home.environment, assert.fail),
  };
  const verdict = (key: PublicKey) => {
    const certificate = readCertificate(key);
    assert.ok(certificate);
    return judgeCertificate(certificate, policy, Math.floor(Date.now() / 1000));
  };
  const evil = verdict(shown);
  assert.ok(evil.status === "ignored");
  assert.equal(evil.reason, 'it is for "evil.example", and not for "good.example"');
  assert.equal(verdict(changed).status, "forged");
});

peerTest(
  ["sshd", "ssh-keygen"],
  "what a host says in its certificate is shown without control characters",
  async () => {
    await using home = await makeSshHome();
    const authority = await generateKey(`${home.path}/ca`, "-t", "ed25519");
    const hostKey = await generateKey(`${home.path}/host`, "-t", "ed25519");
    await certifyHost(authority, hostKey, "-I", "all \x1b[2Jclear", "-n", "evil\x1b]0;title\x07");
    await using sshd = await startSshd({
      hostKeys: [hostKey],
      config: [`HostCertificate ${hostKey.path}-cert.pub`],
    });
    for (const known of ["", `@cert-authority * ${keyOf(authority)}\n`]) {
      await home.write(".ssh/known_hosts", known);
      const io = recordedIo({ confirmations: [false] });
      const location = { host: sshd.host, port: sshd.port, user: sshd.user, options: {} };
      const error = await connect(await resolveTarget(location, home.environment), io).catch((error) =>
        error
      );
      const said = [...io.questions, error.message].join("\n");
      assert.match(said, /certificate "all \\x1b\[2Jclear"/);
      if (known) assert.match(said, /"evil\\x1b\]0;title\\x07"/);
      assert.doesNotMatch(said, /[^\P{Cc}\n]/u);
    }
  },
);
