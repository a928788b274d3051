/** What a backup takes, what it tells on its way, and what it gives. */

import type { Importer } from "../connectors/importer/importer.ts";
import type { DirectoryRecord } from "../connectors/record.ts";
import type { FileInfo } from "../kloset/file_info.ts";
import type { Header } from "../kloset/header.ts";
import type { ByteString } from "../lib/byte_string.ts";
import type { KnownBlobs } from "../repository/known_blobs.ts";
import type { Repository } from "../repository/repository.ts";
import type { Transaction } from "../repository/transaction.ts";
import type { FilePipeline } from "./file_pipeline.ts";
import type { PipelineStart } from "./pipeline_pool.ts";

/** Told what a backup does, as it does it. */
export interface BackupEvents {
  /** A path is in the snapshot; `read` is false if its content was taken from the parent. */
  stored(path: ByteString, info: FileInfo, read: boolean): void;
  /** A path could not be read. */
  failed(path: ByteString, message: string): void;
  /** More files and bytes are to be done. */
  discovered(files: number, bytes: number): void;
  /** More bytes of files were read, the last of them of this path. */
  read?(bytes: number, path: ByteString): void;
  /** The work entered a phase: `reading` the source, `indexing` what is in it, `committing` the snapshot. */
  phase?(name: "reading" | "indexing" | "committing"): void;
  /** Something a person should know. */
  warn(message: string): void;
}

/** What identifies a snapshot beside its content. */
export interface SnapshotLabels {
  /** Its name, `default` if nobody gave one. */
  name: string;
  /** A label, empty if nobody gave it. */
  category: string;
  /** A label, empty if nobody gave it. */
  environment: string;
  /** A label, empty if nobody gave it. */
  perimeter: string;
  /** A label, empty if nobody gave it. */
  job: string;
  /** Tags. */
  tags: readonly string[];
  /** What made the snapshot, in plakar's order: Hostname, Username, OperatingSystem, … */
  context: readonly (readonly [key: string, value: string])[];
}

/** What {@linkcode backup} works with. */
export interface BackupOptions {
  /** Where the snapshot goes. */
  repository: Repository;
  /** The new snapshot's identifier: 32 random bytes. */
  identifier: Uint8Array;
  /** What it is made from. */
  importer: Importer;
  /** What a walk of the importer gives, which may have begun already. */
  walk: AsyncIterable<DirectoryRecord>;
  /** Opens a pipeline that stores into this repository. */
  openPipeline: (context: PipelineContext) => Promise<FilePipeline>;
  /** How many pipelines there may be. */
  pipelines: number;
  /** Labels and context of the snapshot. */
  labels: SnapshotLabels;
  /** Whether files unchanged since the parent snapshot are not read. */
  useParent: boolean;
  /** When the snapshot says it was made, nanoseconds since 1970; now if not given. */
  timestamp?: bigint;
  /** The time, nanoseconds since 1970. */
  now: () => bigint;
  /** The name of this machine, for the lock. */
  hostname: string;
  /** Told what happens. */
  events: BackupEvents;
  /** Stops the backup; nothing of it stays visible. */
  signal?: AbortSignal;
}

/** What a pipeline of a backup is opened with. */
export interface PipelineContext extends PipelineStart {
  /** What is stored already. */
  known: KnownBlobs;
  /** Takes the packfiles that the pipeline writes. */
  transaction: Transaction;
  /** Told of bytes as they are read, the last of them of this path. */
  read: (bytes: number, path: ByteString) => void;
  /** Told what a person should know. */
  warn: (message: string) => void;
}

/** What a backup did. */
export interface BackupResult {
  /** The snapshot's header. */
  header: Header;
  /** How many paths could not be read. */
  errors: number;
  /** Files whose content was read. */
  filesRead: number;
  /** The size of those contents. */
  bytesRead: number;
  /** How many of those bytes were not in the store yet; the others are deduplicated. */
  bytesNew: number;
  /** Files taken from the parent without reading. */
  filesUnchanged: number;
  /** Bytes added to the store. */
  bytesWritten: number;
  /** The parent's short id. */
  parent?: string;
}
