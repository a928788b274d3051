import assert from "node:assert/strict";
import { openGcmSiv, sealGcmSiv } from "../../src/crypto/aes_gcm_siv.ts";
import { unwrapKey, wrapKey } from "../../src/crypto/aes_key_wrap.ts";
import { fromHex, toHex } from "../../src/lib/bytes.ts";

const key = fromHex("0100000000000000000000000000000000000000000000000000000000000000");
const nonce = fromHex("030000000000000000000000");

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
    assert.equal(toHex(sealGcmSiv(key, nonce, fromHex(plain))), sealed);
    assert.equal(toHex(openGcmSiv(key, nonce, fromHex(sealed)) ?? nonce), plain);
  }
});

Deno.test("the counter of AES-GCM-SIV wraps within its 32 bits, RFC 8452, C.3", () => {
  const zero = new Uint8Array(32);
  const plain = "000000000000000000000000000000004db923dc793ee6497c76dcc03a98e108";
  const sealed = "f3f80f2cf0cb2dd9c5984fcda908456cc537703b5ba70324a6793a7bf218d3ea" +
    "ffffffff000000000000000000000000";
  assert.equal(toHex(sealGcmSiv(zero, new Uint8Array(12), fromHex(plain))), sealed);
  assert.equal(toHex(openGcmSiv(zero, new Uint8Array(12), fromHex(sealed)) ?? nonce), plain);
});

Deno.test("AES-GCM-SIV refuses a wrong tag and what is too short for one", () => {
  const sealed = sealGcmSiv(key, nonce, fromHex("0102"));
  sealed[0] ^= 1;
  assert.equal(openGcmSiv(key, nonce, sealed), undefined);
  assert.equal(openGcmSiv(key, nonce, sealed.subarray(0, 15)), undefined);
});

Deno.test("AES-256 key wrap gives the result of RFC 3394, 4.6", () => {
  const kek = fromHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
  const wrapped = "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21";
  const secret = "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f";
  assert.equal(toHex(wrapKey(kek, fromHex(secret))), wrapped);
  assert.equal(toHex(unwrapKey(kek, fromHex(wrapped)) ?? kek), secret);
});

Deno.test("key unwrap refuses a key wrapped under another one", () => {
  assert.equal(unwrapKey(key, wrapKey(new Uint8Array(32), key)), undefined);
});
