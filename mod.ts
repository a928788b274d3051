/**
 * plakar as a library: open or create a Kloset repository, back up into it, list, restore and check.
 *
 * ```ts
 * import * as plakar from "./mod.ts";
 *
 * const here = { currentDirectory: Deno.cwd() };
 * const now = () => BigInt(Date.now()) * 1_000_000n;
 * const hostname = Deno.hostname();
 * const place = plakar.parseLocation("/var/backups", here);
 * const storage = plakar.openStorage(place);
 * const passphrase = new TextEncoder().encode("correct horse battery staple");
 * await plakar.createRepository(storage, { passphrase, hashing: "BLAKE3", compression: "LZ4", now: now() });
 * let repository = await (await plakar.openRepository(storage)).unlock(passphrase);
 *
 * const environment = {
 *   hostname,
 *   ssh: plakar.processEnvironment(),
 *   io: { prompter: plakar.NOBODY, warn: console.warn },
 * };
 * const source = plakar.parseLocation("sftp://myserver/etc", here);
 * await using importer = await plakar.openImporter(source, environment);
 * const { header } = await plakar.backup({
 *   repository,
 *   identifier: crypto.getRandomValues(new Uint8Array(32)),
 *   importer,
 *   walk: importer.walk(),
 *   openPipeline: plakar.workerPipelines(repository, place, importer.readerSpec),
 *   pipelines: navigator.hardwareConcurrency,
 *   labels: { name: "default", category: "", environment: "", perimeter: "", job: "", tags: [], context: [] },
 *   useParent: true,
 *   now,
 *   hostname,
 *   events: { stored() {}, discovered() {}, failed: console.error, warn: console.warn },
 * });
 *
 * // What is in it, whether it is intact, and back to this machine.
 * repository = await repository.reload();
 * const snapshot = await plakar.Snapshot.load(repository, header.identifier);
 * const path = snapshot.directory;
 * for await (const { path: found } of snapshot.walk(path)) console.log(plakar.display(found));
 * const verified = new plakar.VerifiedBlobs();
 * await plakar.check({ snapshot, path, fast: false, verified, events: { intact() {}, failed: console.error } });
 * await using exporter = await plakar.openExporter(plakar.parseLocation("./etc", here), environment);
 * await plakar.restore({ snapshot, path, exporter, events: { restored() {}, failed: console.error } });
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
export type { Room } from "./src/lib/room.ts";

export { openStorage } from "./src/connectors/storage/open_storage.ts";
export type { ByteRange, ResourceKind, Storage, StorageWriter } from "./src/connectors/storage/storage.ts";
export { openImporter } from "./src/connectors/importer/open_importer.ts";
export type { FileReader, Importer, ReaderSpec, WalkOptions } from "./src/connectors/importer/importer.ts";
export { openExporter } from "./src/connectors/exporter/open_exporter.ts";
export type {
  Degradation,
  Exporter,
  ExporterOptions,
  FileExporterSpec,
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

export { backup } from "./src/snapshot/backup.ts";
export type {
  BackupEvents,
  BackupOptions,
  BackupResult,
  PipelineContext,
  SnapshotLabels,
} from "./src/snapshot/backup_options.ts";
export { workerPipelines } from "./src/snapshot/open_pipeline.ts";
export type { PipelineStart } from "./src/snapshot/pipeline_pool.ts";
export { type StartRestorer, workerRestorers } from "./src/snapshot/open_restorer.ts";
export { check, type CheckEvents, type CheckOptions, type CheckResult } from "./src/snapshot/check.ts";
export { VerifiedBlobs } from "./src/snapshot/verified_blobs.ts";
export {
  restore,
  type RestoreEvents,
  type RestoreOptions,
  type RestoreResult,
} from "./src/snapshot/restore.ts";
export { type DirectoryEntry, type Listing, Snapshot, type WalkedEntry } from "./src/snapshot/snapshot.ts";
export { findSnapshot, listSnapshots } from "./src/snapshot/snapshot_list.ts";

// What the types above consist of.
export type { Header, Identity } from "./src/kloset/header.ts";
export type { KeyValue } from "./src/kloset/key_value.ts";
export type { Classification, ClassProbability } from "./src/kloset/classification.ts";
export type { Source, SourceImporter, SourceIndex, SourceTrees } from "./src/kloset/source.ts";
export type { Summary, SummaryCounters } from "./src/kloset/summary.ts";
export type { Entry, UnusedField } from "./src/kloset/entry.ts";
export type { FileInfo } from "./src/kloset/file_info.ts";
export type { Chunk, KlosetObject } from "./src/kloset/object.ts";
export type {
  ChunkingConfiguration,
  CompressionConfiguration,
  Configuration,
  EncryptionConfiguration,
  HashingConfiguration,
  PackfileConfiguration,
} from "./src/kloset/configuration.ts";
export type {
  Argon2idParameters,
  KdfParameters,
  Pbkdf2Parameters,
  ScryptParameters,
} from "./src/kloset/kdf.ts";
export { ResourceType } from "./src/kloset/resource.ts";
export type { ChildRecord, DirectoryRecord, PathError } from "./src/connectors/record.ts";
export type { FileFacts } from "./src/ssh/environment.ts";
export type {
  BuiltinPlan,
  ConnectionLimits,
  OpensshPlan,
  PlannedAuthentication,
  Signer,
  SshPlan,
} from "./src/ssh/plan.ts";
export type { OfferedAlgorithms } from "./src/ssh/transport/algorithms.ts";
export type { PrivateKey } from "./src/ssh/keys/private_key.ts";
export type { PublicKey } from "./src/ssh/keys/public_key.ts";
export type { Mac, MacStream } from "./src/crypto/mac.ts";
export type { BlobIndex, BlobIndexRows, BlobLocation, SharedBlobIndex } from "./src/repository/blob_index.ts";
export type { BlobReader } from "./src/repository/blob_reader.ts";
export type { KnownBlobs, SharedKnownBlobs } from "./src/repository/known_blobs.ts";
export type { MacSet } from "./src/repository/mac_set.ts";
export type { PackfileReport } from "./src/repository/packer.ts";
export type { RepositoryCache } from "./src/repository/repository_cache.ts";
export type { RepositoryCodec } from "./src/repository/repository_codec.ts";
export type { CachedItem, SegmentCache } from "./src/repository/segment_cache.ts";
export type { StateView } from "./src/repository/state_view.ts";
export type { Transaction } from "./src/repository/transaction.ts";
export type { GiveChunk, SharedBytes } from "./src/snapshot/chunk_giver.ts";
export type { FileJob, FilePipeline, FileResult } from "./src/snapshot/file_pipeline.ts";
export type {
  ClosableRestorer,
  FileRestorer,
  RestoreJob,
  RestorerReport,
} from "./src/snapshot/file_restorer.ts";
export type { WorkerRestorerEvents } from "./src/snapshot/worker_restorer.ts";
export type { StoredChunk } from "./src/snapshot/store_chunk.ts";
export type { StoredContent } from "./src/snapshot/object_builder.ts";
