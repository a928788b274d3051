import assert from "node:assert/strict";
import { readCertificate } from "../../../src/ssh/keys/certificate.ts";
import { publicHalfOf } from "../../../src/ssh/keys/public_half.ts";
import {
  fingerprintOf,
  parsePublicKey,
  parsePublicKeyFile,
  plainKeyType,
  shortTypeName,
  signatureAlgorithmsOf,
} from "../../../src/ssh/keys/public_key.ts";
import { peerTest } from "../../support/peers.ts";
import { generateKey, runProgram } from "../../support/sshd.ts";

Deno.test("types have the names that OpenSSH shows", () => {
  const names: Record<string, string> = {
    "ssh-ed25519": "ED25519",
    "ssh-rsa": "RSA",
    "ssh-dss": "DSA",
    "ecdsa-sha2-nistp384": "ECDSA",
    "sk-ssh-ed25519@openssh.com": "ED25519-SK",
    "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com": "ECDSA-SK-CERT",
    "ssh-ed25519-cert-v01@openssh.com": "ED25519-CERT",
  };
  for (const [type, name] of Object.entries(names)) assert.equal(shortTypeName(type), name);
});

Deno.test("certificates' types lead to their keys' types", () => {
  assert.equal(plainKeyType("ssh-rsa-cert-v01@openssh.com"), "ssh-rsa");
  assert.equal(plainKeyType("sk-ssh-ed25519-cert-v01@openssh.com"), "sk-ssh-ed25519@openssh.com");
  assert.equal(plainKeyType("ssh-ed25519"), "ssh-ed25519");
  assert.deepEqual(signatureAlgorithmsOf("ssh-rsa"), ["rsa-sha2-512", "rsa-sha2-256"]);
});

Deno.test("a line whose type is not that of its key is no key", () => {
  const blob = "AAAAC3NzaC1lZDI1NTE5AAAAIEv+WwJb2ivOpUQhUTJPyZp4cTIYQUdpqnPPYzP5vWfr";
  assert.ok(parsePublicKey("ssh-ed25519", blob));
  assert.equal(parsePublicKey("ssh-rsa", blob), undefined);
  assert.equal(parsePublicKey("ssh-ed25519", "AAAA"), undefined);
  assert.equal(parsePublicKey("ssh-ed25519", "not base64!"), undefined);
  assert.ok(parsePublicKeyFile(`# comment\n\nssh-ed25519 ${blob} me\n`));
  assert.equal(parsePublicKeyFile(""), undefined);
});

peerTest(
  ["ssh-keygen"],
  "fingerprints, public halves and certificates are read as ssh-keygen reads them",
  async () => {
    const directory = await Deno.makeTempDir();
    const ca = await generateKey(`${directory}/ca`, "-t", "ed25519");
    for (
      const [type, bits] of [["ed25519", "256"], ["ecdsa", "256"], ["ecdsa", "384"], ["ecdsa", "521"], [
        "rsa",
        "2048",
      ]]
    ) {
      const key = await generateKey(
        `${directory}/${type}${bits}`,
        "-t",
        type,
        "-b",
        bits,
        "-N",
        "a secret",
        "-a",
        "1",
      );
      const publicKey = parsePublicKeyFile(key.publicLine);
      assert.ok(publicKey);
      assert.equal(fingerprintOf(publicKey.blob), key.fingerprint);
      assert.deepEqual(publicHalfOf(await Deno.readTextFile(key.path)), publicKey);
      const validity = ["-V", "20300101000000Z:20310101000000Z"];
      await runProgram("ssh-keygen", [
        "-q",
        "-s",
        ca.path,
        "-I",
        "an id",
        "-n",
        "me,you",
        ...validity,
        `${key.path}.pub`,
      ]);
      const certificate = parsePublicKeyFile(await Deno.readTextFile(`${key.path}-cert.pub`));
      assert.ok(certificate);
      const read = readCertificate(certificate);
      assert.deepEqual(read?.key, publicKey);
      assert.deepEqual([read?.id, read?.isForHost], ["an id", false]);
      assert.equal(read && read.validBefore - read.validAfter, 31_536_000n);
      for (let length = 0; length < 150; length += 7) {
        assert.equal(
          readCertificate({ ...certificate, blob: certificate.blob.subarray(0, length) }),
          undefined,
        );
      }
      assert.equal(readCertificate(publicKey), undefined);
    }
    await Deno.remove(directory, { recursive: true });
  },
);
