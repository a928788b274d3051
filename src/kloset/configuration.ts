/** The configuration of a repository: what `CONFIG` holds. */

import type { KdfParameters } from "./kdf.ts";
import { readKdf, writeKdf } from "./kdf.ts";
import { MsgpackReader, ZERO_TIME } from "./msgpack_reader.ts";
import { MsgpackWriter } from "./msgpack_writer.ts";

/** Limits of packfiles in bytes; only the largest size has a meaning. */
export interface PackfileConfiguration {
  /** Always 0. */
  minSize: bigint;
  /** Always 0. */
  avgSize: bigint;
  /** A packfile is closed when it is larger than this. */
  maxSize: bigint;
}

/** How content is cut. Sizes are in bytes. */
export interface ChunkingConfiguration {
  /** For example `fastcdc-v1.0.0`. */
  algorithm: string;
  /** No chunk but the last is shorter. */
  minSize: number;
  /** Where the rule of the cut changes. */
  normalSize: number;
  /** No chunk is longer. */
  maxSize: number;
}

/** How MACs are computed. */
export interface HashingConfiguration {
  /** `BLAKE3` or `SHA256`. */
  algorithm: string;
  /** Bits of a hash, for information. */
  bits: number;
}

/** How everything stored is compressed. Only the algorithm has a meaning. */
export interface CompressionConfiguration {
  /** `LZ4` or `GZIP`. */
  algorithm: string;
  /** Never applied. */
  level: number;
  /** Never applied. */
  windowSize: number;
  /** Never applied. */
  chunkSize: number;
  /** Never applied. */
  blockSize: number;
  /** Never applied. */
  enableCrc: boolean;
}

/** How everything stored is encrypted. */
export interface EncryptionConfiguration {
  /** How the key of a stream is wrapped: `AES256-KW` or `AES256-GCM`. */
  subKeyAlgorithm: string;
  /** How a stream is encrypted: `AES256-GCM-SIV`. */
  dataAlgorithm: string;
  /** Plain bytes of a segment of a stream. */
  chunkSize: number;
  /** How the master key comes from the passphrase. */
  kdf: KdfParameters;
  /** A stream that only the right master key decrypts. */
  canary: Uint8Array;
}

/** The configuration of a repository. */
export interface Configuration {
  /** When it was created, in nanoseconds since 1970. */
  timestamp: bigint;
  /** Sixteen bytes that no other repository has. */
  repositoryId: Uint8Array;
  /** Limits of packfiles. */
  packfile: PackfileConfiguration;
  /** How content is cut. */
  chunking: ChunkingConfiguration;
  /** How MACs are computed. */
  hashing: HashingConfiguration;
  /** How everything is compressed, if it is. */
  compression: CompressionConfiguration | undefined;
  /** How everything is encrypted, if it is. */
  encryption: EncryptionConfiguration | undefined;
}

/** What has to be chosen for a new repository. */
export interface ConfigurationChoices {
  /** Now, in nanoseconds since 1970. */
  timestamp: bigint;
  /** Sixteen random bytes of a UUID. */
  repositoryId: Uint8Array;
  /** How MACs are computed. */
  hashing: "BLAKE3" | "SHA256";
  /** How everything is compressed, if it is. */
  compression: "LZ4" | "GZIP" | undefined;
  /** How everything is encrypted, if it is. */
  encryption: EncryptionConfiguration | undefined;
}

/** What plakar records for LZ4 and never looks at again. */
const LZ4_LEVEL = 131072;

/**
 * The configuration that plakar 1.1.4 gives a new repository.
 *
 * @param choices what is not the same in all of them
 * @returns the configuration
 */
export function defaultConfiguration(choices: ConfigurationChoices): Configuration {
  return {
    timestamp: choices.timestamp,
    repositoryId: choices.repositoryId,
    packfile: { minSize: 0n, avgSize: 0n, maxSize: 64n << 20n },
    chunking: { algorithm: "fastcdc-v1.0.0", minSize: 512 << 10, normalSize: 1 << 20, maxSize: 8 << 20 },
    hashing: { algorithm: choices.hashing, bits: 256 },
    compression: choices.compression && {
      algorithm: choices.compression,
      level: choices.compression === "LZ4" ? LZ4_LEVEL : -1,
      windowSize: -1,
      chunkSize: -1,
      blockSize: -1,
      enableCrc: false,
    },
    encryption: choices.encryption,
  };
}

