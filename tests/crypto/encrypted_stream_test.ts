import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { aeskw, gcmsiv } from "@noble/ciphers/aes.js";
import { EncryptedStream } from "../../src/crypto/encrypted_stream.ts";
import { fromHex, toHex } from "../../src/lib/bytes.ts";
import { isPlakarError } from "../../src/lib/errors.ts";
import { withSeed } from "../kloset/vectors.ts";
import { noise, scripted, vectors } from "./vectors.ts";

const golden = vectors.encryption;
const masterKey = fromHex(golden.master_key);
const random = (n: number): Uint8Array => new Uint8Array(randomBytes(n));

function stream(source = random, segmentSize = 65536, subkeyAlgorithm = "AES256-KW"): EncryptedStream {
  return new EncryptedStream(masterKey, { subkeyAlgorithm, segmentSize, random: source });
}

/** The plaintext, by another implementation. */
function decryptWithNoble(encoded: Uint8Array, segmentSize: number): Uint8Array {
  const subkey = aeskw(masterKey).decrypt(encoded.subarray(0, 40));
  const out: number[] = [];
  for (let at = 40; at < encoded.length; at += segmentSize + 28) {
    const segment = encoded.subarray(at, at + segmentSize + 28);
    for (const byte of gcmsiv(subkey, segment.subarray(0, 12)).decrypt(segment.subarray(12))) out.push(byte);
  }
  return Uint8Array.from(out);
}

const corrupt = (error: unknown) => isPlakarError(error, "corrupt");

Deno.test("streams are plakar's, byte for byte, for the same subkey and nonces", () => {
  const canary = stream(scripted(golden.subkey, golden.nonce)).encrypt(fromHex(golden.canary_plain));
  assert.equal(toHex(canary), golden.canary);
  assert.equal(
    toHex(stream(scripted(golden.subkey)).encrypt(new Uint8Array(0))),
    golden.empty_plaintext_encrypted,
  );
  const plain = Uint8Array.from({ length: 65546 }, (_, i) => i % 251);
  const two = stream(scripted(golden.subkey, ...golden.two_segments.nonces)).encrypt(plain);
  assert.equal(two.length, golden.two_segments.length);
  assert.equal(createHash("sha256").update(two).digest("hex"), golden.two_segments.sha256);
});

Deno.test("plakar's streams are decrypted", () => {
  assert.equal(toHex(stream().decrypt(fromHex(golden.canary), 32)), golden.canary_plain);
  assert.equal(stream().decrypt(fromHex(golden.empty_plaintext_encrypted), 0).length, 0);
});

Deno.test("what is encrypted is decrypted again, here and by another implementation", () => {
  withSeed((numbers) => {
    const sizes = [1, 15, 16, 17, 255, 256, 257, 1000, 1024, 4096, 65536];
    for (let round = 0; round < 120; round++) {
      const segmentSize = numbers.pick(...sizes);
      const near = segmentSize * numbers.below(4) + numbers.below(5) - 2;
      const length = segmentSize > 100 && numbers.bool() ? Math.max(near, 0) : numbers.below(5000);
      if (length / segmentSize > 300) continue;
      const plain = noise(length + 8, round).subarray(numbers.below(8)).subarray(0, length);
      const encoded = stream(random, segmentSize).encrypt(plain);
      assert.equal(encoded.length, 40 + length + 28 * Math.ceil(length / segmentSize));
      assert.deepEqual(
        decryptWithNoble(encoded, segmentSize),
        plain.slice(),
        `length ${length} by ${segmentSize}`,
      );
      assert.deepEqual(stream(random, segmentSize).decrypt(encoded, length), plain.slice());
    }
  });
});

Deno.test("a big stream is encrypted and decrypted", () => {
  const plain = noise(3_000_001);
  const encoded = stream().encrypt(plain);
  assert.deepEqual(stream().decrypt(encoded, plain.length), plain);
  assert.deepEqual(decryptWithNoble(encoded, 65536), plain);
});

Deno.test("a subkey can be wrapped with AES-256-GCM", () => {
  const plain = noise(100);
  const encoded = stream(random, 64, "AES256-GCM").encrypt(plain);
  assert.equal(encoded.length, 60 + 100 + 2 * 28);
  assert.deepEqual(stream(random, 64, "AES256-GCM").decrypt(encoded, 100), plain);
  encoded[20] ^= 1;
  assert.throws(() => stream(random, 64, "AES256-GCM").decrypt(encoded, 100), corrupt);
});

Deno.test("any changed byte is found", () => {
  for (const length of [100, 5000]) {
    const encoded = stream(random, 4096).encrypt(noise(length));
    for (let at = 0; at < encoded.length; at += length > 1000 ? 61 : 1) {
      const damaged = encoded.slice();
      damaged[at] ^= 1 << (at % 8);
      assert.throws(() => stream(random, 4096).decrypt(damaged, length), corrupt, `byte ${at}`);
    }
  }
});

Deno.test("a stream cut off anywhere but between segments is refused", () => {
  const encoded = stream(random, 50).encrypt(noise(120));
  const whole = new Set([40, 40 + 78, 40 + 2 * 78, encoded.length]);
  for (let length = 0; length < encoded.length; length++) {
    if (whole.has(length)) continue;
    assert.throws(() => stream(random, 50).decrypt(encoded.slice(0, length), 120), corrupt, `at ${length}`);
  }
});

Deno.test("a stream longer than expected is refused", () => {
  const encoded = stream().encrypt(noise(101));
  assert.throws(() => stream().decrypt(encoded, 100), corrupt);
});

Deno.test("another master key is told by the wrapped subkey", () => {
  const other = new EncryptedStream(noise(32), { subkeyAlgorithm: "AES256-KW", segmentSize: 65536, random });
  assert.throws(() => other.decrypt(fromHex(golden.canary), 32), corrupt);
});

Deno.test("every stream has a subkey and nonces of its own", () => {
  const cipher = stream();
  const seen = new Set<string>();
  for (let i = 0; i < 200; i++) {
    const encoded = cipher.encrypt(Uint8Array.of(1));
    seen.add(toHex(encoded.subarray(0, 40))).add(toHex(encoded.subarray(40, 52)));
  }
  assert.equal(seen.size, 400);
});

Deno.test("unknown algorithms and impossible segments are refused", () => {
  assert.throws(() => stream(random, 64, "RSA"), (error) => isPlakarError(error, "unsupported"));
  for (const size of [0, -1, 1.5, NaN]) {
    assert.throws(() => stream(random, size), (error) => isPlakarError(error, "unsupported"));
  }
});
