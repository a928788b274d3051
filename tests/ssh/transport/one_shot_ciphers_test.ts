import assert from "node:assert/strict";
import crypto from "node:crypto";
import { withOneShotCiphers } from "../../../src/ssh/transport/one_shot_ciphers.ts";

const key = new Uint8Array(32).fill(7);
const iv = new Uint8Array(16).fill(9);
const data = new Uint8Array(300).fill(1);

Deno.test("what is loaded gets chacha20 ciphers that are finished after one use, and encrypt the same", async () => {
  const make = await withOneShotCiphers(() => Promise.resolve(crypto.createCipheriv));
  const cipher = make("chacha20", key, iv);
  const expected = crypto.createCipheriv("chacha20", key, iv).update(data);
  assert.deepEqual(new Uint8Array(cipher.update(data)), new Uint8Array(expected));
  assert.throws(() => cipher.update(data), "a finished cipher takes nothing more");
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
