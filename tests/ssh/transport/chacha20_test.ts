import assert from "node:assert/strict";
import { createCipheriv } from "node:crypto";
import { randomBytes } from "../../../src/crypto/random.ts";
import { fromHex, toHex } from "../../../src/lib/bytes.ts";
import { chacha20 } from "../../../src/ssh/transport/chacha20.ts";

Deno.test("ChaCha20 encrypts the example of RFC 8439", () => {
  const key = Uint8Array.from({ length: 32 }, (_, i) => i);
  const nonce = fromHex("01000000000000000000004a00000000");
  const text =
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, " +
    "sunscreen would be it.";
  const sealed = chacha20(key, nonce, new TextEncoder().encode(text));
  assert.equal(toHex(sealed.slice(0, 16)), "6e2e359a2568f98041ba0728dd0d6981");
  assert.equal(new TextDecoder().decode(chacha20(key, nonce, sealed)), text);
});

Deno.test("ChaCha20 is that of node:crypto for every length and counter", () => {
  for (const counter of ["00000000", "01000000", "ff000000", "ffffff7f"]) {
    for (let length = 0; length < 300; length++) {
      const [key, data] = [randomBytes(32), randomBytes(length)];
      const nonce = randomBytes(16);
      nonce.set(fromHex(counter));
      const expected = new Uint8Array(createCipheriv("chacha20", key, nonce).update(data));
      assert.deepEqual(
        new Uint8Array(chacha20(key, nonce, data)),
        expected,
        `${length} bytes from ${counter}`,
      );
    }
  }
});
