import assert from "node:assert/strict";
import { createMac, hash } from "../../src/crypto/mac.ts";
import { decodeConfiguration } from "../../src/kloset/configuration.ts";
import { ResourceType } from "../../src/kloset/resource.ts";
import { splitWrapper, wrap } from "../../src/kloset/wrapper.ts";
import { concat, toHex } from "../../src/lib/bytes.ts";
import { isPlakarError } from "../../src/lib/errors.ts";
import { createRepository, openRepository } from "../../src/repository/repository.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import { FakeSource } from "../support/fake_source.ts";
import { MemoryStorage } from "../support/memory_storage.ts";
import { makeBackup, NOW, snapshotOf, treeOf } from "../support/snapshots.ts";
import { createTestRepository, newTestRepository, TEST_PASSPHRASE } from "../support/test_repository.ts";

const text = (value: string) => new TextEncoder().encode(value);

for (const hashing of ["BLAKE3", "SHA256"] as const) {
  for (const compression of ["LZ4", "GZIP", undefined] as const) {
    Deno.test(`a plaintext repository with ${hashing} and ${compression ?? "no compression"} is created and opened`, async () => {
      const storage = new MemoryStorage();
      await createRepository(storage, { hashing, compression, now: NOW });
      const locked = await openRepository(storage);
      assert.equal(locked.isEncrypted, false);
      assert.equal(locked.configuration.hashing.algorithm, hashing);
      assert.equal(locked.configuration.compression?.algorithm, compression);
      assert.equal(locked.configuration.timestamp, NOW);
      const repository = await locked.unlock();
      assert.deepEqual(repository.state.snapshots, []);
      assert.equal(repository.masterKey, undefined);
      const source = new FakeSource("/r").file("f", "content");
      const snapshot = await snapshotOf(repository, await makeBackup(repository, source));
      assert.ok((await treeOf(snapshot)).get("/r/f")?.endsWith(" content"));
    });

    Deno.test(`an encrypted repository with ${hashing} and ${compression ?? "no compression"} shows nothing`, async () => {
      const storage = new MemoryStorage();
      const repository = await newTestRepository(storage, { hashing, compression, encrypted: true });
      const secret = "a secret that compresses: " + "xy".repeat(100);
      const source = new FakeSource("/r").file("secret name", secret);
      const snapshot = await snapshotOf(repository, await makeBackup(repository, source));
      assert.ok((await treeOf(snapshot)).get("/r/secret name")?.endsWith(secret));
      for (const files of Object.values(storage.files)) {
        for (const bytes of files.values()) {
          const shown = new TextDecoder("latin1").decode(bytes);
          assert.ok(!shown.includes("secret"));
          assert.ok(!shown.includes("xyxy"));
        }
      }
    });
  }
}

Deno.test("a repository is encrypted as plakar does it, and opens with its passphrase", async () => {
  const storage = new MemoryStorage();
  await createRepository(storage, {
    hashing: "BLAKE3",
    compression: "LZ4",
    passphrase: text("right"),
    now: NOW,
  });
  const locked = await openRepository(storage);
  assert.equal(locked.isEncrypted, true);
  const kdf = locked.configuration.encryption?.kdf;
  assert.deepEqual(kdf, {
    kdf: "ARGON2ID",
    salt: kdf?.salt,
    saltSize: 16,
    time: 4,
    memory: 262_144,
    threads: 1,
    keyLength: 32,
  });
  const repository = await locked.unlock(text("right"));
  assert.deepEqual(repository.state.snapshots, []);
});

Deno.test("a wrong or missing passphrase is neither damage nor a crash", async () => {
  const storage = new MemoryStorage();
  await createTestRepository(storage, { encrypted: true });
  const locked = await openRepository(storage);
  await assert.rejects(locked.unlock(text("wrong")), { code: "passphrase", message: /passphrase is wrong/ });
  await assert.rejects(locked.unlock(text("")), { code: "passphrase" });
  await assert.rejects(locked.unlock(), { code: "passphrase", message: /needs a passphrase/ });
  await locked.unlock(TEST_PASSPHRASE);
});

Deno.test("every repository has an id, a salt and a key of its own", async () => {
  const one = await newTestRepository(new MemoryStorage(), { encrypted: true });
  const other = await newTestRepository(new MemoryStorage(), { encrypted: true });
  assert.notEqual(toHex(one.masterKey ?? text("")), toHex(other.masterKey ?? text("")));
  const ids = await Promise.all([1, 2].map(async () => {
    const storage = new MemoryStorage();
    await createRepository(storage, { hashing: "BLAKE3", now: NOW });
    return (await openRepository(storage)).configuration.repositoryId;
  }));
  assert.notEqual(toHex(ids[0]), toHex(ids[1]));
  for (const id of ids) assert.match(toHex(id), /^.{12}4.{3}[89ab]/, "a UUID of version 4");
});

