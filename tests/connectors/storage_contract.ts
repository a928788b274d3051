/** What every storage must do. */

import assert from "node:assert/strict";
import type { ResourceKind, Storage } from "../../src/connectors/storage/storage.ts";

/** A storage to be tested, which was not created yet. */
export interface StorageFixture extends AsyncDisposable {
  /** The storage. */
  storage: Storage;
  /** Another storage on the same store, as another process would open it. */
  reopen(): Storage;
}

const KINDS: ResourceKind[] = ["packfile", "state", "lock"];
const id = (n: number) => n.toString(16).padStart(2, "0").repeat(32);
const bytes = (...values: number[]) => new Uint8Array(values);

/**
 * Registers the contract's tests.
 *
 * @param name the storage's name
 * @param open makes a fresh fixture
 */
export function testStorage(name: string, open: () => Promise<StorageFixture>): void {
  const test = (what: string, run: (storage: Storage, fixture: StorageFixture) => Promise<void>) => {
    Deno.test(`${name}: ${what}`, async () => {
      await using fixture = await open();
      await fixture.storage.create(bytes(1, 2, 3));
      await run(fixture.storage, fixture);
    });
  };

  Deno.test(`${name}: a store that is not there has no CONFIG`, async () => {
    await using fixture = await open();
    await assert.rejects(fixture.storage.readConfig(), { code: "no-store" });
  });

  test("CONFIG is what the store was created with", async (storage, fixture) => {
    assert.deepEqual(await storage.readConfig(), bytes(1, 2, 3));
    assert.deepEqual(await fixture.reopen().readConfig(), bytes(1, 2, 3));
  });

  test("a store is not created where one is", async (storage, fixture) => {
    await storage.put("packfile", id(1), bytes(9));
    await assert.rejects(fixture.reopen().create(bytes(7)), { code: "exists" });
    assert.deepEqual(await storage.readConfig(), bytes(1, 2, 3));
    assert.deepEqual(await storage.get("packfile", id(1)), bytes(9));
  });

  for (const kind of KINDS) {
    test(`a ${kind} is listed and read as it was put`, async (storage, fixture) => {
      assert.deepEqual(await storage.list(kind), []);
      for (const n of [0, 1, 255]) await storage.put(kind, id(n), bytes(n, n));
      assert.deepEqual((await fixture.reopen().list(kind)).sort(), [id(0), id(1), id(255)]);
      assert.deepEqual(await fixture.reopen().get(kind, id(255)), bytes(255, 255));
      for (const other of KINDS.filter((other) => other !== kind)) {
        assert.deepEqual(await storage.list(other), []);
      }
    });

    test(`a ${kind} is replaced by another put`, async (storage) => {
      await storage.put(kind, id(3), bytes(1, 1, 1));
      await storage.put(kind, id(3), bytes(2));
      assert.deepEqual(await storage.get(kind, id(3)), bytes(2));
      assert.deepEqual(await storage.list(kind), [id(3)]);
    });

    test(`a ${kind} is gone once it is deleted, and deleting it again is no error`, async (storage) => {
      await storage.put(kind, id(3), bytes(1));
      await storage.delete(kind, id(3));
      await storage.delete(kind, id(3));
      assert.deepEqual(await storage.list(kind), []);
      await assert.rejects(storage.get(kind, id(3)), { code: "not-found" });
    });

    test(`a ${kind} that is being written appears only when it is committed`, async (storage, fixture) => {
      let name = "";
      const writer = await storage.begin(kind, () => name);
      const piece = bytes(1, 2);
      await writer.write(piece);
      piece.fill(0);
      await writer.write(bytes(3));
      assert.deepEqual(await fixture.reopen().list(kind), []);
      name = id(200);
      await writer.commit();
      assert.deepEqual(await fixture.reopen().list(kind), [id(200)]);
      assert.deepEqual(await storage.get(kind, id(200)), bytes(1, 2, 3));
    });

    test(`a ${kind} whose writing is aborted leaves nothing`, async (storage) => {
      const before = await storage.size();
      const writer = await storage.begin(kind, () => id(5));
      await writer.write(bytes(1, 2, 3, 4));
      await writer.abort();
      assert.deepEqual(await storage.list(kind), []);
      assert.equal(await storage.size(), before);
    });

    test(`a failed commit of a ${kind} can be aborted`, async (storage) => {
      const before = await storage.size();
      const writer = await storage.begin(kind, () => "../../escape");
      await writer.write(bytes(1));
      await assert.rejects(writer.commit(), { code: "corrupt" });
      await writer.abort();
      assert.equal(await storage.size(), before);
    });

    test(`no id leads out of the directory of ${kind}s`, async (storage) => {
      for (const bad of ["", "..", "../CONFIG", "x".repeat(64), id(1).slice(1), id(0xab).toUpperCase()]) {
        await assert.rejects(storage.get(kind, bad), { code: "corrupt" });
        await assert.rejects(storage.put(kind, bad, bytes(1)), { code: "corrupt" });
        await assert.rejects(storage.delete(kind, bad), { code: "corrupt" });
      }
    });
  }

  test("a range is read exactly", async (storage) => {
    const content = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
    await storage.put("packfile", id(1), content);
    for (const [offset, length] of [[0, 1000], [0, 0], [999, 1], [1000, 0], [17, 500]]) {
      assert.deepEqual(
        await storage.get("packfile", id(1), { offset, length }),
        content.slice(offset, offset + length),
      );
    }
  });

  test("a range that is not all there cannot be read", async (storage) => {
    await storage.put("packfile", id(1), new Uint8Array(100));
    for (const [offset, length] of [[0, 101], [100, 1], [101, 0], [50, 2 ** 53 - 1], [2 ** 53 - 1, 1]]) {
      await assert.rejects(storage.get("packfile", id(1), { offset, length }), { code: "unreadable" });
    }
  });

  test("the bytes given out are the caller's own", async (storage) => {
    await storage.put("state", id(1), bytes(1, 2));
    (await storage.get("state", id(1))).fill(9);
    assert.deepEqual(await storage.get("state", id(1)), bytes(1, 2));
  });

  test("many files are written at once", async (storage) => {
    const all = Array.from({ length: 100 }, (_, i) => i);
    await Promise.all(all.map((n) => storage.put("packfile", id(n), bytes(n))));
    assert.deepEqual((await storage.list("packfile")).sort(), all.map(id));
    for (const n of all) assert.deepEqual(await storage.get("packfile", id(n)), bytes(n));
  });

  test("its size grows by what is put", async (storage) => {
    const before = await storage.size();
    await storage.put("packfile", id(1), new Uint8Array(1234));
    if (before !== undefined) assert.equal(await storage.size(), before + 1234);
  });
}
