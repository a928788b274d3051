import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import {
  createCipheriv,
  createHash,
  createHmac,
  createPublicKey,
  generateKeyPairSync,
  verify,
} from "node:crypto";
import { parsePrivateKey, type PrivateKey, signWith } from "../../../src/ssh/keys/private_key.ts";
import { publicHalfOf } from "../../../src/ssh/keys/public_half.ts";
import { loadSsh2 } from "../../../src/ssh/transport/ssh2.ts";
import { WireReader, WireWriter } from "../../../src/ssh/wire.ts";

const ssh2 = await loadSsh2();

function keyIn(text: string, passphrase?: string): PrivateKey {
  const result = parsePrivateKey(text, passphrase, ssh2);
  assert.ok("key" in result, JSON.stringify(result));
  return result.key;
}

/** A key as PuTTY writes it (version 2 of its format). */
function puttyKey(passphrase: string): { text: string; blob: Uint8Array } {
  const jwk = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" });
  const number = (name: "n" | "e" | "d" | "p" | "q" | "qi") =>
    new Uint8Array(Buffer.from(jwk[name] ?? "", "base64url"));
  const blob = new WireWriter().string("ssh-rsa").mpint(number("e")).mpint(number("n")).bytes();
  let secret = new WireWriter().mpint(number("d")).mpint(number("p")).mpint(number("q")).mpint(number("qi"))
    .bytes();
  const encryption = passphrase === "" ? "none" : "aes256-cbc";
  if (passphrase !== "") secret = new Uint8Array([...secret, ...new Uint8Array(-secret.length & 15)]);
  const sha1 = (...parts: (string | Uint8Array)[]) =>
    parts.reduce((hash, part) => hash.update(part), createHash("sha1")).digest();
  const signed = new WireWriter().string("ssh-rsa").string(encryption).string("test").string(blob).string(
    secret,
  );
  const mac = createHmac("sha1", sha1("putty-private-key-file-mac-key", passphrase)).update(signed.bytes())
    .digest("hex");
  if (passphrase !== "") {
    const key = Buffer.concat([0, 1].map((count) => sha1(Uint8Array.of(0, 0, 0, count), passphrase)))
      .subarray(0, 32);
    const cipher = createCipheriv("aes-256-cbc", key, new Uint8Array(16));
    cipher.setAutoPadding(false);
    secret = new Uint8Array(Buffer.concat([cipher.update(secret), cipher.final()]));
  }
  const lines = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64").match(/.{1,64}/g) ?? [];
  const [open, hidden] = [lines(blob), lines(secret)];
  const text = ["PuTTY-User-Key-File-2: ssh-rsa", `Encryption: ${encryption}`, "Comment: test"]
    .concat([`Public-Lines: ${open.length}`, ...open, `Private-Lines: ${hidden.length}`, ...hidden])
    .concat([`Private-MAC: ${mac}`, ""]).join("\r\n");
  return { text, blob };
}

Deno.test("PuTTY's keys are read, with and without a passphrase, and show their public half", () => {
  for (const passphrase of ["", "otter"]) {
    const { text, blob } = puttyKey(passphrase);
    assert.deepEqual(keyIn(text, passphrase || undefined).blob, blob);
    assert.deepEqual(publicHalfOf(text)?.blob, blob);
  }
  const { text } = puttyKey("otter");
  assert.deepEqual(parsePrivateKey(text, undefined, ssh2), { locked: true });
  assert.deepEqual(parsePrivateKey(text, "wrong", ssh2), { locked: true });
});

Deno.test("a form of PuTTY's keys that is not known says how to convert it", () => {
  const result = parsePrivateKey("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n", undefined, ssh2);
  assert.ok("problem" in result);
  assert.match(result.problem, /puttygen/);
});

Deno.test("DSA keys, public keys and anything else are refused with a reason", () => {
  const problem = (text: string) => {
    const result = parsePrivateKey(text, undefined, ssh2);
    assert.ok("problem" in result);
    return result.problem;
  };
  assert.match(problem("-----BEGIN DSA PRIVATE KEY-----\nAAAA\n-----END DSA PRIVATE KEY-----"), /DSA/);
  assert.match(problem("ssh-ed25519 AAAA test"), /not a private key/);
  assert.match(problem(""), /not a private key/);
  assert.ok(problem("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----"));
  assert.ok(problem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"));
  const x25519 = generateKeyPairSync("x25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  assert.match(problem(x25519), /not used by SSH/);
});

Deno.test("signatures of every type verify", () => {
  const data = new TextEncoder().encode("to be signed");
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
    const key = keyIn(text);
    const signature = new WireReader(signWith(key, algorithm, data));
    assert.equal(signature.text(), algorithm);
    const publicKey = createPublicKey({
      key: { ...key.jwk, d: undefined, p: undefined, q: undefined },
      format: "jwk",
    });
    assert.ok(verify(hash, data, publicKey, signature.string()));
  }
});

Deno.test("an elliptic-curve signature is two numbers without useless zeros, signed as the certificate's key", () => {
  const pem = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({
    type: "pkcs8",
    format: "pem",
  });
  const key = keyIn(pem.toString());
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
