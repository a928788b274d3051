/**
 * A Kloset repository: a storage, the keys to it, and the current view of what is in it.
 */

import type { Storage } from "../connectors/storage/storage.ts";
import { deriveKey } from "../crypto/key_derivation.ts";
import { EncryptedStream } from "../crypto/encrypted_stream.ts";
import { createMac, hash } from "../crypto/mac.ts";
import {
  type Configuration,
  decodeConfiguration,
  defaultConfiguration,
  encodeConfiguration,
  type EncryptionConfiguration,
} from "../kloset/configuration.ts";
import { ResourceType } from "../kloset/resource.ts";
import { formatUuid } from "../kloset/uuid.ts";
import { formatVersion, VERSION_1_0_0 } from "../kloset/version.ts";
import { isWrapped, splitWrapper, unwrap, wrap } from "../kloset/wrapper.ts";
import { isPlakarError, messageOf, PlakarError } from "../lib/errors.ts";
import type { BlobIndex } from "./blob_index.ts";
import { BlobReader } from "./blob_reader.ts";
import { randomBytes } from "../crypto/random.ts";
import { RepositoryCache } from "./repository_cache.ts";
import { RepositoryCodec } from "./repository_codec.ts";
import type { CacheSettings } from "./segment_cache.ts";
import { StateView } from "./state_view.ts";

const CANARY_SIZE = 32;

/** What {@linkcode createRepository} may be told. */
export interface CreateOptions {
  /** The passphrase; without it the repository is not encrypted. */
  passphrase?: Uint8Array;
  /** The hash behind every MAC. */
  hashing: "BLAKE3" | "SHA256";
  /** How blobs are compressed, `undefined` for not at all. */
  compression?: "LZ4" | "GZIP";
  /** The time, nanoseconds since 1970. */
  now: bigint;
}

/**
 * Creates an empty repository.
 *
 * @param storage where; it must be empty
 * @param options encryption, hashing, compression
 */
export async function createRepository(storage: Storage, options: CreateOptions): Promise<void> {
  const repositoryId = randomBytes(16);
  repositoryId[6] = repositoryId[6] & 0x0f | 0x40;
  repositoryId[8] = repositoryId[8] & 0x3f | 0x80;
  const configuration = defaultConfiguration({
    timestamp: options.now,
    repositoryId,
    hashing: options.hashing,
    compression: options.compression,
    encryption: undefined,
  });
  let masterKey: Uint8Array | undefined;
  if (options.passphrase) {
    const encryption = newEncryption();
    masterKey = await deriveKey(options.passphrase, encryption.kdf);
    encryption.canary = streamOf(encryption, masterKey).encrypt(randomBytes(CANARY_SIZE));
    configuration.encryption = encryption;
  }
  const payload = encodeConfiguration(configuration);
  await storage.create(wrap(ResourceType.config, payload, configMac(masterKey)));
}

/** What plakar chooses: Argon2id over 256 MiB, four passes, one lane. */
function newEncryption(): EncryptionConfiguration {
  return {
    subKeyAlgorithm: "AES256-KW",
    dataAlgorithm: "AES256-GCM-SIV",
    chunkSize: 65536,
    kdf: {
      kdf: "ARGON2ID",
      salt: randomBytes(16),
      saltSize: 16,
      time: 4,
      memory: 256 * 1024,
      threads: 1,
      keyLength: 32,
    },
    canary: new Uint8Array(0),
  };
}

/** A repository whose CONFIG was read but whose passphrase may still be needed. */
export interface LockedRepository {
  /** What CONFIG says. */
  readonly configuration: Configuration;
  /** Whether a passphrase is needed. */
  readonly isEncrypted: boolean;
  /**
   * Verifies the passphrase and the CONFIG, then reads the states.
   *
   * @param passphrase the passphrase of an encrypted repository
   * @throws {PlakarError} `passphrase` if it is wrong
   */
  unlock(passphrase?: Uint8Array): Promise<Repository>;
}

/** What {@linkcode openRepository} may be told. */
export interface OpenOptions {
  /** Gives the place where this machine keeps what it has read of the repository with an id, if there is one. */
  cacheOf?: (repositoryId: string) => CacheSettings;
}

/**
 * Reads a store's CONFIG.
 *
 * @param storage the store
 * @param options the cache
 * @returns the repository, still without its keys
 * @throws {PlakarError} `no-store` if there is none, `corrupt` if it is damaged, `version` if it is not known
 */
export async function openRepository(storage: Storage, options: OpenOptions = {}): Promise<LockedRepository> {
  const config = await readingConfig(storage, () => storage.readConfig());
  const { version, payload } = await readingConfig(storage, () => splitWrapper(config, ResourceType.config));
  if (!isWrapped(config)) throw damagedConfig(storage, "it is not one of a repository");
  if (version !== VERSION_1_0_0) {
    const isNewer = version > VERSION_1_0_0;
    const versions = `its format version is ${formatVersion(version)}, this program knows ${
      formatVersion(VERSION_1_0_0)
    }`;
    throw new PlakarError("version", `Cannot open the repository at "${storage.location}": ${versions}`, {
      hint: isNewer ? "Use a newer plakar" : "Use the plakar that wrote it, or make a new repository",
    });
  }
  const configuration = await readingConfig(storage, () => decodeConfiguration(payload));
  return {
    configuration,
    isEncrypted: configuration.encryption !== undefined,
    async unlock(passphrase) {
      const masterKey = await unlockKey(configuration, passphrase);
      await readingConfig(storage, () => unwrap(config, ResourceType.config, configMac(masterKey)));
      const codec = new RepositoryCodec(configuration, masterKey);
      const settings = options.cacheOf?.(formatUuid(configuration.repositoryId));
      const cache = settings && new RepositoryCache(codec, settings);
      const state = await StateView.load(storage, codec, cache?.states);
      return new Repository(storage, configuration, masterKey, codec, state, cache);
    },
  };
}

