/** The contract of exporters: the connectors that snapshots are restored to. */

import type { ByteString } from "../../lib/byte_string.ts";
import type { FileInfo } from "../../kloset/file_info.ts";
import type { SshPlan } from "../../ssh/plan.ts";

/** Writes one file: pieces in order, then `commit` or `abort`. */
export interface FileWriter {
  /** Appends bytes. They may be reused by the caller once the promise resolves. */
  write(piece: Uint8Array): Promise<void>;
  /**
   * Makes the file appear under its final name, whole: bytes are flushed to the disk of the target (where
   * the target can), mode and times set, then the temporary name is renamed over the final one.
   */
  commit(): Promise<void>;
  /** Removes what was written so far. Safe to call after a failed `commit`. */
  abort(): Promise<void>;
}

/** What could not be kept of a file's metadata: said once per kind, counted, never swallowed. */
export interface Degradation {
  /** What was lost. */
  kind: "owner" | "mode" | "times" | "link-times" | "special-file" | "fsync";
  /** The first path it happened to. */
  path: ByteString;
  /** What the other side answered. */
  message: string;
  /** How many paths it happened to. */
  count: number;
}

/** What an exporter may be told when it is opened. */
export interface ExporterOptions {
  /** Modes and owners stay as the target gives them to what is new, by its umask. Times are set all the same. */
  skipPermissions?: boolean;
  /** How many files are written at once, if not as many as are worth it. */
  parallelism?: number;
}

/** What another thread needs to write files into the same target over a connection of its own: plain data. */
export type FileExporterSpec = ({ protocol: "fs" } | { protocol: "sftp"; plan: SshPlan }) & {
  /** The directory that is restored into. */
  root: ByteString;
  /** As in {@linkcode ExporterOptions}. */
  skipPermissions: boolean;
};

/**
 * A target of restores. All paths are relative to the target root, absolute in form (`/` is the root).
 *
 * * `root` is created with its parents if missing. **If it existed, none of its attributes are ever changed.**
 * * Directories: existing ones are no error. Attributes of directories that the restore created or met below
 *   the root are set by `finishDirectory`, after everything in them.
 * * A symbolic link where a directory is expected is never followed: it is an error of that path.
 * * An existing file or link is replaced by rename; an existing directory in place of a file is an error.
 * * Every method may be called concurrently for different paths, parents first.
 * * A connection that is lost is opened again. Only a file that was being written then has to be begun again: its
 *   writer throws an error that is an {@linkcode isInterruptedFile}.
 */
export interface Exporter extends AsyncDisposable {
  /** The target as a person would name it. */
  readonly displayName: string;
  /** Creates a directory, or accepts the one that is there. */
  createDirectory(path: ByteString): Promise<void>;
  /** Begins a file under a temporary name in the same directory. */
  createFile(path: ByteString, info: FileInfo): Promise<FileWriter>;
  /** Creates a symbolic link, replacing a file or link that is there. */
  createSymlink(path: ByteString, target: ByteString, info: FileInfo): Promise<void>;
  /** Takes note of a device, pipe or socket, which is not created: a degradation. */
  skipSpecialFile(path: ByteString, info: FileInfo): Promise<void>;
  /**
   * Sets mode, owner (where possible) and times of a directory, and flushes the names in it to the disk of the
   * target (where the target can). Of a root that existed, and without `info`, attributes stay as they are.
   */
  finishDirectory(path: ByteString, info?: FileInfo): Promise<void>;
  /** What was lost so far. */
  readonly degradations: readonly Degradation[];
  /** How many files are worth writing at once. */
  readonly parallelism: number;
  /** From what another thread writes files into directories that this one created; none does without it. */
  readonly fileExporterSpec?: FileExporterSpec;
}
