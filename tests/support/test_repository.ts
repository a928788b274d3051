/** Repositories in memory, with a key derivation that costs nothing and any limits a test wants. */

import type { Storage } from "../../src/connectors/storage/storage.ts";
import { EncryptedStream } from "../../src/crypto/encrypted_stream.ts";
import { deriveKey } from "../../src/crypto/key_derivation.ts";
import { createMac, hash } from "../../src/crypto/mac.ts";
import {
  type Configuration,
  defaultConfiguration,
  encodeConfiguration,
  type EncryptionConfiguration,
} from "../../src/kloset/configuration.ts";
import { ResourceType } from "../../src/kloset/resource.ts";
import { wrap } from "../../src/kloset/wrapper.ts";
import { openRepository, type Repository } from "../../src/repository/repository.ts";
import { randomBytes } from "../../src/crypto/random.ts";

/** The passphrase of encrypted test repositories. */
export const TEST_PASSPHRASE: Uint8Array = new TextEncoder().encode("correct horse battery staple");

/** How a test repository differs from the default: plaintext, uncompressed, BLAKE3. */
export interface TestRepositoryOptions {
  /** Whether it is encrypted with {@linkcode TEST_PASSPHRASE}. */
  encrypted?: boolean;
  /** How blobs are compressed. */
  compression?: "LZ4" | "GZIP";
  /** The hash behind every MAC. */
  hashing?: "BLAKE3" | "SHA256";
  /** The most bytes of blobs in a packfile. */
  packfileSize?: number;
  /** The least, normal and most bytes of a chunk. */
  chunkSizes?: [least: number, normal: number, most: number];
  /** When it was created, nanoseconds since 1970. */
  created?: bigint;
}

/** The configuration of a test repository, for those who want to change it. */
export function testConfiguration(options: TestRepositoryOptions = {}): Configuration {
  const configuration = defaultConfiguration({
    timestamp: options.created ?? 1_700_000_000_000_000_000n,
    repositoryId: randomBytes(16),
    hashing: options.hashing ?? "BLAKE3",
    compression: options.compression,
    encryption: undefined,
  });
  if (options.packfileSize !== undefined) configuration.packfile.maxSize = BigInt(options.packfileSize);
  if (options.chunkSizes) {
    const [minSize, normalSize, maxSize] = options.chunkSizes;
    configuration.chunking = { ...configuration.chunking, minSize, normalSize, maxSize };
  }
  return configuration;
}

/**
 * Writes the CONFIG of a new repository into a storage.
 *
 * @param storage where
 * @param options how it differs from the default
 */
export async function createTestRepository(
  storage: Storage,
  options: TestRepositoryOptions = {},
): Promise<void> {
  const configuration = testConfiguration(options);
  if (!options.encrypted) {
    const payload = encodeConfiguration(configuration);
    return await storage.create(wrap(ResourceType.config, payload, (data) => hash("BLAKE3", data)));
  }
  const encryption: EncryptionConfiguration = {
    subKeyAlgorithm: "AES256-KW",
    dataAlgorithm: "AES256-GCM-SIV",
    chunkSize: 65536,
    kdf: {
      kdf: "ARGON2ID",
      salt: randomBytes(16),
      saltSize: 16,
      time: 1,
      memory: 8,
      threads: 1,
      keyLength: 32,
    },
    canary: new Uint8Array(0),
  };
  const key = await deriveKey(TEST_PASSPHRASE, encryption.kdf);
  const cipher = new EncryptedStream(key, {
    subkeyAlgorithm: encryption.subKeyAlgorithm,
    segmentSize: encryption.chunkSize,
    random: randomBytes,
  });
  encryption.canary = cipher.encrypt(randomBytes(32));
  const payload = encodeConfiguration({ ...configuration, encryption });
  await storage.create(wrap(ResourceType.config, payload, (data) => createMac("BLAKE3", key).mac(data)));
}

/**
 * Opens a test repository as the next run of the program would.
 *
 * @param storage where it is
 * @returns the repository
 */
export async function openTestRepository(storage: Storage): Promise<Repository> {
  const locked = await openRepository(storage);
  return await locked.unlock(locked.isEncrypted ? TEST_PASSPHRASE : undefined);
}

/**
 * Creates a test repository and opens it.
 *
 * @param storage where
 * @param options how it differs from the default
 * @returns the repository
 */
export async function newTestRepository(
  storage: Storage,
  options: TestRepositoryOptions = {},
): Promise<Repository> {
  await createTestRepository(storage, options);
  return await openTestRepository(storage);
}
