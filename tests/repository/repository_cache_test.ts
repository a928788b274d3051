import assert from "node:assert/strict";
import { toHex } from "../../src/lib/bytes.ts";
import { openRepository, type Repository } from "../../src/repository/repository.ts";
import { listSnapshots } from "../../src/snapshot/snapshot_list.ts";
import { FakeSource } from "../support/fake_source.ts";
import { FaultyStorage } from "../support/faulty_storage.ts";
import { cacheSettings, MemoryCache } from "../support/memory_cache.ts";
import { MemoryStorage } from "../support/memory_storage.ts";
import { makeBackup } from "../support/snapshots.ts";
import { createTestRepository, TEST_PASSPHRASE } from "../support/test_repository.ts";
import { storedBlobs } from "../support/stored_blobs.ts";

/** A repository of a few snapshots, opened as the next run would. */
class Cached {
  readonly storage = new MemoryStorage();
  readonly files = new MemoryCache();
  readonly #source = new FakeSource("/srv");
  #count = 0;

  static async create(snapshots: number): Promise<Cached> {
    const cached = new Cached();
    await createTestRepository(cached.storage, { encrypted: true, compression: "LZ4" });
    for (let n = 0; n < snapshots; n++) await cached.backup();
    return cached;
  }

  async backup(): Promise<void> {
    this.#source.file("file", `version ${this.#count++}`);
    await makeBackup(await this.open(this.storage, false), this.#source);
  }

  async open(storage: MemoryStorage | FaultyStorage = this.storage, isCached = true): Promise<Repository> {
    const cacheOf = isCached ? () => cacheSettings(this.files) : undefined;
    return await (await openRepository(storage, { cacheOf })).unlock(TEST_PASSPHRASE);
  }

  /** What listing all snapshots reads of the storage beside CONFIG. */
  async list(): Promise<{ ids: string[]; read: Record<string, number>; warnings: string[] }> {
    const storage = new FaultyStorage(this.storage);
    const warnings: string[] = [];
    const snapshots = await listSnapshots(await this.open(storage), (message) => void warnings.push(message));
    const count = (name: string) => storage.operations.filter((operation) => operation === name).length;
    return {
      ids: snapshots.map(({ header }) => toHex(header.identifier)).sort(),
      read: { states: count("get state"), packfiles: count("get packfile") },
      warnings,
    };
  }
}

Deno.test("states and headers are fetched once, new ones when they are met", async () => {
  const cached = await Cached.create(3);
  const first = await cached.list();
  assert.deepEqual(first.read, { states: 3, packfiles: 3 });
  assert.equal(first.ids.length, 3);
  assert.deepEqual(await cached.list(), { ...first, read: { states: 0, packfiles: 0 } });
  await cached.backup();
  const { ids, read } = await cached.list();
  assert.equal(ids.length, 4);
  assert.deepEqual(read, { states: 1, packfiles: 1 });
});

Deno.test("from the cache a repository is what it is in the store", async () => {
  const cached = await Cached.create(3);
  await cached.list();
  const fresh = await cached.open(cached.storage, false);
  const repository = await cached.open();
  assert.equal(repository.state.head, fresh.state.head);
  assert.equal(repository.blobs.size, fresh.blobs.size);
  for (const [type, mac] of await storedBlobs(fresh)) {
    assert.deepEqual(repository.blobs.get(type, mac), fresh.blobs.get(type, mac));
  }
});

Deno.test("a state that vanished from the store is not seen any more", async () => {
  const cached = await Cached.create(3);
  const { ids } = await cached.list();
  cached.storage.files.state.delete(ids[0]);
  assert.deepEqual((await cached.list()).ids, ids.slice(1));
  const segments = [...cached.files.files.keys()];
  assert.deepEqual((await cached.list()).ids, ids.slice(1));
  assert.deepEqual([...cached.files.files.keys()], segments, "it is dropped once");
});

Deno.test("a damaged cache costs reading the store again, and is mended", async () => {
  const cached = await Cached.create(3);
  const { ids } = await cached.list();
  for (const [key, bytes] of cached.files.files) cached.files.files.set(key, bytes.subarray(1));
  assert.deepEqual(await cached.list(), { ids, read: { states: 3, packfiles: 3 }, warnings: [] });
  assert.deepEqual(await cached.list(), { ids, read: { states: 0, packfiles: 0 }, warnings: [] });
});

Deno.test("a damaged state or header is told, and never kept", async () => {
  const cached = await Cached.create(2);
  const [[id, intact]] = cached.storage.files.packfile;
  for (const [id, bytes] of cached.storage.files.packfile) {
    cached.storage.files.packfile.set(id, bytes.map((byte) => byte ^ 1));
  }
  for (let run = 0; run < 2; run++) assert.equal((await cached.list()).warnings.length, 2);
  cached.storage.files.packfile.set(id, intact);
  const [[state, bytes]] = cached.storage.files.state;
  cached.files.files.clear();
  cached.storage.files.state.set(state, bytes.map((byte, i) => i === 40 ? byte ^ 1 : byte));
  for (let run = 0; run < 2; run++) await assert.rejects(cached.list(), { code: "corrupt" });
});

Deno.test("a repository reads its cache again when it is loaded again", async () => {
  const cached = await Cached.create(2);
  const repository = await cached.open();
  await cached.backup();
  const fresh = await repository.reload();
  assert.equal(fresh.state.snapshots.length, 3);
  assert.equal((await listSnapshots(fresh, assert.fail)).length, 3);
});
