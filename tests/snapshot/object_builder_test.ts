import assert from "node:assert/strict";
import { createChunker } from "../../src/chunking/chunker.ts";
import { entropy } from "../../src/chunking/entropy.ts";
import { decodeObject } from "../../src/kloset/object.ts";
import { ResourceType } from "../../src/kloset/resource.ts";
import { concat, toHex } from "../../src/lib/bytes.ts";
import type { ByteString } from "../../src/lib/byte_string.ts";
import { BufferPool } from "../../src/lib/buffer_pool.ts";
import { Semaphore } from "../../src/lib/concurrency.ts";
import { PlakarError } from "../../src/lib/errors.ts";
import { KnownBlobs } from "../../src/repository/known_blobs.ts";
import { Packer } from "../../src/repository/packer.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import { Transaction } from "../../src/repository/transaction.ts";
import { ChunkGiver, type GiveChunk } from "../../src/snapshot/chunk_giver.ts";
import { ObjectBuilder, type ObjectContext, type StoredContent } from "../../src/snapshot/object_builder.ts";
import { storeChunk } from "../../src/snapshot/store_chunk.ts";
import { MemoryStorage } from "../support/memory_storage.ts";
import { NOW } from "../support/snapshots.ts";
import { newTestRepository, type TestRepositoryOptions } from "../support/test_repository.ts";
import { storedBlobs } from "../support/stored_blobs.ts";

const SIZES: [number, number, number] = [512, 4096, 16_384];

async function setUp(options: TestRepositoryOptions = { chunkSizes: SIZES }) {
  const storage = new MemoryStorage();
  const repository = await newTestRepository(storage, options);
  const { codec, configuration } = repository;
  const transaction = new Transaction(repository, () => NOW);
  const packer = new Packer({
    storage,
    codec,
    maxSize: 100_000,
    now: () => NOW,
    written: (report) => transaction.add(report),
  });
  const chunker = createChunker(configuration.chunking);
  const context: ObjectContext = {
    codec,
    chunker,
    known: new KnownBlobs(repository.blobs),
    packer,
    large: new Semaphore(2),
    buffers: new BufferPool(1 << 20),
  };
  const commit = async () => {
    await packer.flush();
    await transaction.commit(randomBytes(32));
    await repository.state.update(storage, codec);
  };
  return { repository, context, commit };
}

/** Gives a content in pieces, whose bytes are destroyed after each call. */
async function build(
  context: ObjectContext,
  content: Uint8Array,
  { hint = content.length, piece = () => 1000, type }: {
    hint?: number;
    piece?: () => number;
    type?: ByteString;
  } = {},
) {
  using builder = new ObjectBuilder(context, hint, type);
  for (let at = 0; at < content.length;) {
    const length = piece();
    const bytes = content.slice(at, at + length);
    at += length;
    const pause = builder.add(bytes);
    if (pause) await pause;
    bytes.fill(0xee);
  }
  return await builder.finish();
}

function cutsOf({ chunker }: ObjectContext, content: Uint8Array): number[] {
  const cuts: number[] = [];
  for (let at = 0; at < content.length;) {
    const length = chunker.cut(content, at, content.length);
    cuts.push(length);
    at += length;
  }
  return cuts;
}

for (const settings of [{}, { encrypted: true, compression: "LZ4" }] as const) {
  Deno.test(`contents are cut as the chunker cuts, however they arrive: ${JSON.stringify(settings)}`, async () => {
    const { repository, context, commit } = await setUp({ ...settings, chunkSizes: SIZES });
    const log = (n: number) => new TextEncoder().encode(`line of log ${n}\n`.repeat(9000));
    const sizes = [0, 1, 511, 512, 4096, 16_383, 16_384, 16_385, 100_000, 250_000];
    const makers = [...sizes.map((size) => () => randomBytes(size)), () => new Uint8Array(70_000), log];
    let seed = 7;
    const random = () => 1 + (seed = seed * 48_271 % 2_147_483_647) % 9000;
    const stored: { content: Uint8Array; result: StoredContent }[] = [];
    for (const make of makers) {
      for (const piece of [random, () => 1 << 20, () => 777]) {
        for (const share of [1, 0, 0.1, 10, -1]) {
          const content = make(stored.length);
          const hint = Math.floor(content.length * share);
          stored.push({ content, result: await build(context, content, { piece, hint }) });
        }
      }
    }
    await commit();
    for (const { content, result } of stored) {
      const object = decodeObject(await repository.readBlob(ResourceType.object, result.object));
      const cuts = object.chunks.map((chunk) => chunk.length);
      assert.deepEqual(cuts, content.length === 0 ? [0] : cutsOf(context, content));
      assert.equal(toHex(object.contentMac), toHex(context.codec.mac.mac(content)));
      assert.equal(result.size, content.length);
      assert.equal(result.chunks, cuts.length);
      assert.equal(result.entropy, object.entropy);
      assert.equal(result.contentType, object.contentType);
      const chunks = object.chunks.map(({ contentMac }) =>
        repository.readBlob(ResourceType.chunk, contentMac)
      );
      assert.deepEqual(new Uint8Array(concat(...await Promise.all(chunks))), content);
    }
  });
}

