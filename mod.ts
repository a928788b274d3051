/**
 * plakar as a library: open or create a Kloset repository, back up into it, list, restore and check.
 *
 * ```ts
 * import { createRepository, openRepository, openStorage, parseLocation } from "./mod.ts";
 *
 * const context = { currentDirectory: Deno.cwd() };
 * const storage = openStorage(parseLocation("/var/backups", context));
 * const passphrase = new TextEncoder().encode("correct horse battery staple");
 * const now = () => BigInt(Date.now()) * 1_000_000n;
 * await createRepository(storage, { passphrase, hashing: "BLAKE3", compression: "LZ4", now: now() });
 * const repository = await (await openRepository(storage)).unlock(passphrase);
 * ```
 *
 * @module
 */

export {
  type ErrorCode,
  isPlakarError,
  messageOf,
  PlakarError,
  type PlakarErrorOptions,
} from "./src/lib/errors.ts";
export {
  type ByteString,
  display,
  fromBytes,
  fromText,
  ROOT,
  toBytes,
  toText,
} from "./src/lib/byte_string.ts";

export type { LocalLocation, Location, SftpLocation } from "./src/connectors/location.ts";
export { type LocationContext, parseLocation } from "./src/connectors/parse_location.ts";
export type { ConnectEnvironment } from "./src/connectors/connect_environment.ts";
export { processEnvironment, type SshEnvironment } from "./src/ssh/environment.ts";
export { NOBODY, type Prompter, type SshIo } from "./src/ssh/prompter.ts";
export type { Bandwidth } from "./src/ssh/throttled_connection.ts";
export { type SharedRate, sharedRate } from "./src/lib/rate_limit.ts";

export { openStorage } from "./src/connectors/storage/open_storage.ts";
export type { ByteRange, ResourceKind, Storage, StorageWriter } from "./src/connectors/storage/storage.ts";
export { openImporter } from "./src/connectors/importer/open_importer.ts";
export type { FileReader, Importer, ReaderSpec, WalkOptions } from "./src/connectors/importer/importer.ts";
export { openExporter } from "./src/connectors/exporter/open_exporter.ts";
export type {
  Degradation,
  Exporter,
  ExporterOptions,
  FileWriter,
} from "./src/connectors/exporter/exporter.ts";

export {
  type CreateOptions,
  createRepository,
  type LockedRepository,
  type OpenOptions,
  openRepository,
  Repository,
} from "./src/repository/repository.ts";
export type { CacheFiles } from "./src/connectors/cache/cache_files.ts";
export { FsCache, type FsCacheOptions } from "./src/connectors/cache/fs.ts";
export type { CachePolicy, CacheSettings } from "./src/repository/segment_cache.ts";

export {
  backup,
  type BackupEvents,
  type BackupOptions,
  type BackupResult,
  type PipelineContext,
  type SnapshotLabels,
} from "./src/snapshot/backup.ts";
export { workerPipelines } from "./src/snapshot/open_pipeline.ts";
export { check, type CheckEvents, type CheckOptions, type CheckResult } from "./src/snapshot/check.ts";
export { VerifiedBlobs } from "./src/snapshot/verified_blobs.ts";
export {
  restore,
  type RestoreEvents,
  type RestoreOptions,
  type RestoreResult,
} from "./src/snapshot/restore.ts";
export { type DirectoryEntry, Snapshot, type WalkedEntry } from "./src/snapshot/snapshot.ts";
export { findSnapshot, listSnapshots } from "./src/snapshot/snapshot_list.ts";