/** Does something with CONFIG; damage to it is said to be that. */
async function readingConfig<T>(storage: Storage, action: () => T | Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw isPlakarError(error, "corrupt") ? damagedConfig(storage, error.message, error) : error;
  }
}

function damagedConfig({ location }: Storage, state: string, cause?: PlakarError): PlakarError {
  return new PlakarError("corrupt", `Cannot use CONFIG of the store "${location}": ${state}`, {
    cause,
    hint: "Without it nothing in the store can be read: bring the file back from a copy of the store",
  });
}

async function unlockKey(
  configuration: Configuration,
  passphrase?: Uint8Array,
): Promise<Uint8Array | undefined> {
  const { encryption } = configuration;
  if (!encryption) return undefined;
  if (!passphrase) throw new PlakarError("passphrase", "Cannot unlock the repository: it needs a passphrase");
  const key = await deriveKey(passphrase, encryption.kdf);
  try {
    streamOf(encryption, key).decrypt(encryption.canary, CANARY_SIZE);
  } catch (cause) {
    throw new PlakarError("passphrase", "Cannot unlock the repository: the passphrase is wrong", { cause });
  }
  return key;
}

function streamOf(encryption: EncryptionConfiguration, key: Uint8Array): EncryptedStream {
  return new EncryptedStream(key, {
    subkeyAlgorithm: encryption.subKeyAlgorithm,
    segmentSize: encryption.chunkSize,
    random: randomBytes,
  });
}

/** CONFIG is sealed with BLAKE3 whatever the repository's hashing, and without a key if it is plaintext. */
function configMac(masterKey: Uint8Array | undefined): (data: Uint8Array) => Uint8Array {
  return masterKey ? (data) => createMac("BLAKE3", masterKey).mac(data) : (data) => hash("BLAKE3", data);
}

/** An open repository. */
export class Repository {
  /** Where it is stored. */
  readonly storage: Storage;
  /** What its CONFIG says. */
  readonly configuration: Configuration;
  /** The key derived from the passphrase, `undefined` in a plaintext repository. */
  readonly masterKey: Uint8Array | undefined;
  /** Its byte transforms. */
  readonly codec: RepositoryCodec;
  /** What its states say. */
  readonly state: StateView;
  /** What reads its blobs. */
  readonly blobReader: BlobReader;
  /** What this machine keeps of it, `undefined` if everything is read from the storage. */
  readonly cache: RepositoryCache | undefined;

  /**
   * Puts the parts together; {@linkcode openRepository} makes them.
   *
   * @param storage where it is stored
   * @param configuration its CONFIG
   * @param masterKey the key derived from the passphrase
   * @param codec its byte transforms
   * @param state what its states say
   * @param cache what this machine keeps of it
   */
  constructor(
    storage: Storage,
    configuration: Configuration,
    masterKey: Uint8Array | undefined,
    codec: RepositoryCodec,
    state: StateView,
    cache?: RepositoryCache,
  ) {
    this.storage = storage;
    this.configuration = configuration;
    this.masterKey = masterKey;
    this.codec = codec;
    this.state = state;
    this.cache = cache;
    this.blobReader = new BlobReader(storage, codec, state.blobs);
  }

  /**
   * The same repository with what was added since it was opened.
   *
   * @returns a repository that sees it
   */
  async reload(): Promise<Repository> {
    const { storage, configuration, masterKey, codec, cache } = this;
    const state = await StateView.load(storage, codec, cache?.states);
    return new Repository(storage, configuration, masterKey, codec, state, cache);
  }

  /** Where every blob is. */
  get blobs(): BlobIndex {
    return this.state.blobs;
  }

  /**
   * Reads and verifies a blob, from the first of its places where it is intact.
   *
   * @param type the blob's resource type
   * @param mac the blob's MAC
   * @param maxLength how long it may be
   * @returns its plain bytes, not to be changed
   * @throws {PlakarError} `corrupt` if it is not what its MAC says, `unreadable` if it could not be read
   */
  readBlob(type: ResourceType, mac: Uint8Array, maxLength?: number): Promise<Uint8Array> {
    return this.blobReader.read(type, mac, maxLength);
  }

  /**
   * Verifies the whole packfile that a blob is read from. The id of a snapshot's header is not its MAC: where
   * nothing is encrypted, only the seal of its packfile says that the header is intact.
   *
   * @param type the blob's resource type
   * @param mac the blob's id
   * @throws {PlakarError} `corrupt` if the packfile is not what was written, `unreadable` if it could not be read
   */
  async verifyPackfileOf(type: ResourceType, mac: Uint8Array): Promise<void> {
    const location = this.blobs.get(type, mac);
    if (!location) return;
    const name = `packfile ${location.packfile}`;
    try {
      const bytes = await this.storage.get("packfile", location.packfile);
      unwrap(bytes, ResourceType.packfile, (data) => this.codec.mac.mac(data));
    } catch (error) {
      const code = isPlakarError(error, "corrupt") ? "corrupt" : "unreadable";
      throw new PlakarError(code, `Cannot verify ${name}: ${messageOf(error)}`, { cause: error });
    }
  }
}
