import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { type CachedItem, type CacheSettings, SegmentCache } from "../../src/repository/segment_cache.ts";
import { cacheSettings, MemoryCache } from "../support/memory_cache.ts";
import { MemoryStorage } from "../support/memory_storage.ts";
import { newTestRepository } from "../support/test_repository.ts";

const idOf = (n: number) => n.toString(16).padStart(64, "0");
const item = (n: number, length = 10): CachedItem => ({
  id: idOf(n),
  version: n,
  bytes: new Uint8Array(length).fill(n),
});
const items = (count: number, from = 0) => Array.from({ length: count }, (_, n) => item(from + n));
const everything = new Set(items(256).map(({ id }) => id));
const { codec } = await newTestRepository(new MemoryStorage(), { encrypted: true, compression: "LZ4" });

/** The cache as the next run of the program finds it. */
function cacheOf(files: MemoryCache, changes: Partial<CacheSettings> = {}, kind = "states"): SegmentCache {
  return new SegmentCache(kind, codec, cacheSettings(files, changes));
}

async function keep(cache: SegmentCache, kept: readonly CachedItem[]): Promise<void> {
  for (const each of kept) await cache.keep(each);
  await cache.flush();
}

async function load(cache: SegmentCache, wanted: ReadonlySet<string> = everything): Promise<CachedItem[]> {
  const found: CachedItem[] = [];
  await cache.load(wanted, ({ id, version, bytes }) => found.push({ id, version, bytes: bytes.slice() }));
  return found.sort((a, b) => a.version - b.version);
}

Deno.test("what was kept is there in the next run", async () => {
  const files = new MemoryCache();
  await keep(cacheOf(files), items(5));
  assert.deepEqual(await load(cacheOf(files)), items(5));
  await keep(cacheOf(files), items(5, 5));
  assert.deepEqual(await load(cacheOf(files)), items(10));
});

Deno.test("of an encrypted repository nothing can be read without its key", async () => {
  const files = new MemoryCache();
  const secret = Buffer.from("a name that is nobody's business");
  await keep(cacheOf(files), [{ ...item(1), bytes: new Uint8Array(secret) }]);
  for (const bytes of files.files.values()) {
    assert.ok(!Buffer.from(bytes).includes(secret));
    assert.ok(!Buffer.from(bytes).includes(Buffer.from(idOf(1), "hex")));
  }
  const other = await newTestRepository(new MemoryStorage(), { encrypted: true });
  assert.deepEqual(await load(new SegmentCache("states", other.codec, cacheSettings(files))), []);
});

Deno.test("a segment that was torn or changed counts for nothing, and goes away", async () => {
  const damages: ((bytes: Uint8Array) => Uint8Array)[] = [
    (bytes) => bytes.subarray(0, bytes.length >> 1),
    (bytes) => bytes.subarray(0, 5),
    () => new Uint8Array(0),
    (bytes) => bytes.map((byte, i) => i === bytes.length >> 1 ? byte ^ 1 : byte),
    (bytes) => bytes.map((byte, i) => i === bytes.length - 1 ? byte ^ 1 : byte),
  ];
  for (const damage of damages) {
    const files = new MemoryCache();
    await keep(cacheOf(files), items(3));
    const [[key, bytes]] = files.files;
    files.files.set(key, damage(bytes));
    await keep(cacheOf(files), items(3, 3));
    assert.deepEqual(await load(cacheOf(files)), items(3, 3));
    assert.ok(!files.files.has(key));
  }
});

Deno.test("a segment of one kind is not taken for one of another", async () => {
  const files = new MemoryCache();
  await keep(cacheOf(files), items(3));
  const [bytes] = files.files.values();
  files.files.set("headers-0", bytes);
  assert.deepEqual(await load(cacheOf(files, {}, "headers")), []);
});

Deno.test("what is not there any more is dropped", async () => {
  const files = new MemoryCache();
  await keep(cacheOf(files), items(5));
  const left = new Set([idOf(1), idOf(3)]);
  const cache = cacheOf(files);
  assert.deepEqual(await load(cache, left), [item(1), item(3)]);
  await cache.flush();
  assert.equal(files.files.size, 1);
  assert.deepEqual(await load(cacheOf(files)), [item(1), item(3)]);
  const last = cacheOf(files);
  assert.deepEqual(await load(last, new Set()), []);
  await last.flush();
  assert.equal(files.files.size, 0);
});

Deno.test("many small segments become one, and nothing is lost or there twice", async () => {
  const files = new MemoryCache();
  for (let run = 0; run < 20; run++) {
    const cache = cacheOf(files);
    assert.equal((await load(cache)).length, run);
    await keep(cache, [item(run)]);
    assert.ok(files.files.size <= 9, `${files.files.size} segments`);
  }
  // As if two runs had kept the same.
  await keep(cacheOf(files), items(3));
  assert.deepEqual(await load(cacheOf(files)), items(20));
});

Deno.test("large segments are left as they are, however many there are", async () => {
  const files = new MemoryCache();
  for (let n = 0; n < 10; n++) await keep(cacheOf(files), [item(n, 5_000_000)]);
  const before = [...files.files.keys()];
  const cache = cacheOf(files);
  assert.equal((await load(cache)).length, 10);
  await keep(cache, [item(10)]);
  assert.deepEqual([...files.files.keys()].slice(0, 10), before);
});

Deno.test("a segment is written as soon as it is full", async () => {
  const files = new MemoryCache();
  const cache = cacheOf(files);
  for (let n = 0; n < 4; n++) await cache.keep(item(n, 1_500_000));
  assert.equal(files.files.size, 1);
  await cache.flush();
  assert.deepEqual((await load(cacheOf(files))).map(({ version }) => version), [0, 1, 2, 3]);
});

Deno.test("what is not worth keeping is not kept", async () => {
  const files = new MemoryCache();
  const policy = { leastItems: 3, largestItem: 100 };
  await keep(cacheOf(files, { policy }), items(2));
  assert.equal(files.files.size, 0);
  await keep(cacheOf(files, { policy }), [...items(3), item(9, 101)]);
  assert.deepEqual(await load(cacheOf(files)), items(3));
});

Deno.test("a cache that cannot be used is told once, and fails nothing", async () => {
  const files = new MemoryCache();
  await keep(cacheOf(files), items(3));
  files.failure = new Error("no space left");
  const notes: string[] = [];
  const cache = cacheOf(files, { note: (message) => void notes.push(message) });
  assert.deepEqual(await load(cache), []);
  await keep(cache, items(3));
  await keep(cache, items(3));
  assert.deepEqual(notes, ["Cannot read the cache of states: no space left"]);
});
