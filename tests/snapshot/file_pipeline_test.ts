import assert from "node:assert/strict";
import { createChunker } from "../../src/chunking/chunker.ts";
import { entropy } from "../../src/chunking/entropy.ts";
import { ResourceType } from "../../src/kloset/resource.ts";
import { isPlakarError, PlakarError } from "../../src/lib/errors.ts";
import { KnownBlobs } from "../../src/repository/known_blobs.ts";
import { Packer, type PackfileReport } from "../../src/repository/packer.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import { Transaction } from "../../src/repository/transaction.ts";
import type { SharedBytes } from "../../src/snapshot/chunk_giver.ts";
import { type FileJob, type FileResult, LocalFilePipeline } from "../../src/snapshot/file_pipeline.ts";
import { FakeSource } from "../support/fake_source.ts";
import { FaultyStorage } from "../support/faulty_storage.ts";
import { MemoryStorage } from "../support/memory_storage.ts";
import { newTestRepository, type TestRepositoryOptions } from "../support/test_repository.ts";

const turn = () => new Promise((resolve) => setTimeout(resolve));

async function setUp(parallelism = 4, settings: TestRepositoryOptions = {}) {
  const memory = new MemoryStorage();
  const repository = await newTestRepository(memory, settings);
  const { codec, configuration } = repository;
  const storage = new FaultyStorage(memory);
  const source = new FakeSource("/r");
  for (let i = 0; i < 40; i++) source.file(`${i}`, randomBytes(20_000));
  const reports: PackfileReport[] = [];
  const written = (report: PackfileReport) => void reports.push(report);
  const packer = new Packer({ storage, codec, maxSize: 200_000, now: () => 1n, written });
  const chunker = createChunker(configuration.chunking);
  const reader = source.reader(parallelism);
  /** Chunks that were given away, which nobody stores. */
  const given: SharedBytes[] = [];
  const give = (bytes: SharedBytes) => {
    given.push(bytes);
    return new Promise<never>(() => {});
  };
  const context = { codec, chunker, known: new KnownBlobs(repository.blobs), packer };
  const pipeline = new LocalFilePipeline(reader, context, undefined, give);
  const jobs: FileJob[] = Array.from({ length: 40 }, (_, id) => ({
    id,
    path: source.at(`${id}`),
    child: source.node(`${id}`).record,
  }));
  const commit = async () => {
    const transaction = new Transaction(repository, () => 1n);
    for (const report of reports) transaction.add(report);
    await transaction.commit(randomBytes(32));
    await repository.state.update(memory, codec);
  };
  return { memory, storage, source, reader, reports, pipeline, jobs, given, repository, commit };
}

Deno.test("every file is a result, those that cannot be read with the reason", async () => {
  const { memory, source, reports, pipeline, jobs } = await setUp();
  source.failRead("7", "Permission denied").failRead("8", new PlakarError("io", "It broke off"));
  source.remove("9");
  source.node("10").record.info.size = 1;
  const results: FileResult[] = [];
  await pipeline.process(jobs, (result) => void results.push(result));
  await pipeline.finish();
  results.sort((a, b) => a.id - b.id);
  assert.deepEqual(results.map(({ id }) => id), jobs.map(({ id }) => id));
  for (const { id, content, error, changed } of results) {
    if (id >= 7 && id <= 9) assert.equal(content, undefined);
    else assert.equal(content?.size, 20_000);
    assert.equal(error !== undefined, id >= 7 && id <= 9);
    assert.equal(changed ?? false, id === 10);
  }
  assert.equal(results[7].error, "Permission denied");
  assert.equal(results[8].error, "It broke off");
  assert.equal(memory.files.packfile.size, reports.length);
});

Deno.test("no more files are read at once than the reader likes", async () => {
  const { source, pipeline, jobs } = await setUp(3);
  let now = 0;
  let most = 0;
  source.beforePiece = async () => {
    most = Math.max(most, ++now);
    await turn();
    now--;
  };
  await Promise.all([
    pipeline.process(jobs.slice(0, 20), () => {}),
    pipeline.process(jobs.slice(20), () => {}),
  ]);
  assert.equal(most, 3);
  await pipeline.finish();
});

