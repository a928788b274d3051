import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { createBLAKE3 } from "hash-wasm";
import { createHash as createStream, createMac, hash } from "../../src/crypto/mac.ts";
import { fromHex, toHex } from "../../src/lib/bytes.ts";
import { isPlakarError } from "../../src/lib/errors.ts";
import { Random, withSeed } from "../kloset/vectors.ts";
import { noise, vectors } from "./vectors.ts";

const hello = new TextEncoder().encode("hello");
const uuid = fromHex("00112233445566778899aabbccddeeff");

Deno.test("keys and MACs of a plaintext repository are plakar's", () => {
  const blake = hash("BLAKE3", uuid);
  const sha = hash("SHA256", uuid);
  assert.equal(toHex(blake), vectors.plain_mac_key_blake3);
  assert.equal(toHex(sha), vectors.plain_mac_key_sha256);
  assert.equal(toHex(createMac("BLAKE3", blake).mac(hello)), vectors.plain_mac_hello_blake3);
  assert.equal(toHex(createMac("BLAKE3", blake).mac(new Uint8Array(0))), vectors.plain_mac_empty_blake3);
  assert.equal(toHex(createMac("SHA256", sha).mac(hello)), vectors.plain_mac_hello_sha256);
});

Deno.test("the MAC of an encrypted repository is keyed by the master key", () => {
  const mac = createMac("BLAKE3", fromHex(vectors.encryption.master_key));
  assert.equal(toHex(mac.mac(hello)), vectors.encrypted_mac_hello_blake3);
});

/** Lengths at which the tree of BLAKE3 changes its shape, and any others. */
function lengths(random: Random): number[] {
  const borders = [
    0,
    1,
    63,
    64,
    65,
    1023,
    1024,
    1025,
    2048,
    2049,
    3072,
    4096,
    5120,
    8192,
    16384,
    31744,
    65536,
  ];
  return [...borders, 102400, 1 << 20, ...Array.from({ length: 60 }, () => random.below(5000))];
}

Deno.test("BLAKE3 agrees with hash-wasm for any length and alignment, plain and keyed", async () => {
  const key = noise(32, 7);
  const [plain, keyed] = [await createBLAKE3(256), await createBLAKE3(256, key)];
  withSeed((random) => {
    const mac = createMac("BLAKE3", key);
    for (const length of lengths(random)) {
      const data = noise(length + 16, length).subarray(random.below(16)).subarray(0, length);
      assert.equal(toHex(hash("BLAKE3", data)), plain.init().update(data).digest(), `length ${length}`);
      assert.equal(toHex(mac.mac(data)), keyed.init().update(data).digest(), `keyed, length ${length}`);
    }
  });
});

Deno.test("SHA256 is HMAC-SHA256 when keyed and SHA-256 when not", () => {
  const key = noise(32, 7);
  const data = noise(3000);
  assert.equal(
    toHex(createMac("SHA256", key).mac(data)),
    createHmac("sha256", key).update(data).digest("hex"),
  );
  assert.equal(toHex(hash("SHA256", data)), createHash("sha256").update(data).digest("hex"));
});

Deno.test("a stream gives the same as one call, however the bytes are cut", () => {
  withSeed((random) => {
    for (const name of ["BLAKE3", "SHA256"] as const) {
      const mac = createMac(name, noise(32, 3));
      const stream = mac.stream();
      for (const length of lengths(random)) {
        const data = noise(length, length + 1);
        stream.reset();
        for (let at = 0; at < length;) {
          const take = random.bool() ? random.below(200) : random.below(20_000);
          stream.update(data.subarray(at, at + take));
          at += take;
        }
        assert.deepEqual(stream.digest(), mac.mac(data), `${name}, length ${length}`);
      }
    }
  });
});

Deno.test("streams of one MAC do not disturb one another", () => {
  for (const name of ["BLAKE3", "SHA256"] as const) {
    const mac = createMac(name, noise(32, 3));
    const data = noise(100_000);
    const streams = [mac.stream(), mac.stream(), createStream(name)];
    for (let at = 0; at < data.length; at += 7000) {
      for (const stream of streams) stream.update(data.subarray(at, at + 7000));
      mac.mac(data.subarray(at));
      hash(name, data.subarray(at));
    }
    assert.deepEqual(streams[0].digest(), mac.mac(data));
    assert.deepEqual(streams[1].digest(), mac.mac(data));
    assert.deepEqual(streams[2].digest(), hash(name, data));
  }
});

Deno.test("a digest starts its stream again, with the same key", () => {
  for (const name of ["BLAKE3", "SHA256"] as const) {
    const mac = createMac(name, noise(32, 3));
    const stream = mac.stream();
    for (const data of [noise(5000), noise(0), noise(70_000)]) {
      stream.update(data);
      assert.deepEqual(stream.digest(), mac.mac(data));
    }
  }
});

Deno.test("a MAC is an array of its own", () => {
  const mac = createMac("BLAKE3", noise(32));
  const first = mac.mac(hello);
  const copy = first.slice();
  mac.mac(uuid);
  assert.deepEqual(first, copy);
  assert.equal(first.buffer.byteLength, 32);
});

Deno.test("unknown hashes and keys of another length are refused", () => {
  assert.throws(() => createMac("MD5" as "BLAKE3", noise(32)), (e) => isPlakarError(e, "unsupported"));
  assert.throws(() => createMac("BLAKE3", noise(31)), (e) => isPlakarError(e, "unsupported"));
});
