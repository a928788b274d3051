/** What `info` shows, as values of JSON lines. */

import type { Configuration } from "../kloset/configuration.ts";
import type { Header } from "../kloset/header.ts";
import { wholeOf } from "../kloset/summary.ts";
import { formatUuid } from "../kloset/uuid.ts";
import { formatVersion, VERSION_1_0_0 } from "../kloset/version.ts";
import { toHex } from "../lib/bytes.ts";
import { formatRfc3339 } from "./format/time.ts";
import { snapshotData } from "./snapshot_line.ts";

/**
 * What a repository is made of. What only serves to unlock it is left out.
 *
 * @param configuration its configuration
 * @returns the values
 */
export function configurationData(configuration: Configuration): Record<string, unknown> {
  const { repositoryId, timestamp, packfile, chunking, hashing, compression, encryption } = configuration;
  return {
    repository: formatUuid(repositoryId),
    format: formatVersion(VERSION_1_0_0),
    timestamp: formatRfc3339(timestamp, 9),
    packfile_size: packfile.maxSize,
    chunking: {
      algorithm: chunking.algorithm,
      min_size: chunking.minSize,
      normal_size: chunking.normalSize,
      max_size: chunking.maxSize,
    },
    hashing: hashing.algorithm,
    compression: compression?.algorithm,
    encryption: encryption?.dataAlgorithm,
    key_derivation: encryption?.kdf.kdf,
  };
}

/**
 * What is known of a snapshot: what listings say of it, and more.
 *
 * @param header its header
 * @returns the values
 */
export function headerData(header: Header): Record<string, unknown> {
  const [{ root, summary }] = header.sources;
  const { minSize, maxSize, minModTime, maxModTime, ...all } = wholeOf(summary);
  return {
    ...snapshotData(header),
    format: formatVersion(header.version),
    trees: { entries: toHex(root.root), xattrs: toHex(root.xattrs), errors: toHex(root.errors) },
    context: Object.fromEntries(header.context.map(({ key, value }) => [key, value])),
    summary: {
      ...Object.fromEntries(COUNTS.map((name) => [name, all[name]])),
      min_size: minSize,
      max_size: maxSize,
      min_mtime: formatRfc3339(BigInt(minModTime) * 1_000_000_000n),
      max_mtime: formatRfc3339(BigInt(maxModTime) * 1_000_000_000n),
    },
  };
}

const COUNTS = [
  "directories",
  "files",
  "symlinks",
  "devices",
  "pipes",
  "sockets",
  "setuid",
  "setgid",
  "sticky",
  "objects",
  "chunks",
  "size",
  "errors",
] as const;
