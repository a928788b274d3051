/** A {@linkcode LocalFilePipeline} in a worker: see `pipeline_protocol.ts` for what is said. */

import { createChunker } from "../chunking/chunker.ts";
import { openFileReader } from "../connectors/importer/open_file_reader.ts";
import { openStorage } from "../connectors/storage/open_storage.ts";
import { decodeConfiguration } from "../kloset/configuration.ts";
import type { ByteString } from "../lib/byte_string.ts";
import { KnownBlobs } from "../repository/known_blobs.ts";
import { Packer } from "../repository/packer.ts";
import { RepositoryCodec } from "../repository/repository_codec.ts";
import type { SharedBytes } from "./chunk_giver.ts";
import { type FileResult, LocalFilePipeline } from "./file_pipeline.ts";
import { outcomeOf } from "./outcome.ts";
import { PendingAnswers } from "./pending_answers.ts";
import {
  type Milestone,
  type PipelineReply,
  type PipelineRequest,
  type PipelineSpec,
} from "./pipeline_protocol.ts";
import type { StoredChunk } from "./store_chunk.ts";

/** The part of a worker's global scope that is used here. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<PipelineRequest>) => void) | null;
  postMessage(message: PipelineReply): void;
}

declare const self: WorkerScope;

/** Results are posted together when this many have gathered, or when nothing else is to be done. */
const RESULTS_A_MESSAGE = 64;
/** How often it is told how much was read while no file is done, in milliseconds. */
const PROGRESS_INTERVAL = 200;

const pipeline = Promise.withResolvers<LocalFilePipeline>();
const given = new PendingAnswers<number, StoredChunk>();
let chunksGiven = 0;
let gathered: FileResult[] = [];
let bytesRead = 0;
let lastRead: ByteString | undefined;

async function open(spec: PipelineSpec): Promise<LocalFilePipeline> {
  const configuration = decodeConfiguration(spec.configuration);
  const codec = new RepositoryCodec(configuration, spec.masterKey);
  const storage = await openStorage(spec.storage);
  const reader = await openFileReader(
    spec.reader,
    (message) => self.postMessage({ kind: "warning", message }),
    spec.isExtra,
  );
  const packer = new Packer({
    storage,
    codec,
    maxSize: Number(configuration.packfile.maxSize),
    now: () => BigInt(Date.now()) * 1_000_000n,
    written: (report) => self.postMessage({ kind: "packfile", report }),
  });
  const chunker = createChunker(configuration.chunking);
  const context = { codec, chunker, known: KnownBlobs.of(spec.known), packer };
  return new LocalFilePipeline(reader, context, countRead, give);
}

/** The main thread knows who has nothing to do. */
function give(bytes: SharedBytes): Promise<StoredChunk> {
  const chunk = chunksGiven++;
  self.postMessage({ kind: "give", chunk, bytes });
  return given.wait(chunk);
}

/** A large file is heard of before it is done. */
function countRead(bytes: number, path: ByteString): void {
  if (bytesRead === 0) setTimeout(postResults, PROGRESS_INTERVAL);
  bytesRead += bytes;
  lastRead = path;
}

function postResults(): void {
  if (gathered.length === 0 && bytesRead === 0) return;
  self.postMessage({ kind: "results", results: gathered, bytesRead, lastRead });
  gathered = [];
  bytesRead = 0;
}

function gather(result: FileResult): void {
  if (gathered.push(result) === 1) setTimeout(postResults, 1);
  else if (gathered.length >= RESULTS_A_MESSAGE) postResults();
}

async function answer(request: PipelineRequest): Promise<void> {
  const opened = pipeline.promise;
  switch (request.kind) {
    case "open":
      open(request.spec).then(pipeline.resolve, pipeline.reject);
      return await reach("opened", opened);
    case "process": {
      const { batch, jobs } = request;
      const outcome = await outcomeOf(opened.then((pipeline) => pipeline.process(jobs, gather)));
      postResults();
      return self.postMessage({ kind: "processed", batch, outcome });
    }
    case "store": {
      const { chunk, bytes } = request;
      const outcome = await outcomeOf(opened.then((pipeline) => pipeline.storeChunk(bytes)));
      return self.postMessage({ kind: "stored", chunk, outcome });
    }
    case "allow":
      return (await opened).allow(request.chunks);
    case "given":
      return given.settle(request.chunk, request.outcome);
    case "finish":
      return await reach("finished", opened.then((pipeline) => pipeline.finish()));
    case "abort":
      return await reach("aborted", opened.then((pipeline) => pipeline.abort(), () => {}));
  }
}

async function reach(kind: Milestone, action: Promise<unknown>): Promise<void> {
  self.postMessage({ kind, outcome: await outcomeOf(action.then(() => {})) });
}

self.onmessage = (event) => void answer(event.data);
