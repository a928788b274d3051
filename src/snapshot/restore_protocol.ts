/** The messages between the main thread and a restorer in a worker: plain data in both directions. */

import type { FileExporterSpec } from "../connectors/exporter/exporter.ts";
import type { ByteString } from "../lib/byte_string.ts";
import type { SharedBlobIndex } from "../repository/blob_index.ts";
import type { RestoreJob, RestorerReport } from "./file_restorer.ts";
import type { Outcome } from "./outcome.ts";
import type { RepositorySpec } from "./repository_spec.ts";

/** What a worker needs to build its restorer. */
export interface RestorerSpec extends RepositorySpec {
  /** How files are written. */
  exporter: FileExporterSpec;
  /** How many at once. */
  parallelism: number;
  /** Where every blob is. */
  index: SharedBlobIndex;
}

/** What the main thread says. */
export type RestorerRequest =
  | { kind: "open"; spec: RestorerSpec }
  | { kind: "restore"; jobs: NumberedJob[] }
  | { kind: "close" };

/** What the worker says. */
export type RestorerReply =
  | { kind: "opened"; outcome: Outcome<void> }
  | { kind: "results"; results: JobResult[]; bytesWritten: number; lastWritten?: ByteString }
  | { kind: "warning"; message: string }
  | { kind: "closed"; outcome: Outcome<RestorerReport> };

/** A file, and the number that its result goes by. */
export type NumberedJob = RestoreJob & { id: number };

/** What became of a file. */
export interface JobResult {
  /** Its number. */
  id: number;
  /** Why it could not be restored, or why nothing more can be. */
  outcome: Outcome<string | undefined>;
}
