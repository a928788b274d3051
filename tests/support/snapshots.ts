/** Making snapshots in tests, and reading them back. */

import { createChunker } from "../../src/chunking/chunker.ts";
import type { WalkOptions } from "../../src/connectors/importer/importer.ts";
import { isRegular } from "../../src/kloset/file_mode.ts";
import type { Entry } from "../../src/kloset/entry.ts";
import { concat } from "../../src/lib/bytes.ts";
import { ROOT } from "../../src/lib/byte_string.ts";
import { Packer } from "../../src/repository/packer.ts";
import type { Repository } from "../../src/repository/repository.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import { backup } from "../../src/snapshot/backup.ts";
import type { BackupOptions, BackupResult } from "../../src/snapshot/backup_options.ts";
import { check, type CheckResult } from "../../src/snapshot/check.ts";
import { LocalFilePipeline } from "../../src/snapshot/file_pipeline.ts";
import { Snapshot } from "../../src/snapshot/snapshot.ts";
import { VerifiedBlobs } from "../../src/snapshot/verified_blobs.ts";
import type { FakeSource } from "./fake_source.ts";

/** When test snapshots are made, nanoseconds since 1970. */
export const NOW = 1_750_000_000_000_000_000n;

/** Labels of a test snapshot. */
export const LABELS: BackupOptions["labels"] = {
  name: "default",
  category: "",
  environment: "",
  perimeter: "",
  job: "",
  tags: [],
  context: [["Hostname", "here"]],
};

/** What a test may change of a backup, and what it is told. */
export interface TestBackup extends Partial<BackupOptions> {
  /** Which paths the walk leaves out. */
  exclude?: WalkOptions["exclude"];
  /** Warnings are added here. */
  warnings?: string[];
}

/**
 * Makes a snapshot of a fake source.
 *
 * @param repository where it goes
 * @param source what it is made from
 * @param changes options other than the default
 * @returns what was done
 */
export async function makeBackup(
  repository: Repository,
  source: FakeSource,
  { exclude, warnings, ...changes }: TestBackup = {},
): Promise<BackupResult> {
  const { importer = source.importer(), signal } = changes;
  return await backup({
    repository,
    identifier: randomBytes(32),
    importer,
    walk: importer.walk({ exclude, signal }),
    openPipeline: ({ known, transaction }) => {
      const { codec, storage, configuration } = repository;
      const packer = new Packer({
        storage,
        codec,
        maxSize: Number(configuration.packfile.maxSize),
        now: () => NOW,
        written: (report) => transaction.add(report),
      });
      const chunker = createChunker(configuration.chunking);
      return Promise.resolve(new LocalFilePipeline(source.reader(), { codec, chunker, known, packer }));
    },
    pipelines: 2,
    labels: LABELS,
    useParent: true,
    now: () => NOW,
    hostname: "here",
    events: {
      stored: () => {},
      failed: () => {},
      discovered: () => {},
      warn: (message) => void warnings?.push(message),
    },
    ...changes,
  });
}

/**
 * The one snapshot that was just made.
 *
 * @param repository the repository it was made in, as it was opened before
 * @param result what the backup returned
 * @returns the snapshot, in a repository that sees it
 */
export async function snapshotOf(repository: Repository, result: BackupResult): Promise<Snapshot> {
  return await Snapshot.load(await repository.reload(), result.header.identifier);
}

/** The whole content of an entry. */
export async function contentOf(snapshot: Snapshot, entry: Entry): Promise<Uint8Array> {
  if (!entry.object) return new Uint8Array(0);
  return concat(...await Array.fromAsync(snapshot.content(await snapshot.object(entry.object))));
}

/** Every path of a snapshot in the order of a walk, with what a restore would see of it. */
export async function treeOf(snapshot: Snapshot, from = ROOT): Promise<Map<string, string>> {
  const tree = new Map<string, string>();
  for await (const { path, entry, error } of snapshot.walk(from)) {
    if (error) throw error;
    if (!entry) continue;
    const { mode, mtime, uid, gid, size, username } = entry.info;
    const content = isRegular(mode) ? new TextDecoder("latin1").decode(await contentOf(snapshot, entry)) : "";
    tree.set(
      path,
      [mode.toString(8), mtime, uid, gid, size, username, entry.symlinkTarget, content].join(" "),
    );
  }
  return tree;
}

/** Checks a whole snapshot deeply and collects what is wrong. */
export async function checkAll(
  snapshot: Snapshot,
  options: { fast?: boolean; verified?: VerifiedBlobs } = {},
): Promise<CheckResult & { failures: [path: string, code: string, message: string][] }> {
  const failures: [string, string, string][] = [];
  const result = await check({
    snapshot,
    path: ROOT,
    fast: options.fast ?? false,
    verified: options.verified ?? new VerifiedBlobs(),
    events: {
      intact: () => {},
      failed: (path, message, code) => void failures.push([path, code, message]),
    },
  });
  return { ...result, failures };
}