Deno.test("a storage that fails is not taken for a file that fails", async () => {
  const { storage, pipeline, jobs } = await setUp();
  storage.fault = (_, operation) =>
    operation === "write packfile" ? new PlakarError("no-space", "No space is left") : undefined;
  const results: FileResult[] = [];
  await assert.rejects(pipeline.process(jobs, (result) => void results.push(result)), { code: "no-space" });
  assert.ok(results.every(({ error }) => error === undefined));
  await pipeline.abort();
  assert.equal(storage.unfinished, 0);
});

Deno.test("an abort ends when nothing is read any more, and nothing is left", async () => {
  const { memory, storage, source, pipeline, jobs } = await setUp();
  source.pieceSize = 1000;
  let pieces = 0;
  let waiting = 0;
  source.beforePiece = async () => {
    pieces++;
    waiting++;
    await turn();
    waiting--;
  };
  const processing = pipeline.process(jobs, () => {});
  const rejected = assert.rejects(processing, (error) => isPlakarError(error, "interrupted"));
  while (pieces < 30) await turn();
  await pipeline.abort();
  assert.equal(waiting, 0);
  const before = pieces;
  await rejected;
  await turn();
  await turn();
  assert.equal(pieces, before);
  assert.equal(storage.unfinished, 0);
  assert.equal(memory.files.packfile.size, 0);
  await assert.rejects(pipeline.process(jobs, () => {}), { code: "interrupted" });
});

Deno.test("an abort after the end changes nothing", async () => {
  const { memory, pipeline, jobs } = await setUp();
  await pipeline.process(jobs, () => {});
  await pipeline.finish();
  const { size } = memory.files.packfile;
  await pipeline.abort();
  assert.ok(size > 0);
  assert.equal(memory.files.packfile.size, size);
});

Deno.test("what could not be finished is removed by an abort", async () => {
  const { storage, pipeline, jobs } = await setUp();
  await pipeline.process(jobs.slice(0, 3), () => {});
  storage.fault = (_, operation) =>
    operation === "commit packfile" ? new PlakarError("io", "Cannot rename") : undefined;
  await assert.rejects(pipeline.finish(), { message: "Cannot rename" });
  assert.equal(storage.unfinished, 1);
  await pipeline.abort();
  assert.equal(storage.unfinished, 0);
});

for (
  const settings of [{ hashing: "SHA256", compression: "GZIP" }, {
    encrypted: true,
    compression: "LZ4",
  }] as const
) {
  Deno.test(`a chunk of another pipeline is stored from shared memory: ${JSON.stringify(settings)}`, async () => {
    const { repository, pipeline, commit } = await setUp(4, settings);
    const data = new TextEncoder().encode("a line of a log\n".repeat(60_000));
    const bytes = new Uint8Array(new SharedArrayBuffer(data.length + 5)).subarray(0, data.length);
    bytes.set(data);
    const { contentMac, ...chunk } = await pipeline.storeChunk(bytes);
    assert.deepEqual(chunk, { length: data.length, entropy: entropy(data), isNew: true });
    assert.equal((await pipeline.storeChunk(bytes)).isNew, false);
    await pipeline.finish();
    await commit();
    assert.deepEqual(new Uint8Array(await repository.readBlob(ResourceType.chunk, contentMac)), data);
  });
}

Deno.test("an abort does not wait for chunks that another pipeline has", async () => {
  const { storage, source, pipeline, given } = await setUp();
  source.file("large", randomBytes(20_000_000));
  pipeline.allow(2);
  const job = { id: 0, path: source.at("large"), child: source.node("large").record };
  const processing = pipeline.process([job], () => assert.fail("it was stored"));
  const rejected = assert.rejects(processing, (error) => isPlakarError(error, "interrupted"));
  while (source.reads.length === 0 || given.length < 2) await turn();
  await pipeline.abort();
  await rejected;
  assert.equal(given.length, 2);
  assert.equal(storage.unfinished, 0);
});
