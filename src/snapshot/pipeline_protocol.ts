/** The messages between the main thread and a pipeline in a worker: plain data in both directions. */

import type { ReaderSpec } from "../connectors/importer/importer.ts";
import type { Location } from "../connectors/location.ts";
import type { ByteString } from "../lib/byte_string.ts";
import { type ErrorCode, messageOf, PlakarError } from "../lib/errors.ts";
import type { PackfileReport } from "../repository/packer.ts";
import type { SharedBytes } from "./chunk_giver.ts";
import type { FileJob, FileResult } from "./file_pipeline.ts";
import type { StoredChunk } from "./store_chunk.ts";

/** What a worker needs to build its pipeline. */
export interface PipelineSpec {
  /** How files are read. */
  reader: ReaderSpec;
  /** Where the repository is. */
  storage: Location;
  /** The repository's CONFIG payload. */
  configuration: Uint8Array;
  /** The key derived from the passphrase. */
  masterKey?: Uint8Array;
  /** The shared memory of the set of known blobs. */
  known: SharedArrayBuffer;
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

/** How an action of the other thread ended. */
export type Outcome<T> = { value: T } | { error: ErrorMessage };

/** A {@linkcode PlakarError} as plain data. */
export interface ErrorMessage {
  /** Its code. */
  code: ErrorCode;
  /** Its message. */
  message: string;
  /** Its hint. */
  hint?: string;
}

/**
 * An error as plain data.
 *
 * @param error what was caught
 * @returns what can be posted
 */
export function encodeError(error: unknown): ErrorMessage {
  if (error instanceof PlakarError) return { code: error.code, message: error.message, hint: error.hint };
  return { code: "io", message: messageOf(error) };
}

/**
 * The error again.
 *
 * @param message what was posted
 * @returns an error to throw
 */
export function decodeError(message: ErrorMessage): PlakarError {
  return new PlakarError(message.code, message.message, { hint: message.hint });
}

/**
 * Waits for an action, whatever becomes of it.
 *
 * @param action what is done
 * @returns what can be posted
 */
export async function outcomeOf<T>(action: Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await action };
  } catch (error) {
    return { error: encodeError(error) };
  }
}
