import assert from "node:assert/strict";
import { gcmsiv } from "@noble/ciphers/aes.js";
import { GcmSiv } from "../../src/crypto/aes_gcm_siv.ts";
import { KeyWrap } from "../../src/crypto/aes_key_wrap.ts";
import { concat, fromHex, toHex } from "../../src/lib/bytes.ts";
import { withSeed } from "../kloset/vectors.ts";
import { noise } from "./vectors.ts";

const key = fromHex("0100000000000000000000000000000000000000000000000000000000000000");
const nonce = fromHex("030000000000000000000000");

function seal(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array): Uint8Array {
  const sealed = new Uint8Array(plain.length + 28);
  new GcmSiv(key).seal(nonce, plain, sealed, 0);
  assert.deepEqual(sealed.subarray(0, 12), nonce);
  return sealed.subarray(12);
}

function open(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  const plain = new Uint8Array(Math.max(sealed.length - 16, 0));
  return new GcmSiv(key).open(concat(nonce, sealed), plain) ? plain : undefined;
}

function wrap(kek: Uint8Array, key: Uint8Array): Uint8Array {
  const wrapped = new Uint8Array(40);
  new KeyWrap(kek).wrap(key, wrapped);
  return wrapped;
}

Deno.test("AES-256-GCM-SIV gives the results of RFC 8452, C.2", () => {
  const cases = [
    ["", "07f5f4169bbf55a8400cd47ea6fd400f"],
    ["0100000000000000", "c2ef328e5c71c83b843122130f7364b761e0b97427e3df28"],
    ["010000000000000000000000", "9aab2aeb3faa0a34aea8e2b18ca50da9ae6559e48fd10f6e5c9ca17e"],
    [
      "01000000000000000000000000000000",
      "85a01b63025ba19b7fd3ddfc033b3e76c9eac6fa700942702e90862383c6c366",
    ],
    [
      "0100000000000000000000000000000002000000000000000000000000000000",
      "4a6a9db4c8c6549201b9edb53006cba821ec9cf850948a7c86c68ac7539d027fe819e63abcd020b006a976397632eb5d",
    ],
  ];
  for (const [plain, sealed] of cases) {
    assert.equal(toHex(seal(key, nonce, fromHex(plain))), sealed);
    assert.equal(toHex(open(key, nonce, fromHex(sealed)) ?? nonce), plain);
  }
});

Deno.test("the counter of AES-GCM-SIV wraps within its 32 bits, RFC 8452, C.3", () => {
  const zero = new Uint8Array(32);
  const plain = "000000000000000000000000000000004db923dc793ee6497c76dcc03a98e108";
  const sealed = "f3f80f2cf0cb2dd9c5984fcda908456cc537703b5ba70324a6793a7bf218d3ea" +
    "ffffffff000000000000000000000000";
  assert.equal(toHex(seal(zero, new Uint8Array(12), fromHex(plain))), sealed);
  assert.equal(toHex(open(zero, new Uint8Array(12), fromHex(sealed)) ?? nonce), plain);
});

Deno.test("AES-GCM-SIV refuses a wrong tag and what is too short for one", () => {
  const sealed = seal(key, nonce, fromHex("0102"));
  sealed[0] ^= 1;
  assert.equal(open(key, nonce, sealed), undefined);
  assert.equal(open(key, nonce, sealed.subarray(0, 15)), undefined);
});

Deno.test("AES-256 key wrap gives the result of RFC 3394, 4.6", () => {
  const kek = fromHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  const wrapped = "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21";
  const secret = "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f";
  assert.equal(toHex(wrap(kek, fromHex(secret))), wrapped);
  assert.equal(toHex(new KeyWrap(kek).unwrap(fromHex(wrapped)) ?? kek), secret);
});

Deno.test("key unwrap refuses a key wrapped under another one", () => {
  assert.equal(new KeyWrap(key).unwrap(wrap(new Uint8Array(32), key)), undefined);
});

Deno.test("several keys may be in use at once", () => {
  const keys = [1, 2, 3].map((seed) => noise(32, seed));
  const wraps = keys.map((key) => new KeyWrap(key));
  const ciphers = keys.map((key) => new GcmSiv(key));
  const sealed = keys.map(() => new Uint8Array(40 + 28 + 9000));
  for (let i = 0; i < 3; i++) wraps[i].wrap(keys[2 - i], sealed[i]);
  for (let i = 0; i < 3; i++) ciphers[i].seal(nonce, noise(9000, i), sealed[i], 40);
  for (let i = 2; i >= 0; i--) {
    const plain = new Uint8Array(9000);
    assert.deepEqual(wraps[i].unwrap(sealed[i].subarray(0, 40)), keys[2 - i]);
    assert.ok(ciphers[i].open(sealed[i].subarray(40), plain));
    assert.deepEqual(plain, noise(9000, i));
  }
});

Deno.test("AES-GCM-SIV agrees with another implementation for any length and alignment", () => {
  withSeed((random) => {
    const lengths = [4095, 4096, 4097, 65535, 65536, 65537, 131072, 200_000];
    for (let i = 0; i < 150; i++) lengths.push(random.below(6000));
    for (const length of lengths) {
      const plain = noise(length + 16, length).subarray(random.below(16)).subarray(0, length);
      const [key, nonce] = [random.bytes(32), random.bytes(12)];
      const sealed = gcmsiv(key, nonce).encrypt(plain);
      assert.deepEqual(seal(key, nonce, plain), sealed, `length ${length}`);
      assert.deepEqual(open(key, nonce, sealed), plain.slice(), `length ${length}`);
      sealed[random.below(sealed.length)] ^= 1;
      assert.equal(open(key, nonce, sealed), undefined, `length ${length}`);
    }
  });
});
