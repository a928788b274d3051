import assert from "node:assert/strict";
import crypto from "node:crypto";
import { withOneShotCiphers } from "../../../src/ssh/transport/one_shot_ciphers.ts";

const key = new Uint8Array(32).fill(7);
const iv = new Uint8Array(16).fill(9);
const data = new Uint8Array(300).fill(1);

Deno.test("what is loaded gets chacha20 ciphers of one use that encrypt the same", async () => {
  const makers = await withOneShotCiphers(() =>
    Promise.resolve([crypto.createCipheriv, crypto.createDecipheriv])
  );
  for (const make of makers) {
    assert.ok(make !== crypto.createCipheriv && make !== crypto.createDecipheriv);
    for (const length of [4, 32, 300, 32_000]) {
      const expected = crypto.createCipheriv("chacha20", key, iv).update(new Uint8Array(length));
      const found = make("chacha20", key, iv).update(new Uint8Array(length));
      assert.deepEqual(new Uint8Array(found), new Uint8Array(expected));
    }
  }
});

Deno.test("other ciphers go on as they were, and afterwards everything is as before", async () => {
  const { createCipheriv, createDecipheriv } = crypto;
  const make = await withOneShotCiphers(() => Promise.resolve(crypto.createCipheriv));
  const cipher = make("aes-128-ctr", key.subarray(16), iv);
  cipher.update(data);
  cipher.update(data);
  assert.equal(crypto.createCipheriv, createCipheriv);
  assert.equal(crypto.createDecipheriv, createDecipheriv);
});
