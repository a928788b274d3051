import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { parsePrivateKey, type PrivateKey, signWith } from "../../../src/ssh/keys/private_key.ts";
import { publicHalfOf } from "../../../src/ssh/keys/public_half.ts";
import { parsePublicKeyFile, signatureAlgorithmsOf } from "../../../src/ssh/keys/public_key.ts";
import { isSignedBy } from "../../../src/ssh/keys/verify_signature.ts";
import { loadSsh2 } from "../../../src/ssh/transport/ssh2.ts";
import { WireReader } from "../../../src/ssh/wire.ts";
import { peerTest } from "../../support/peers.ts";
import { generateKey, runProgram } from "../../support/sshd.ts";

const DATA = new TextEncoder().encode("to be signed");

const ssh2 = await loadSsh2();

async function keyIn(text: string, passphrase?: string): Promise<PrivateKey> {
  const result = await parsePrivateKey(text, passphrase, ssh2);
  assert.ok("key" in result, JSON.stringify(result));
  return result.key;
}

peerTest(
  ["ssh-keygen"],
  "keys that ssh-keygen encrypts are read, and wrong passphrases are called wrong",
  async (t) => {
    const directory = await Deno.makeTempDir();
    const aes = [
      "aes128-ctr",
      "aes192-ctr",
      "aes256-ctr",
      "aes128-gcm@openssh.com",
      "aes256-gcm@openssh.com",
    ];
    for (const cipher of [...aes, "aes128-cbc", "aes256-cbc", "3des-cbc"]) {
      await t.step(cipher, async () => {
        const path = `${directory}/${cipher}`;
        const { publicLine } = await generateKey(
          path,
          "-t",
          "ed25519",
          "-Z",
          cipher,
          "-a",
          "1",
          "-N",
          "otter",
        );
        const text = await Deno.readTextFile(path);
        assert.deepEqual((await keyIn(text, "otter")).blob, parsePublicKeyFile(publicLine)?.blob);
        for (const wrong of [undefined, "wrong"]) {
          assert.deepEqual(await parsePrivateKey(text, wrong, ssh2), { locked: true });
        }
      });
    }
    await t.step("a cipher that is not built in says what to do", async () => {
      for (const cipher of ["aes192-cbc", "chacha20-poly1305@openssh.com"]) {
        const path = `${directory}/${cipher}`;
        await generateKey(path, "-t", "ed25519", "-Z", cipher, "-a", "1", "-N", "otter");
        const result = await parsePrivateKey(await Deno.readTextFile(path), "otter", ssh2);
        assert.ok("problem" in result);
        assert.match(result.problem, /ssh-keygen -p -Z aes256-ctr/);
      }
    });
    await Deno.remove(directory, { recursive: true });
  },
);

/** The types of keys that PuTTY makes, as puttygen names them. */
const PUTTY_KINDS: [type: string, bits: string][] = [
  ["rsa", "2048"],
  ["ecdsa", "256"],
  ["ecdsa", "384"],
  ["ecdsa", "521"],
  ["eddsa", "255"],
];

peerTest(
  ["puttygen", "ssh-keygen"],
  "keys of PuTTY are read in every version, with and without a passphrase",
  async (t) => {
    const directory = await Deno.makeTempDir();
    await Deno.writeTextFile(`${directory}/none`, "");
    await Deno.writeTextFile(`${directory}/otter`, "otter");
    // Making keys takes puttygen its time: each is made once, and written in every form.
    const forms = ["2", "3"].flatMap((version) =>
      ["", "otter"].map((passphrase) => ({ version, passphrase, derivation: "argon2id" }))
    ).concat(["argon2i", "argon2d"].map((derivation) => ({ version: "3", passphrase: "otter", derivation })));
    for (const [type, bits] of PUTTY_KINDS) {
      const made = `${directory}/${type}${bits}`;
      const random = ["-q", "--random-device", "/dev/urandom", "--new-passphrase", `${directory}/none`];
      await runProgram("puttygen", ["-t", type, "-b", bits, "-C", "test key", ...random, "-o", made]);
      const publicLine = await runProgram("puttygen", ["-L", made]);
      for (const { version, passphrase, derivation } of forms) {
        await t.step(
          `${type} ${bits}, version ${version}, ${passphrase && derivation || "open"}`,
          async () => {
            const path = `${made}.ppk`;
            const parameters = `version=${version},kdf=${derivation},memory=256,passes=2`;
            const secret = ["--new-passphrase", `${directory}/${passphrase || "none"}`];
            await runProgram("puttygen", [
              made,
              "-P",
              "-q",
              "--ppk-param",
              parameters,
              ...secret,
              "-o",
              path,
            ]);
            const text = await Deno.readTextFile(path);
            const key = await keyIn(text, passphrase || undefined);
            assert.deepEqual({ type: key.type, blob: key.blob }, parsePublicKeyFile(publicLine));
            assert.deepEqual(publicHalfOf(text), parsePublicKeyFile(publicLine));
            const algorithm = signatureAlgorithmsOf(key.type)[0];
            assert.ok(isSignedBy(key, signWith(key, algorithm, DATA), DATA));
            assert.deepEqual(await keyIn(text.replaceAll("\n", "\r\n"), passphrase || undefined), key);
            if (passphrase === "") return;
            for (const wrong of [undefined, "wrong", ""]) {
              assert.deepEqual(await parsePrivateKey(text, wrong, ssh2), { locked: true });
            }
          },
        );
      }
    }
    await Deno.remove(directory, { recursive: true });
  },
);

