import assert from "node:assert/strict";
import type { Configuration } from "../../src/kloset/configuration.ts";
import {
  decodeConfiguration,
  defaultConfiguration,
  encodeConfiguration,
} from "../../src/kloset/configuration.ts";
import type { KdfParameters } from "../../src/kloset/kdf.ts";
import { fromHex } from "../../src/lib/bytes.ts";
import { isPlakarError } from "../../src/lib/errors.ts";
import { MsgpackWriter } from "../../src/kloset/msgpack_writer.ts";
import {
  assertBytes,
  assertHostileRefused,
  assertSturdy,
  assertTruncationRefused,
  repository,
} from "./vectors.ts";

const CHOICES = {
  timestamp: 1_767_225_600_123_456_789n,
  repositoryId: fromHex("00112233445566778899aabbccddeeff"),
  hashing: "BLAKE3",
  compression: "LZ4",
  encryption: undefined,
} as const;

const ARGON2ID: KdfParameters = {
  kdf: "ARGON2ID",
  salt: fromHex("000102030405060708090a0b0c0d0e0f"),
  saltSize: 16,
  time: 4,
  memory: 262144,
  threads: 1,
  keyLength: 32,
};

function encrypted(kdf: KdfParameters, canary: Uint8Array = Uint8Array.of(1)): Configuration {
  return defaultConfiguration({
    ...CHOICES,
    encryption: {
      subKeyAlgorithm: "AES256-KW",
      dataAlgorithm: "AES256-GCM-SIV",
      chunkSize: 65536,
      kdf,
      canary,
    },
  });
}

Deno.test("a default configuration has the bytes that Go writes", () => {
  assertBytes(encodeConfiguration(defaultConfiguration(CHOICES)), repository.config_plain_msgpack);
  assertBytes(
    encodeConfiguration(defaultConfiguration({ ...CHOICES, compression: undefined })),
    repository.config_nocompression_msgpack,
  );
});

Deno.test("an encrypted configuration has the bytes that Go writes", () => {
  const canary = decodeConfiguration(fromHex(repository.config_encrypted_msgpack)).encryption?.canary;
  assert.equal(canary?.length, 100);
  assertBytes(encodeConfiguration(encrypted(ARGON2ID, canary)), repository.config_encrypted_msgpack);
});

Deno.test("Go's configurations decode to what encodes to the same bytes", () => {
  for (
    const key of ["config_plain_msgpack", "config_nocompression_msgpack", "config_encrypted_msgpack"] as const
  ) {
    assertBytes(encodeConfiguration(decodeConfiguration(fromHex(repository[key]))), repository[key]);
  }
});

Deno.test("configurations with any key derivation survive", () => {
  const salt = Uint8Array.of(1, 2, 3);
  const others: KdfParameters[] = [
    { kdf: "SCRYPT", salt, saltSize: 16, n: 32768, r: 8, p: 1, keyLength: 32 },
    { kdf: "PBKDF2", salt, saltSize: 16, iterations: 100_000, keyLength: 32, hashing: "SHA256" },
  ];
  for (const kdf of [ARGON2ID, ...others]) {
    assert.deepEqual(decodeConfiguration(encodeConfiguration(encrypted(kdf))), encrypted(kdf));
  }
});

Deno.test("an unlimited packfile survives", () => {
  const configuration = defaultConfiguration({ ...CHOICES, compression: "GZIP" });
  configuration.packfile.maxSize = 2n ** 64n - 1n;
  assert.deepEqual(decodeConfiguration(encodeConfiguration(configuration)), configuration);
});

Deno.test("an unknown key derivation is unsupported, one without parameters corrupt", () => {
  const configurationWith = (kdf: string) => {
    const writer = new MsgpackWriter();
    writer.mapHeader(1);
    writer.key("Encryption");
    writer.mapHeader(1);
    writer.key("KDFParams");
    writer.mapHeader(1);
    writer.key("KDF");
    writer.text(kdf);
    return writer.take();
  };
  assert.throws(
    () => decodeConfiguration(configurationWith("BCRYPT")),
    (error) => isPlakarError(error, "unsupported") && error.message.includes('"BCRYPT"'),
  );
  assert.throws(
    () => decodeConfiguration(configurationWith("SCRYPT")),
    (error) => isPlakarError(error, "corrupt"),
  );
});

Deno.test("an encrypted configuration without a key derivation is corrupt", () => {
  assert.throws(
    () => decodeConfiguration(fromHex("81aa456e6372797074696f6e80")),
    (error) => isPlakarError(error, "corrupt"),
  );
});

Deno.test("damage to a configuration is an error that says so", () => {
  const bytes = encodeConfiguration(encrypted(ARGON2ID));
  assertTruncationRefused(bytes, decodeConfiguration);
  assertSturdy(bytes, decodeConfiguration);
  assertHostileRefused(decodeConfiguration);
});