Deno.test("a store that has a CONFIG is not created again", async () => {
  const storage = new MemoryStorage();
  await createTestRepository(storage);
  const before = storage.config;
  await assert.rejects(createRepository(storage, { hashing: "BLAKE3", now: NOW }), { code: "exists" });
  assert.equal(storage.config, before);
});

Deno.test("where nothing is, no repository is opened", async () => {
  await assert.rejects(openRepository(new MemoryStorage()), { code: "no-store" });
});

Deno.test("garbage in place of CONFIG is told from a newer version", async () => {
  const storage = new MemoryStorage();
  for (
    const garbage of [text(""), text("hello"), randomBytes(48), randomBytes(300), text("x".repeat(1000))]
  ) {
    storage.config = garbage;
    await assert.rejects(openRepository(storage), { code: "corrupt" });
  }
});

Deno.test("a version that is not known is refused by its number, before anything else is read", async () => {
  const storage = new MemoryStorage();
  for (
    const [version, name, hint] of [[0x20000, "2.0.0", /newer/], [0x10001, "1.0.1", /newer/], [
      0x900,
      "0.9.0",
      /wrote/,
    ]] as const
  ) {
    storage.config = wrap(ResourceType.config, randomBytes(50), (data) => hash("BLAKE3", data), version);
    await assert.rejects(openRepository(storage), (error) => {
      assert.ok(isPlakarError(error, "version"));
      assert.ok(error.message.includes(`is ${name}, this program knows 1.0.0`));
      assert.match(error.hint ?? "", hint);
      return true;
    });
  }
});

Deno.test("a CONFIG that was cut off anywhere is not opened", async () => {
  for (const encrypted of [false, true]) {
    const storage = new MemoryStorage();
    await createTestRepository(storage, { encrypted, compression: "LZ4" });
    const whole = storage.config ?? text("");
    for (let length = 0; length < whole.length; length++) {
      storage.config = whole.slice(0, length);
      await assert.rejects(
        openRepository(storage).then((locked) => locked.unlock(TEST_PASSPHRASE)),
        (error) => {
          assert.ok(isPlakarError(error, "corrupt", "passphrase", "unsupported"), `${length}: ${error}`);
          return true;
        },
      );
    }
    storage.config = concat(whole, text("x"));
    await assert.rejects(openRepository(storage).then((locked) => locked.unlock(TEST_PASSPHRASE)));
  }
});

Deno.test("a CONFIG with any byte flipped is not opened", async () => {
  for (const encrypted of [false, true]) {
    const storage = new MemoryStorage();
    await createTestRepository(storage, { encrypted, compression: "GZIP", hashing: "SHA256" });
    const whole = storage.config ?? text("");
    for (let at = 0; at < whole.length; at++) {
      const damaged = whole.slice();
      damaged[at] ^= 1 << at % 8;
      storage.config = damaged;
      if (encrypted && costs(damaged) > 4096) continue;
      await assert.rejects(
        openRepository(storage).then((locked) => locked.unlock(TEST_PASSPHRASE)),
        (error) => {
          assert.ok(
            isPlakarError(error, "corrupt", "passphrase", "unsupported", "version"),
            `${at}: ${error}`,
          );
          return true;
        },
      );
    }
  }
});

/** How much memory and time a damaged CONFIG asks for; refusing too much is another test. */
function costs(config: Uint8Array): number {
  try {
    const kdf = decodeConfiguration(splitWrapper(config, ResourceType.config).payload).encryption?.kdf;
    return kdf?.kdf === "ARGON2ID" ? kdf.memory * kdf.time : 0;
  } catch {
    return 0;
  }
}

Deno.test("a CONFIG that asks for more memory than a machine has is refused at once", async () => {
  const storage = new MemoryStorage();
  await createTestRepository(storage, { encrypted: true });
  const locked = await openRepository(storage);
  const { encryption } = locked.configuration;
  assert.ok(encryption?.kdf.kdf === "ARGON2ID");
  encryption.kdf.memory = 2 ** 30;
  await assert.rejects(locked.unlock(TEST_PASSPHRASE), { code: "unsupported", message: /memory/ });
});

Deno.test("the CONFIG of another repository does not open this one's states", async () => {
  const storage = new MemoryStorage();
  const repository = await newTestRepository(storage);
  await makeBackup(repository, new FakeSource("/r").file("f", "x"));
  const other = new MemoryStorage();
  await createTestRepository(other);
  storage.config = other.config;
  const locked = await openRepository(storage);
  await assert.rejects(locked.unlock(), { code: "corrupt", message: /^Cannot read state "/ });
});

Deno.test("a repository that is not encrypted has MACs that depend on its id", async () => {
  const { codec, configuration } = await newTestRepository(new MemoryStorage());
  const key = hash("BLAKE3", configuration.repositoryId);
  assert.deepEqual(codec.mac.mac(text("x")), createMac("BLAKE3", key).mac(text("x")));
});