Deno.test("a damaged key of PuTTY is called that, and one in an unknown form says how to convert it", async () => {
  const problem = async (...lines: string[]) => {
    const result = await parsePrivateKey(lines.join("\n"), undefined, ssh2);
    assert.ok("problem" in result);
    return result.problem;
  };
  const lines = ["Public-Lines: 1", "AAAA", "Private-Lines: 1", "AAAA", "Private-MAC: 00"];
  const plain = "Encryption: none";
  assert.match(await problem("PuTTY-User-Key-File-3: ssh-ed25519", plain, ...lines), /damaged/);
  assert.match(await problem("PuTTY-User-Key-File-1: ssh-rsa", plain, ...lines), /puttygen/);
  assert.match(
    await problem("PuTTY-User-Key-File-3: ssh-ed25519", "Encryption: rot13", ...lines),
    /puttygen/,
  );
  assert.match(await problem("PuTTY-User-Key-File-3: ssh-ed25519", plain), /puttygen/);
});

Deno.test("DSA keys, public keys and anything else are refused with a reason", async () => {
  const problem = async (text: string) => {
    const result = await parsePrivateKey(text, undefined, ssh2);
    assert.ok("problem" in result);
    return result.problem;
  };
  assert.match(await problem("-----BEGIN DSA PRIVATE KEY-----\nAAAA\n-----END DSA PRIVATE KEY-----"), /DSA/);
  assert.match(await problem("ssh-ed25519 AAAA test"), /not a private key/);
  assert.match(await problem(""), /not a private key/);
  assert.ok(await problem("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----"));
  assert.ok(await problem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"));
  const x25519 = generateKeyPairSync("x25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  assert.match(await problem(x25519), /not used by SSH/);
});

Deno.test("signatures of every type verify", async () => {
  const pem = { type: "pkcs8", format: "pem" } as const;
  const kinds: [string, string | null, string][] = [
    [
      "rsa-sha2-256",
      "sha256",
      generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export(pem).toString(),
    ],
    [
      "rsa-sha2-512",
      "sha512",
      generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export(pem).toString(),
    ],
    ["ssh-ed25519", null, generateKeyPairSync("ed25519").privateKey.export(pem).toString()],
  ];
  for (const [algorithm, hash, text] of kinds) {
    const key = await keyIn(text);
    const signature = new WireReader(signWith(key, algorithm, DATA));
    assert.equal(signature.text(), algorithm);
    const publicKey = createPublicKey({
      key: { ...key.jwk, d: undefined, p: undefined, q: undefined },
      format: "jwk",
    });
    assert.ok(verify(hash, DATA, publicKey, signature.string()));
  }
});

Deno.test("an elliptic-curve signature is two numbers without useless zeros, signed as the certificate's key", async () => {
  const pem = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
    type: "pkcs8",
    format: "pem",
  });
  const key = await keyIn(pem.toString());
  // Half of all numbers begin with a set bit, and one in 256 with a zero byte: many signatures show both.
  for (let i = 0; i < 600; i++) {
    const signature = new WireReader(
      signWith(key, "ecdsa-sha2-nistp256-cert-v01@openssh.com", Uint8Array.of(i)),
    );
    assert.equal(signature.text(), "ecdsa-sha2-nistp256");
    const numbers = new WireReader(signature.string());
    for (const number of [numbers.string(), numbers.string()]) {
      assert.ok(number.length <= 33 && number[0] < 0x80 && (number[0] !== 0 || number[1] >= 0x80));
    }
  }
});
