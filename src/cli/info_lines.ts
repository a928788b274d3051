/** What `info` shows, as plakar's text. */

import type { Configuration } from "../kloset/configuration.ts";
import type { Header } from "../kloset/header.ts";
import type { KdfParameters } from "../kloset/kdf.ts";
import { wholeOf } from "../kloset/summary.ts";
import { formatUuid } from "../kloset/uuid.ts";
import { formatVersion, VERSION_1_0_0 } from "../kloset/version.ts";
import { toHex } from "../lib/bytes.ts";
import { formatDecimal } from "./format/decimal.ts";
import { formatDuration } from "./format/duration.ts";
import { printableName } from "./format/printable_name.ts";
import { formatSize } from "./format/size.ts";
import { formatGoTime } from "./format/time.ts";

/**
 * What a repository is made of.
 *
 * @param configuration its configuration
 * @returns a line for each thing, as plakar shows it
 */
export function configurationLines(configuration: Configuration): string[] {
  const { packfile, chunking, hashing, compression, encryption } = configuration;
  const lines = [
    `Version: v${formatVersion(VERSION_1_0_0)}`,
    `Timestamp: ${formatGoTime(configuration.timestamp)}`,
    `RepositoryID: ${formatUuid(configuration.repositoryId)}`,
    "Packfile:",
    ` - MaxSize: ${sizeAndBytes(Number(packfile.maxSize))}`,
    "Chunking:",
    ` - Algorithm: ${chunking.algorithm}`,
    ` - MinSize: ${sizeAndBytes(chunking.minSize)}`,
    ` - NormalSize: ${sizeAndBytes(chunking.normalSize)}`,
    ` - MaxSize: ${sizeAndBytes(chunking.maxSize)}`,
    "Hashing:",
    ` - Algorithm: ${hashing.algorithm}`,
    ` - Bits: ${hashing.bits}`,
  ];
  if (compression) {
    lines.push("Compression:", ` - Algorithm: ${compression.algorithm}`, ` - Level: ${compression.level}`);
  }
  if (encryption) {
    lines.push(
      "Encryption:",
      ` - SubkeyAlgorithm: ${encryption.subKeyAlgorithm}`,
      ` - DataAlgorithm: ${encryption.dataAlgorithm}`,
      ` - ChunkSize: ${encryption.chunkSize}`,
      ` - Canary: ${toHex(encryption.canary)}`,
      ` - KDF: ${encryption.kdf.kdf}`,
      `   - Salt: ${toHex(encryption.kdf.salt)}`,
      `   - SaltSize: ${encryption.kdf.saltSize}`,
      `   - KeyLen: ${encryption.kdf.keyLength}`,
      ...costsOf(encryption.kdf).map(([label, cost]) => `   - ${label}: ${cost}`),
    );
  }
  return lines;
}

/** What makes guessing passphrases slow. */
function costsOf(kdf: KdfParameters): [label: string, cost: number | string][] {
  if (kdf.kdf === "ARGON2ID") return [["Time", kdf.time], ["Memory", kdf.memory], ["Thread", kdf.threads]];
  if (kdf.kdf === "SCRYPT") return [["N", kdf.n], ["R", kdf.r], ["P", kdf.p]];
  return [["Iterations", kdf.iterations], ["Hashing", kdf.hashing]];
}

/**
 * What is known of a snapshot.
 *
 * @param header its header
 * @returns a line for each thing, as plakar shows it
 */
export function headerLines(header: Header): string[] {
  const [{ importer, root, summary }] = header.sources;
  const context = new Map(header.context.map(({ key, value }) => [key, value]));
  const all = wholeOf(summary);
  const lines = [
    `Version: v${formatVersion(header.version)}`,
    `SnapshotID: ${toHex(header.identifier)}`,
    `Timestamp: ${formatGoTime(header.timestamp)}`,
    `Duration: ${formatDuration(header.duration)}`,
    `Name: ${header.name}`,
    `Environment: ${header.environment}`,
    `Perimeter: ${header.perimeter}`,
    `Category: ${header.category}`,
  ];
  if (header.tags.length > 0) lines.push(`Tags: ${header.tags.join(", ")}`);
  lines.push(
    "VFS:",
    ` - Root: ${toHex(root.root)}`,
    ` - Xattrs: ${toHex(root.xattrs)}`,
    ` - Errors: ${toHex(root.errors)}`,
    "Importer:",
    ` - Type: ${importer.type}`,
    ` - Origin: ${printableName(importer.origin)}`,
    ` - Directory: ${printableName(importer.directory)}`,
    "Context:",
    ...CONTEXT_LINES.map(([label, key]) => ` - ${label}: ${context.get(key) ?? ""}`),
    "Summary:",
    ...COUNTER_LINES.map(([label, counter]) => ` - ${label}: ${all[counter]}`),
    ` - MinSize: ${sizeAndBytes(all.minSize)}`,
    ` - MaxSize: ${sizeAndBytes(all.maxSize)}`,
    ` - Size: ${sizeAndBytes(all.size)}`,
    ` - MinModTime: ${formatGoTime(BigInt(all.minModTime) * 1_000_000_000n)}`,
    ` - MaxModTime: ${formatGoTime(BigInt(all.maxModTime) * 1_000_000_000n)}`,
    ` - MinEntropy: ${formatDecimal(all.minEntropy, 6)}`,
    ` - MaxEntropy: ${formatDecimal(all.maxEntropy, 6)}`,
    ...TYPE_LINES.map(([label, counter]) => ` - ${label}: ${all[counter]}`),
    ` - Errors: ${all.errors}`,
  );
  return lines;
}

const CONTEXT_LINES = [
  ["MachineID", "MachineID"],
  ["Hostname", "Hostname"],
  ["Username", "Username"],
  ["OperatingSystem", "OperatingSystem"],
  ["Architecture", "Architecture"],
  ["NumCPU", "NumCPU"],
  ["GOMAXPROCS", "GOMAXPROCS"],
  ["ProcessID", "ProcessID"],
  ["Client", "Client"],
  ["CommandLine", "CommandLine"],
] as const;

const COUNTER_LINES = [
  ["Directories", "directories"],
  ["Files", "files"],
  ["Symlinks", "symlinks"],
  ["Devices", "devices"],
  ["Pipes", "pipes"],
  ["Sockets", "sockets"],
  ["Setuid", "setuid"],
  ["Setgid", "setgid"],
  ["Sticky", "sticky"],
  ["Objects", "objects"],
  ["Chunks", "chunks"],
] as const;

const TYPE_LINES = [
  ["HiEntropy", "hiEntropy"],
  ["LoEntropy", "loEntropy"],
  ["MIMEAudio", "mimeAudio"],
  ["MIMEVideo", "mimeVideo"],
  ["MIMEImage", "mimeImage"],
  ["MIMEText", "mimeText"],
  ["MIMEApplication", "mimeApplication"],
  ["MIMEOther", "mimeOther"],
] as const;

/**
 * A size for people, and to the byte.
 *
 * @param bytes the size
 * @returns for example `64 MiB (67108864 bytes)`
 */
export function sizeAndBytes(bytes: number): string {
  return `${formatSize(bytes)} (${bytes} bytes)`;
}
