import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import type { PublicKey } from "../../../src/ssh/keys/public_key.ts";
import { isSignedBy } from "../../../src/ssh/keys/verify_signature.ts";
import { WireReader, WireWriter } from "../../../src/ssh/wire.ts";

const DATA = new TextEncoder().encode("to be signed");

function sha256(data: Uint8Array | string): Uint8Array {
  return new Uint8Array(createHash("sha256").update(data).digest());
}

function bytesOf(text: string | undefined): Uint8Array {
  return new Uint8Array(Buffer.from(text ?? "", "base64url"));
}

/** A key of a hardware token and a signature of it over the data (PROTOCOL.u2f). */
function token(kind: "ed25519" | "ecdsa"): { key: PublicKey; signature: Uint8Array } {
  const [flags, counter] = [Uint8Array.of(1), Uint8Array.of(0, 0, 0, 7)];
  const message = Buffer.concat([sha256("ssh:"), flags, counter, sha256(DATA)]);
  if (kind === "ed25519") {
    const type = "sk-ssh-ed25519@openssh.com";
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const point = bytesOf(publicKey.export({ format: "jwk" }).x);
    const blob = new WireWriter().string(type).string(point).string("ssh:").bytes();
    const value = new Uint8Array(sign(null, message, privateKey));
    const signature = new WireWriter().string(type).string(value).raw(flags).raw(counter).bytes();
    return { key: { type, blob }, signature };
  }
  const type = "sk-ecdsa-sha2-nistp256@openssh.com";
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x, y } = publicKey.export({ format: "jwk" });
  const point = new WireWriter().byte(4).raw(bytesOf(x)).raw(bytesOf(y)).bytes();
  const blob = new WireWriter().string(type).string("nistp256").string(point).string("ssh:").bytes();
  const raw = new Uint8Array(sign("sha256", message, { key: privateKey, dsaEncoding: "ieee-p1363" }));
  const numbers = new WireWriter().mpint(raw.subarray(0, 32)).mpint(raw.subarray(32)).bytes();
  const signature = new WireWriter().string(type).string(numbers).raw(flags).raw(counter).bytes();
  return { key: { type, blob }, signature };
}

Deno.test("a token's signature is one over its application, flags and counter, too", () => {
  for (const kind of ["ed25519", "ecdsa"] as const) {
    const { key, signature } = token(kind);
    assert.ok(isSignedBy(key, signature, DATA));
    assert.equal(isSignedBy(token(kind).key, signature, DATA), false);
    assert.equal(isSignedBy(key, signature, DATA.subarray(1)), false);
    // The counter is its last byte.
    assert.equal(isSignedBy(key, signature.with(signature.length - 1, 8), DATA), false);
  }
});

Deno.test("a signature of another algorithm than the key's, or cut short, is none", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const blob = new WireWriter().string("ssh-ed25519").string(bytesOf(publicKey.export({ format: "jwk" }).x))
    .bytes();
  const key = { type: "ssh-ed25519", blob };
  const value = new Uint8Array(sign(null, DATA, privateKey));
  const signature = new WireWriter().string("ssh-ed25519").string(value).bytes();
  assert.ok(isSignedBy(key, signature, DATA));
  assert.equal(new WireReader(signature).text(), "ssh-ed25519");
  assert.equal(isSignedBy(key, new WireWriter().string("rsa-sha2-256").string(value).bytes(), DATA), false);
  for (let length = 0; length < signature.length; length += 9) {
    assert.equal(isSignedBy(key, signature.subarray(0, length), DATA), false);
  }
});
