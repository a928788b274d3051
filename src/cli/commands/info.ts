/** `plakar info`. */

import type { Configuration } from "../../kloset/configuration.ts";
import type { Header } from "../../kloset/header.ts";
import type { KdfParameters } from "../../kloset/kdf.ts";
import type { SummaryCounters } from "../../kloset/summary.ts";
import { totalSize } from "../../kloset/summary.ts";
import { formatUuid } from "../../kloset/uuid.ts";
import { formatVersion, VERSION_1_0_0 } from "../../kloset/version.ts";
import { toHex } from "../../lib/bytes.ts";
import type { Repository } from "../../repository/repository.ts";
import type { Snapshot } from "../../snapshot/snapshot.ts";
import { findSnapshot, listSnapshots } from "../../snapshot/snapshot_list.ts";
import { OK, PARTIAL } from "../exit_status.ts";
import { formatDecimal } from "../format/decimal.ts";
import { formatDuration } from "../format/duration.ts";
import { printableName } from "../format/printable_name.ts";
import { formatSize } from "../format/size.ts";
import { parseSnapshotReference } from "../format/snapshot_reference.ts";
import { formatGoTime } from "../format/time.ts";
import type { INFO_OPTIONS } from "../grammar/table/snapshots.ts";
import type { Invocation } from "../invocation.ts";
import { jsonPath } from "../json_line.ts";
import { openRepositoryOf } from "../open_repository.ts";
import { snapshotData } from "../snapshot_line.ts";

/** A run of `info`. */
export type InfoInvocation = Invocation<typeof INFO_OPTIONS>;

/**
 * Shows what is known about the repository or a snapshot.
 *
 * @param invocation the command's run
 * @returns the exit status
 */
export async function run(invocation: InfoInvocation): Promise<number> {
  const { args, options, output } = invocation;
  const { repository } = await openRepositoryOf(invocation);
  const [reference] = args;
  if (reference === undefined) {
    return await showRepository(repository, invocation);
  }
  const { prefix, path } = parseSnapshotReference(reference);
  const snapshot = await findSnapshot(repository, prefix);
  if (!options.errors) {
    showSnapshot(snapshot, invocation);
    return OK;
  }
  for await (const error of snapshot.errors(snapshot.resolve(path))) {
    const text = `${printableName(error.path)}: ${error.message}`;
    output.product({ type: "error_item", data: { ...jsonPath(error.path), message: error.message }, text });
    await output.drain();
  }
  return OK;
}

async function showRepository(repository: Repository, { output }: InfoInvocation): Promise<number> {
  const snapshots = await listSnapshots(repository, (message) => output.warn(message));
  const unreadable = repository.state.snapshots.length - snapshots.length;
  const logical = snapshots.reduce((sum, { header }) => sum + totalSize(header.sources[0].summary), 0);
  const stored = await repository.storage.size();
  const lines = [
    ...configurationLines(repository.configuration),
    `Snapshots: ${snapshots.length}`,
    `Storage size: ${stored === undefined ? "unknown" : sizeAndBytes(stored)}`,
    `Logical size: ${sizeAndBytes(logical)}`,
  ];
  const { repositoryId, hashing, compression, encryption } = repository.configuration;
  const data = {
    repository: formatUuid(repositoryId),
    hashing: hashing.algorithm,
    compression: compression?.algorithm,
    encryption: encryption?.dataAlgorithm,
    snapshots: snapshots.length,
    storage_size: stored,
    logical_size: logical,
  };
  output.product({ type: "repository", data, text: lines.join("\n") });
  return unreadable > 0 ? PARTIAL : OK;
}

function configurationLines(configuration: Configuration): string[] {
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

function showSnapshot({ header }: Snapshot, { output }: InfoInvocation): void {
  output.product({ type: "snapshot", data: snapshotData(header), text: headerLines(header).join("\n") });
}

function headerLines(header: Header): string[] {
  const [{ importer, root, summary }] = header.sources;
  const context = new Map(header.context.map(({ key, value }) => [key, value]));
  const all = sumOf(summary.directory, summary.below);
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

/** Everything in the root and below it. Minima and maxima are over both, as plakar combines them. */
function sumOf(a: SummaryCounters, b: SummaryCounters): SummaryCounters {
  const sum = { ...a };
  for (const key of Object.keys(sum) as (keyof SummaryCounters)[]) {
    if (key.startsWith("min")) sum[key] = Math.min(a[key], b[key]);
    else if (key.startsWith("max")) sum[key] = Math.max(a[key], b[key]);
    else sum[key] = a[key] + b[key];
  }
  return sum;
}

function sizeAndBytes(bytes: number): string {
  return `${formatSize(bytes)} (${bytes} bytes)`;
}