/**
 * Encodes a configuration byte for byte as plakar does.
 *
 * @param configuration what to encode
 * @returns the payload of `CONFIG`
 */
export function encodeConfiguration(configuration: Configuration): Uint8Array {
  const writer = new MsgpackWriter();
  writer.mapHeader(FIELDS.length);
  writer.key("Timestamp");
  writer.time(configuration.timestamp);
  writer.key("RepositoryID");
  writer.bin(configuration.repositoryId);
  writer.key("Packfile");
  writer.mapHeader(3);
  writer.key("MinSize");
  writer.uint64(configuration.packfile.minSize);
  writer.key("AvgSize");
  writer.uint64(configuration.packfile.avgSize);
  writer.key("MaxSize");
  writer.uint64(configuration.packfile.maxSize);
  writer.key("Chunking");
  writer.mapHeader(4);
  writer.key("Algorithm");
  writer.text(configuration.chunking.algorithm);
  writer.key("MinSize");
  writer.uint32(configuration.chunking.minSize);
  writer.key("NormalSize");
  writer.uint32(configuration.chunking.normalSize);
  writer.key("MaxSize");
  writer.uint32(configuration.chunking.maxSize);
  writer.key("Hashing");
  writer.mapHeader(2);
  writer.key("Algorithm");
  writer.text(configuration.hashing.algorithm);
  writer.key("Bits");
  writer.uint32(configuration.hashing.bits);
  writer.key("Compression");
  encodeCompression(writer, configuration.compression);
  writer.key("Encryption");
  encodeEncryption(writer, configuration.encryption);
  return writer.take();
}

function encodeCompression(writer: MsgpackWriter, compression: CompressionConfiguration | undefined): void {
  if (compression === undefined) return writer.nil();
  writer.mapHeader(6);
  writer.key("Algorithm");
  writer.text(compression.algorithm);
  writer.key("Level");
  writer.compactInt(compression.level);
  writer.key("WindowSize");
  writer.compactInt(compression.windowSize);
  writer.key("ChunkSize");
  writer.compactInt(compression.chunkSize);
  writer.key("BlockSize");
  writer.compactInt(compression.blockSize);
  writer.key("EnableCRC");
  writer.bool(compression.enableCrc);
}

function encodeEncryption(writer: MsgpackWriter, encryption: EncryptionConfiguration | undefined): void {
  if (encryption === undefined) return writer.nil();
  writer.mapHeader(5);
  writer.key("SubKeyAlgorithm");
  writer.text(encryption.subKeyAlgorithm);
  writer.key("DataAlgorithm");
  writer.text(encryption.dataAlgorithm);
  writer.key("ChunkSize");
  writer.compactInt(encryption.chunkSize);
  writer.key("KDFParams");
  writeKdf(writer, encryption.kdf);
  writer.key("Canary");
  writer.bin(encryption.canary);
}

const FIELDS = [
  "Timestamp",
  "RepositoryID",
  "Packfile",
  "Chunking",
  "Hashing",
  "Compression",
  "Encryption",
] as const;

/**
 * Decodes a configuration.
 *
 * @param bytes the payload of `CONFIG`
 * @returns the configuration
 * @throws {PlakarError} `corrupt` if it is none
 */
