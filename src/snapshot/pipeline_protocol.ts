/** The messages between the main thread and a pipeline in a worker: plain data in both directions. */

import type { ReaderSpec } from "../connectors/importer/importer.ts";
import type { ByteString } from "../lib/byte_string.ts";
import type { SharedKnownBlobs } from "../repository/known_blobs.ts";
import type { PackfileReport } from "../repository/packer.ts";
import type { SharedBytes } from "./chunk_giver.ts";
import type { FileJob, FileResult } from "./file_pipeline.ts";
import type { Outcome } from "./outcome.ts";
import type { RepositorySpec } from "./repository_spec.ts";
import type { StoredChunk } from "./store_chunk.ts";

/** What a worker needs to build its pipeline. */
export interface PipelineSpec extends RepositorySpec {
  /** How files are read. */
  reader: ReaderSpec;
  /** Whether the work goes on without this pipeline. */
  isExtra: boolean;
  /** What is stored already. */
  known: SharedKnownBlobs;
}

/** What the main thread says. A chunk goes by a number that the one who asks for it to be stored has chosen. */
export type PipelineRequest =
  | { kind: "open"; spec: PipelineSpec }
  | { kind: "process"; batch: number; jobs: FileJob[] }
  | { kind: "store"; chunk: number; bytes: SharedBytes }
  | { kind: "allow"; chunks: number }
  | { kind: "given"; chunk: number; outcome: Outcome<StoredChunk> }
  | { kind: "finish" }
  | { kind: "abort" };

/** What the worker answers, and what it says for itself: `give` asks for a chunk to be stored, `given` answers that. */
export type PipelineReply =
  | { kind: "results"; results: FileResult[]; bytesRead: number; lastRead?: ByteString }
  | { kind: "packfile"; report: PackfileReport }
  | { kind: "warning"; message: string }
  | { kind: "processed"; batch: number; outcome: Outcome<void> }
  | { kind: "stored"; chunk: number; outcome: Outcome<StoredChunk> }
  | { kind: "give"; chunk: number; bytes: SharedBytes }
  | { kind: Milestone; outcome: Outcome<void> };

/** What happens to a worker once. */
export type Milestone = "opened" | "finished" | "aborted";
