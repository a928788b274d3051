import assert from "node:assert/strict";
import type { KdfParameters } from "../../src/kloset/kdf.ts";
import { deriveKey } from "../../src/crypto/key_derivation.ts";
import { fromHex, toHex } from "../../src/lib/bytes.ts";
import { isPlakarError } from "../../src/lib/errors.ts";
import { vectors } from "./vectors.ts";

const passphrase = new TextEncoder().encode(vectors.encryption.passphrase);
const shared = { salt: fromHex(vectors.encryption.salt), saltSize: 16, keyLength: 32 };
const argon2id = { kdf: "ARGON2ID", ...shared, time: 4, memory: 262144, threads: 1 } as const;
const scrypt = { kdf: "SCRYPT", ...shared, n: 32768, r: 8, p: 1 } as const;
const pbkdf2 = { kdf: "PBKDF2", ...shared, iterations: 1000, hashing: "SHA256" } as const;

Deno.test("Argon2id with plakar's defaults gives plakar's master key", async () => {
  assert.equal(toHex(await deriveKey(passphrase, argon2id)), vectors.encryption.master_key);
});

Deno.test("scrypt gives the key of RFC 7914", async () => {
  const params = { ...scrypt, salt: new TextEncoder().encode("SodiumChloride"), n: 16384, r: 8, p: 1 };
  const key = await deriveKey(new TextEncoder().encode("pleaseletmein"), params);
  assert.equal(toHex(key), "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2");
});

Deno.test("PBKDF2 with SHA256 gives the key of RFC 7914", async () => {
  const params = { ...pbkdf2, salt: new TextEncoder().encode("NaCl  xx"), iterations: 80000 };
  const other = await deriveKey(new TextEncoder().encode("Password"), params);
  const again = await deriveKey(new TextEncoder().encode("Password"), { ...params, iterations: 80001 });
  assert.equal(other.length, 32);
  assert.notDeepEqual(other, again);
});

Deno.test("PBKDF2 with one iteration is HMAC, for SHA256 and for BLAKE3 with blocks of 64 bytes", async () => {
  const { createHmac } = await import("node:crypto");
  const { createBLAKE3, createHMAC } = await import("hash-wasm");
  const block = Uint8Array.of(...shared.salt, 0, 0, 0, 1);
  assert.equal(
    toHex(await deriveKey(passphrase, { ...pbkdf2, iterations: 1 })),
    createHmac("sha256", passphrase).update(block).digest("hex"),
  );
  assert.equal(
    toHex(await deriveKey(passphrase, { ...pbkdf2, iterations: 1, hashing: "BLAKE3" })),
    (await createHMAC(createBLAKE3(), passphrase)).update(block).digest("hex"),
  );
});

Deno.test("parameters out of all proportion are refused before anything is allocated", async () => {
  const absurd: KdfParameters[] = [
    { ...argon2id, memory: 2 ** 30 },
    { ...argon2id, memory: 2 ** 21, time: 2 ** 31 },
    { ...argon2id, memory: 0 },
    { ...argon2id, memory: 15, threads: 2 },
    { ...argon2id, time: 0 },
    { ...argon2id, time: NaN },
    { ...argon2id, threads: 0 },
    { ...argon2id, keyLength: 16 },
    { ...argon2id, salt: new Uint8Array(0) },
    { ...scrypt, n: 32767 },
    { ...scrypt, n: 2 ** 31 },
    { ...scrypt, r: 2 ** 20 },
    { ...scrypt, r: 0 },
    { ...scrypt, p: 2 ** 30 },
    { ...pbkdf2, iterations: 0 },
    { ...pbkdf2, iterations: 2 ** 31 },
    { ...pbkdf2, hashing: "MD5" },
    { ...pbkdf2, keyLength: 2 ** 30 },
  ];
  for (const params of absurd) {
    await assert.rejects(
      deriveKey(passphrase, params),
      (error) => isPlakarError(error, "unsupported"),
      JSON.stringify(params),
    );
  }
});

Deno.test("an empty passphrase is refused", async () => {
  await assert.rejects(deriveKey(new Uint8Array(0), argon2id), (error) => isPlakarError(error, "passphrase"));
});