export function decodeConfiguration(bytes: Uint8Array): Configuration {
  const reader = new MsgpackReader(bytes, "configuration");
  const configuration: Configuration = {
    timestamp: ZERO_TIME,
    repositoryId: new Uint8Array(16),
    packfile: { minSize: 0n, avgSize: 0n, maxSize: 0n },
    chunking: { algorithm: "", minSize: 0, normalSize: 0, maxSize: 0 },
    hashing: { algorithm: "", bits: 0 },
    compression: undefined,
    encryption: undefined,
  };
  reader.readMap(FIELDS, (field) => {
    switch (field) {
      case "Timestamp":
        configuration.timestamp = reader.time();
        break;
      case "RepositoryID":
        configuration.repositoryId = reader.uuid();
        break;
      case "Packfile":
        configuration.packfile = decodePackfile(reader);
        break;
      case "Chunking":
        configuration.chunking = decodeChunking(reader);
        break;
      case "Hashing":
        configuration.hashing = decodeHashing(reader);
        break;
      case "Compression":
        configuration.compression = decodeCompression(reader);
        break;
      default:
        configuration.encryption = decodeEncryption(reader);
    }
  });
  return configuration;
}

function decodePackfile(reader: MsgpackReader): PackfileConfiguration {
  const packfile: PackfileConfiguration = { minSize: 0n, avgSize: 0n, maxSize: 0n };
  reader.readMap(["MinSize", "AvgSize", "MaxSize"], (field) => {
    if (field === "MinSize") packfile.minSize = reader.uint64();
    else if (field === "AvgSize") packfile.avgSize = reader.uint64();
    else packfile.maxSize = reader.uint64();
  });
  return packfile;
}

function decodeChunking(reader: MsgpackReader): ChunkingConfiguration {
  const chunking: ChunkingConfiguration = { algorithm: "", minSize: 0, normalSize: 0, maxSize: 0 };
  reader.readMap(["Algorithm", "MinSize", "NormalSize", "MaxSize"], (field) => {
    if (field === "Algorithm") chunking.algorithm = reader.text();
    else if (field === "MinSize") chunking.minSize = reader.uint32();
    else if (field === "NormalSize") chunking.normalSize = reader.uint32();
    else chunking.maxSize = reader.uint32();
  });
  return chunking;
}

function decodeHashing(reader: MsgpackReader): HashingConfiguration {
  const hashing: HashingConfiguration = { algorithm: "", bits: 0 };
  reader.readMap(["Algorithm", "Bits"], (field) => {
    if (field === "Algorithm") hashing.algorithm = reader.text();
    else hashing.bits = reader.uint32();
  });
  return hashing;
}

function decodeCompression(reader: MsgpackReader): CompressionConfiguration | undefined {
  if (reader.isNil()) return void reader.skip();
  const compression: CompressionConfiguration = {
    algorithm: "",
    level: 0,
    windowSize: 0,
    chunkSize: 0,
    blockSize: 0,
    enableCrc: false,
  };
  reader.readMap(["Algorithm", "Level", "WindowSize", "ChunkSize", "BlockSize", "EnableCRC"], (field) => {
    if (field === "Algorithm") compression.algorithm = reader.text();
    else if (field === "Level") compression.level = reader.integer();
    else if (field === "WindowSize") compression.windowSize = reader.integer();
    else if (field === "ChunkSize") compression.chunkSize = reader.integer();
    else if (field === "BlockSize") compression.blockSize = reader.integer();
    else compression.enableCrc = reader.bool();
  });
  return compression;
}

function decodeEncryption(reader: MsgpackReader): EncryptionConfiguration | undefined {
  if (reader.isNil()) return void reader.skip();
  let subKeyAlgorithm = "";
  let dataAlgorithm = "";
  let chunkSize = 0;
  let kdf: KdfParameters | undefined;
  let canary: Uint8Array = new Uint8Array(0);
  reader.readMap(["SubKeyAlgorithm", "DataAlgorithm", "ChunkSize", "KDFParams", "Canary"], (field) => {
    if (field === "SubKeyAlgorithm") subKeyAlgorithm = reader.text();
    else if (field === "DataAlgorithm") dataAlgorithm = reader.text();
    else if (field === "ChunkSize") chunkSize = reader.integer();
    else if (field === "KDFParams") kdf = readKdf(reader);
    else canary = reader.bin() ?? canary;
  });
  if (kdf === undefined) throw reader.error("it is encrypted but has no key derivation");
  return { subKeyAlgorithm, dataAlgorithm, chunkSize, kdf, canary };
}