Deno.test("a file that is a chunk of another has an object of its own, which is stored once", async () => {
  const { repository, context, commit } = await setUp();
  const content = randomBytes(100_000);
  const [first] = cutsOf(context, content);
  await build(context, content);
  const part = content.slice(0, first);
  const results = await Promise.all([part, part, part].map((bytes) => build(context, bytes)));
  const typed = await build(context, part, { type: "application/x-other" as ByteString });
  await build(context, part, { type: "application/x-other" as ByteString });
  await commit();
  const objects = await storedBlobs(repository, ResourceType.object);
  assert.equal(objects.length, 3, "the whole, its part, and that as something else");
  for (const { object } of [...results, typed]) {
    const { chunks } = decodeObject(await repository.readBlob(ResourceType.object, object));
    assert.deepEqual(await repository.readBlob(ResourceType.chunk, chunks[0].contentMac), part);
  }
  assert.equal(new Set(results.map(({ object }) => toHex(object))).size, 1);
  assert.notEqual(toHex(typed.object), toHex(results[0].object));
});

Deno.test("with chunks of the default size, too, nothing that waits in memory is overwritten", async () => {
  const { repository, context, commit } = await setUp({});
  const content = randomBytes(30_000_000);
  const result = await build(context, content, { piece: () => 256 * 1024 });
  await commit();
  const object = decodeObject(await repository.readBlob(ResourceType.object, result.object));
  assert.deepEqual(object.chunks.map(({ length }) => length), cutsOf(context, content));
  for (const { contentMac, length } of object.chunks) {
    await repository.readBlob(ResourceType.chunk, contentMac, length);
  }
});

Deno.test("equal contents are stored once, and equal chunks of different contents too", async () => {
  const { repository, context, commit } = await setUp();
  const content = randomBytes(100_000);
  const one = await build(context, content);
  const two = await build(context, content, { piece: () => 5000 });
  const more = await build(context, concat(content, randomBytes(50_000)));
  assert.equal(toHex(one.object), toHex(two.object));
  await commit();
  const count = async (type: ResourceType) => (await storedBlobs(repository, type)).length;
  assert.equal(await count(ResourceType.object), 2);
  assert.ok(await count(ResourceType.chunk) < one.chunks + more.chunks - one.chunks / 2);
});

Deno.test("entropy is that of the chunks by their length, between 0 and 8 bits", async () => {
  const { context } = await setUp();
  assert.equal((await build(context, new Uint8Array(50_000))).entropy, 0);
  assert.ok((await build(context, randomBytes(50_000))).entropy > 7.5);
  assert.equal((await build(context, new Uint8Array(0))).entropy, 0);
  const half = await build(context, Uint8Array.from({ length: 20_000 }, (_, i) => i % 2));
  assert.ok(Math.abs(half.entropy - 1) < 1e-9);
});

Deno.test("a type is detected from the first bytes, unless it is given: then there is no entropy either", async () => {
  const { context } = await setUp();
  const text = new TextEncoder().encode("%PDF-1.7 and more ".repeat(5000));
  assert.equal((await build(context, text, { piece: () => 3 })).contentType, "application/pdf");
  assert.equal((await build(context, new Uint8Array(0))).contentType, "text/plain");
  const given = await build(context, text, { type: "application/octet-stream" as ByteString });
  assert.equal(given.contentType, "application/octet-stream");
  assert.equal(given.entropy, 0);
});

/** A pool that tells how large the buffers are that it lends. */
class ToldPool extends BufferPool {
  readonly sizes: number[] = [];

  override take(size: number): Uint8Array {
    const buffer = super.take(size);
    this.sizes.push(buffer.length);
    return buffer;
  }
}

