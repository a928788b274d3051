/** A {@linkcode LocalFileRestorer} in a worker: see `restore_protocol.ts` for what is said. */

import { openFileExporter } from "../connectors/exporter/open_file_exporter.ts";
import type { FileExporter } from "../connectors/exporter/file_exporter.ts";
import { openStorage } from "../connectors/storage/open_storage.ts";
import { decodeConfiguration } from "../kloset/configuration.ts";
import type { ByteString } from "../lib/byte_string.ts";
import { PlakarError } from "../lib/errors.ts";
import { BlobIndex } from "../repository/blob_index.ts";
import { BlobReader } from "../repository/blob_reader.ts";
import { RepositoryCodec } from "../repository/repository_codec.ts";
import { LocalFileRestorer, type RestorerReport } from "./file_restorer.ts";
import { outcomeOf } from "./outcome.ts";
import type {
  JobResult,
  NumberedJob,
  RestorerReply,
  RestorerRequest,
  RestorerSpec,
} from "./restore_protocol.ts";

/** The part of a worker's global scope that is used here. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<RestorerRequest>) => void) | null;
  postMessage(message: RestorerReply): void;
}

declare const self: WorkerScope;

/** The parts of the restorer. */
interface Parts {
  blobs: BlobReader;
  exporter: FileExporter;
  restorer: LocalFileRestorer;
}

/** Results are posted together when this many have gathered, or a moment after the first. */
const RESULTS_A_MESSAGE = 64;
/** How often it is told how much was written while no file is done, in milliseconds. */
const PROGRESS_INTERVAL = 200;

const parts = Promise.withResolvers<Parts>();
const closing = new AbortController();
const running = new Set<Promise<void>>();
let gathered: JobResult[] = [];
let bytesWritten = 0;
let lastWritten: ByteString | undefined;

async function open(spec: RestorerSpec): Promise<Parts> {
  const codec = new RepositoryCodec(decodeConfiguration(spec.configuration), spec.masterKey);
  const blobs = new BlobReader(await openStorage(spec.storage), codec, BlobIndex.of(spec.index));
  const exporter = await openFileExporter(
    spec.exporter,
    (message) => self.postMessage({ kind: "warning", message }),
    closing.signal,
  );
  const { parallelism } = spec;
  const restorer = new LocalFileRestorer(blobs, exporter, {
    parallelism,
    written: countWritten,
    signal: closing.signal,
  });
  return { blobs, exporter, restorer };
}

/** A large file is heard of before it is done. */
function countWritten(bytes: number, path: ByteString): void {
  if (lastWritten === undefined) setTimeout(postResults, PROGRESS_INTERVAL);
  bytesWritten += bytes;
  lastWritten = path;
}

function postResults(): void {
  if (gathered.length === 0 && lastWritten === undefined) return;
  self.postMessage({ kind: "results", results: gathered, bytesWritten, lastWritten });
  gathered = [];
  bytesWritten = 0;
  lastWritten = undefined;
}

function begin(job: NumberedJob): void {
  const run: Promise<void> = restore(job).finally(() => running.delete(run));
  running.add(run);
}

async function restore({ id, ...job }: NumberedJob): Promise<void> {
  const outcome = await outcomeOf(parts.promise.then(({ restorer }) => restorer.restore(job)));
  if (gathered.push({ id, outcome }) === 1) setTimeout(postResults, 1);
  else if (gathered.length >= RESULTS_A_MESSAGE) postResults();
}

async function close(): Promise<RestorerReport> {
  closing.abort(new PlakarError("interrupted", "The restore was stopped"));
  const { blobs, exporter } = await parts.promise;
  // A file that is just being created could not be removed yet.
  await Promise.all(running);
  await exporter[Symbol.asyncDispose]();
  return { degradations: exporter.degradations, bytesRead: blobs.bytesRead };
}

async function answer(request: RestorerRequest): Promise<void> {
  switch (request.kind) {
    case "open":
      open(request.spec).then(parts.resolve, parts.reject);
      return self.postMessage({ kind: "opened", outcome: await outcomeOf(parts.promise.then(() => {})) });
    case "restore":
      return request.jobs.forEach(begin);
    case "close":
      return self.postMessage({ kind: "closed", outcome: await outcomeOf(close()) });
  }
}

self.onmessage = (event) => void answer(event.data);