Deno.test("a file gets no larger buffer than it was said to need, and at most one of two chunks", async () => {
  const { context } = await setUp({});
  const mebibyte = 1024 * 1024;
  const largestFor = async (size: number, hint: number) => {
    const buffers = new ToldPool(0);
    await build({ ...context, buffers }, new Uint8Array(size), { hint, piece: () => 65_536 });
    return Math.max(...buffers.sizes);
  };
  assert.equal(await largestFor(10_000, 10_000), 16_384);
  assert.equal(await largestFor(1_200_000, 1_200_000), 2 * mebibyte);
  assert.equal(await largestFor(3_000_000, 3_000_000), 4 * mebibyte);
  for (const hint of [30_000_000, 10, 0, -1]) {
    assert.equal(await largestFor(30_000_000, hint), 2 * context.chunker.maxSize, `hint ${hint}`);
  }
});

Deno.test("no more large files hold buffers at once than may, and a file that is given up makes room", async () => {
  const { context } = await setUp({});
  const builders = [1, 2, 3].map(() => new ObjectBuilder(context, 0));
  const piece = new Uint8Array(1_200_000);
  for (const builder of builders.slice(0, 2)) await builder.add(piece);
  let isWaiting = true;
  const third = Promise.resolve(builders[2].add(piece)).then(() => isWaiting = false);
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(isWaiting, true);
  using small = new ObjectBuilder(context, 10);
  assert.equal(small.add(new Uint8Array(10)), undefined, "small files do not wait");
  builders[0][Symbol.dispose]();
  await third;
  for (const builder of builders) builder[Symbol.dispose]();
});

const turn = () => new Promise((resolve) => setTimeout(resolve));

/** A context in which three chunks at once may be given away. */
function givingTo(context: ObjectContext, give: GiveChunk): ObjectContext {
  const giver = new ChunkGiver(give, context.chunker.maxSize);
  giver.allow(3);
  return { ...context, giver };
}

Deno.test("chunks that others store, in whatever order, make the same object, and each is stored once", async () => {
  const { repository, context, commit } = await setUp();
  const content = concat(randomBytes(300_000), new Uint8Array(100_000), randomBytes(200_000));
  using alone = new ObjectBuilder({ ...context, known: new KnownBlobs(repository.blobs) }, 0);
  await alone.add(content);
  const expected = await alone.finish();
  const answered: number[] = [];
  let given = 0;
  const giving = givingTo(context, async (bytes) => {
    const chunk = given++;
    for (let n = chunk % 3; n < 3; n++) await turn();
    answered.push(chunk);
    return await storeChunk(context, bytes, entropy(bytes));
  });
  using builder = new ObjectBuilder(giving, 0);
  for (let at = 0; at < content.length; at += 7000) {
    await builder.add(content.slice(at, at + 7000));
    if (at % 3 === 0) await turn();
  }
  assert.deepEqual(await builder.finish(), expected);
  assert.ok(builder.newBytes < content.length, "chunks of zeros are equal");
  assert.equal(builder.newBytes, alone.newBytes);
  assert.ok(given > 10 && given < expected.chunks, `${given} of ${expected.chunks} were given`);
  assert.notDeepEqual(answered, answered.toSorted((a, b) => a - b));
  await commit();
  const object = decodeObject(await repository.readBlob(ResourceType.object, expected.object));
  const chunks = object.chunks.map(({ contentMac }) => repository.readBlob(ResourceType.chunk, contentMac));
  assert.deepEqual(new Uint8Array(concat(...await Promise.all(chunks))), content);
});

Deno.test("a file of one chunk gives nothing away, however large it is", async () => {
  const { context } = await setUp({});
  const giving = givingTo(context, () => assert.fail("it was given"));
  for (const size of [100, 500_000, 1_100_000]) await build(giving, new Uint8Array(size));
});

Deno.test("a chunk that another cannot store fails the file, before its end if that is far", async () => {
  const { context } = await setUp();
  const error = new PlakarError("no-space", "No space is left");
  const giving = givingTo(context, () => Promise.reject(error));
  await assert.rejects(build(giving, randomBytes(40_000), { piece: () => 40_000 }), error);
  using unfinished = new ObjectBuilder(giving, 0);
  await assert.rejects(async () => {
    for (let n = 0; n < 100; n++) await unfinished.add(randomBytes(10_000));
  }, error);
});
