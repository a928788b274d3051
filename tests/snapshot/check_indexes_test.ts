/** Damage in everything that a snapshot's header leads to: found by a check of the whole snapshot, and named. */

import assert from "node:assert/strict";
import { encodeBTree, encodeNode } from "../../src/kloset/btree.ts";
import { encodeEntry } from "../../src/kloset/entry.ts";
import { encodeHeader } from "../../src/kloset/header.ts";
import { encodeObject } from "../../src/kloset/object.ts";
import { resourceName, ResourceType } from "../../src/kloset/resource.ts";
import { StateEntryType } from "../../src/kloset/state.ts";
import { StateWriter } from "../../src/kloset/state_writer.ts";
import { encodeXattr, XattrType } from "../../src/kloset/xattr.ts";
import { type ByteString, ROOT } from "../../src/lib/byte_string.ts";
import { fromHex, toHex } from "../../src/lib/bytes.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import { Packer } from "../../src/repository/packer.ts";
import type { Repository } from "../../src/repository/repository.ts";
import { Transaction } from "../../src/repository/transaction.ts";
import { check } from "../../src/snapshot/check.ts";
import { Snapshot } from "../../src/snapshot/snapshot.ts";
import { VerifiedBlobs } from "../../src/snapshot/verified_blobs.ts";
import { FakeSource } from "../support/fake_source.ts";
import { MemoryStorage } from "../support/memory_storage.ts";
import { checkAll, makeBackup, NOW, snapshotOf } from "../support/snapshots.ts";
import { newTestRepository, openTestRepository } from "../support/test_repository.ts";
import { type StoredBlob, storedBlobs } from "../support/stored_blobs.ts";

const path = (text: string) => text as ByteString;
const CHECKED = Object.values(ResourceType).filter((type) => type >= 7 && type <= 21);

/** Stores blobs, under their MACs unless an id is given, and lets them be part of the repository. */
async function store(
  repository: Repository,
  run: (
    put: (type: ResourceType, plain: Uint8Array, id?: Uint8Array) => Promise<Uint8Array>,
  ) => Promise<void>,
) {
  const { storage, codec } = repository;
  const transaction = new Transaction(repository, () => NOW);
  const packer = new Packer({
    storage,
    codec,
    maxSize: 1e6,
    now: () => NOW,
    written: (report) => transaction.add(report),
  });
  await run(async (type, plain, id = codec.mac.mac(plain)) => {
    await packer.put(type, id, plain);
    return id;
  });
  await packer.flush();
  await transaction.commit(randomBytes(32));
}

/** Copies a snapshot under another identifier, with changes in what its header says of its trees. */
async function variant(
  snapshot: Snapshot,
  change: (put: Parameters<Parameters<typeof store>[1]>[0]) => Promise<Partial<Trees>>,
): Promise<Snapshot> {
  const { repository, header } = snapshot;
  const [source] = header.sources;
  const identifier = randomBytes(32);
  await store(repository, async (put) => {
    const changed = await change(put);
    const indexes = source.indexes.map((index) => ({ ...index, value: changed[index.name] ?? index.value }));
    const root = { ...source.root, ...changed };
    const sources: typeof header.sources = [{ ...source, root, indexes }];
    await put(ResourceType.snapshot, encodeHeader({ ...header, identifier, sources }), identifier);
  });
  return await Snapshot.load(await repository.reload(), identifier);
}

type Trees = Record<string, Uint8Array>;

/** A snapshot with files, errors and attributes, each tree of several nodes. */
async function newSnapshot(): Promise<{ storage: MemoryStorage; snapshot: Snapshot }> {
  const storage = new MemoryStorage();
  const repository = await newTestRepository(storage);
  const source = new FakeSource("/r");
  for (let i = 0; i < 120; i++) {
    source.file(`d${i % 60}/f${i}`, i % 2 === 0 ? `content ${i}` : randomBytes(9));
  }
  for (let i = 0; i < 60; i++) source.file(`bad${i}`, "").failRead(`bad${i}`, "Permission denied");
  const plain = await snapshotOf(repository, await makeBackup(repository, source));
  const snapshot = await variant(plain, async (put) => {
    const value = new TextEncoder().encode("value of an attribute");
    const chunk = { contentMac: await put(ResourceType.chunk, value), length: value.length, entropy: 0 };
    const object = await put(
      ResourceType.object,
      encodeObject({
        contentMac: chunk.contentMac,
        chunks: [chunk],
        contentType: path("text/plain"),
        entropy: 0,
      }),
    );
    const keys = Array.from({ length: 60 }, (_, i) => path(`/r/d0/f0user.${i + 10}:`));
    const values = await Promise.all(keys.map((_, i) => {
      const type = XattrType.extended;
      const xattr = {
        path: path("/r/d0/f0"),
        name: path(`user.${i + 10}`),
        size: value.length,
        type,
        object,
      };
      return put(ResourceType.xattrEntry, encodeXattr(xattr));
    }));
    const leaf = (from: number, to: number, next?: Uint8Array) =>
      put(
        ResourceType.xattrNode,
        encodeNode({ keys: keys.slice(from, to), pointers: [], values: values.slice(from, to), next }),
      );
    const right = await leaf(30, 60);
    const pointers = [await leaf(0, 30, right), right];
    const node = encodeNode({ keys: [keys[30]], pointers, values: [], next: undefined });
    const root = await put(ResourceType.xattrNode, node);
    return { xattrs: await put(ResourceType.xattrBtree, encodeBTree({ order: 50, root })) };
  });
  return { storage, snapshot };
}

/** Of each type the first blob, the last and some between; a snapshot leads to every one of them. */
async function samples({ repository }: Snapshot): Promise<StoredBlob[]> {
  const blobs = await storedBlobs(repository);
  return CHECKED.flatMap((type) => {
    const macs = blobs.filter((blob) => blob[0] === type);
    return macs.filter((_, i) => i % Math.ceil(macs.length / 8) === 0 || i === macs.length - 1);
  });
}

/** The repository as a copy of the storage has it, after a change. */
async function reopened(
  snapshot: Snapshot,
  storage: MemoryStorage,
  change: (storage: MemoryStorage) => Promise<void> | void,
): Promise<Snapshot> {
  const copy = new MemoryStorage();
  copy.config = storage.config;
  for (const kind of ["packfile", "state"] as const) {
    for (const [id, bytes] of storage.files[kind]) copy.files[kind].set(id, bytes.slice());
  }
  await change(copy);
  return await Snapshot.load(await openTestRepository(copy), snapshot.header.identifier);
}

Deno.test("what a snapshot leads to is intact, fast and deep", async () => {
  const { snapshot } = await newSnapshot();
  const types = new Set((await samples(snapshot)).map(([type]) => resourceName(type)));
  assert.equal(types.size, CHECKED.length, "there is a blob of every type");
  for (const fast of [false, true]) assert.deepEqual((await checkAll(snapshot, { fast })).failures, []);
});

Deno.test("a changed byte in any blob that a snapshot leads to is found, and the blob is named", async () => {
  const { storage, snapshot } = await newSnapshot();
  for (const [type, mac] of await samples(snapshot)) {
    const at = snapshot.repository.blobs.get(type, mac) ?? assert.fail();
    const damaged = await reopened(snapshot, storage, ({ files }) => {
      const bytes = files.packfile.get(at.packfile) ?? assert.fail();
      bytes[16 + at.offset + at.length - 1] ^= 1;
    });
    await assertNamed(damaged, type, mac);
  }
});

Deno.test("a blob that no packfile holds any more is found, fast too, and named", async () => {
  const { storage, snapshot } = await newSnapshot();
  const { codec, state, blobs } = snapshot.repository;
  for (const [type, mac] of await samples(snapshot)) {
    const writer = new StateWriter(fromHex(state.head ?? assert.fail()));
    for (const { packfile } of blobs.all(type, mac)) {
      writer.deleted(StateEntryType.location, type, mac, fromHex(packfile));
    }
    const stream = writer.finish({ timestamp: NOW, serial: new Uint8Array(16) });
    const without = await reopened(snapshot, storage, async (copy) => {
      await copy.put("state", toHex(randomBytes(32)), codec.seal(ResourceType.state, stream));
    });
    await assertNamed(without, type, mac);
    await assertNamed(without, type, mac, { fast: true });
  }
});

async function assertNamed(snapshot: Snapshot, type: number, mac: Uint8Array, options = {}): Promise<void> {
  const failures: string[] = [];
  for (const id of snapshot.repository.state.snapshots) {
    const found = await checkAll(await Snapshot.load(snapshot.repository, id), options);
    assert.equal(found.errors, found.failures.length);
    const told = found.failures.map(([path, code, message]) => `${path}: ${code}: ${message}`);
    assert.equal(new Set(told).size, told.length, "nothing is told twice");
    failures.push(...told);
  }
  const name = new RegExp(`: corrupt: .*\\b${resourceName(type)} ${toHex(mac)}\\b`, "i");
  assert.ok(failures.some((failure) => name.test(failure)), `${name}: ${failures}`);
}

Deno.test("damage that only an index has is not looked for below a path", async () => {
  const { storage, snapshot } = await newSnapshot();
  const [[, summary]] = await storedBlobs(snapshot.repository, ResourceType.vfsSummary);
  const at = snapshot.repository.blobs.get(ResourceType.vfsSummary, summary) ?? assert.fail();
  const damaged = await reopened(snapshot, storage, ({ files }) => {
    const bytes = files.packfile.get(at.packfile) ?? assert.fail();
    bytes[16 + at.offset] ^= 1;
  });
  const failures: string[] = [];
  const events = { intact: () => {}, failed: (path: string) => void failures.push(path) };
  const from = (path: ByteString) =>
    check({ snapshot: damaged, path, fast: true, verified: new VerifiedBlobs(), events });
  assert.equal((await from(path("/r/d0"))).errors, 0);
  // Encrypted or not, a fast check does not read it, a deep one of the directory it was made from does.
  assert.equal((await from(path("/r"))).errors, 0);
  assert.equal((await checkAll(damaged)).errors, 1);
});

Deno.test("trees that contradict themselves or each other are found", async () => {
  const { snapshot } = await newSnapshot();
  const entryOf = async (name: string) => {
    for (const { entry, mac } of await snapshot.children(path("/r/d0"))) {
      if (entry.info.name === name) return mac;
    }
    return assert.fail();
  };
  const [one, other] = [await entryOf("f0"), await entryOf("f60")];
  const top = await snapshot.entry(ROOT) ?? assert.fail();
  const root = snapshot.repository.codec.mac.mac(encodeEntry(top));
  const { vfsNode, vfsBtree, btreeNode, btreeRoot } = ResourceType;
  const cases: [failure: RegExp, change: Parameters<typeof variant>[1]][] = [
    [/the entry of "\/r\/other" is that of "\/r\/d0\/f0"/, async (put) => {
      const tree = { order: 50, root: await put(vfsNode, encodeNode(leaf(["/", "/r/other"], [root, one]))) };
      return { root: await put(vfsBtree, encodeBTree(tree)) };
    }],
    [/^Cannot find "\/" in snapshot/, async (put) => {
      const tree = { order: 50, root: await put(vfsNode, encodeNode(leaf(["/r/d0/f0"], [one]))) };
      return { root: await put(vfsBtree, encodeBTree(tree)) };
    }],
    [/the tree of entries has 1 paths, the index of directories 1\d\d/, async (put) => {
      const tree = { order: 50, root: await put(vfsNode, encodeNode(leaf(["/"], [root]))) };
      return { root: await put(vfsBtree, encodeBTree(tree)) };
    }],
    [/content types of the snapshot: its keys are out of order/, async (put) => {
      const keys = ["/text/plain/r/d0/f60", "/text/plain/r/d0/f0"];
      const tree = { order: 50, root: await put(btreeNode, encodeNode(leaf(keys, [other, one]))) };
      return { "content-type": await put(btreeRoot, encodeBTree(tree)) };
    }],
    [/content types of the snapshot: its leaves do not follow each other/, async (put) => {
      const [first, second] = ["/text/plain/r/d0/f0", "/text/plain/r/d0/f60"];
      const left = await put(btreeNode, encodeNode(leaf([first], [one])));
      const right = await put(btreeNode, encodeNode(leaf([second], [other])));
      const node = { keys: [path(second)], pointers: [left, right], values: [], next: undefined };
      const tree = { order: 50, root: await put(btreeNode, encodeNode(node)) };
      return { "content-type": await put(btreeRoot, encodeBTree(tree)) };
    }],
    [/content types of the snapshot: its last leaf is followed by another/, async (put) => {
      const last = { ...leaf(["/text/plain/r/d0/f0"], [one]), next: randomBytes(32) };
      const tree = { order: 50, root: await put(btreeNode, encodeNode(last)) };
      return { "content-type": await put(btreeRoot, encodeBTree(tree)) };
    }],
  ];
  for (const [expected, change] of cases) {
    const { failures } = await checkAll(await variant(snapshot, change));
    assert.ok(
      failures.some(([, code, message]) => code === "corrupt" && expected.test(message)),
      `${failures}`,
    );
  }
});

function leaf(keys: string[], values: Uint8Array[]) {
  return { keys: keys.map(path), pointers: [], values, next: undefined };
}

Deno.test("what several snapshots share is read once, and found damaged in each", async () => {
  const { storage, snapshot } = await newSnapshot();
  const second = await variant(snapshot, () => Promise.resolve({}));
  const verified = new VerifiedBlobs();
  await checkAll(second, { verified });
  const before = second.repository.blobReader.bytesRead;
  const again = await Snapshot.load(second.repository, snapshot.header.identifier);
  assert.deepEqual((await checkAll(again, { verified })).failures, []);
  assert.equal(second.repository.blobReader.bytesRead, before);

  const [[, mac]] = await storedBlobs(snapshot.repository, ResourceType.errorEntry);
  const at = snapshot.repository.blobs.get(ResourceType.errorEntry, mac) ?? assert.fail();
  const damaged = await reopened(second, storage, ({ files }) => {
    const bytes = files.packfile.get(at.packfile) ?? assert.fail();
    bytes[16 + at.offset] ^= 1;
  });
  const both = new VerifiedBlobs();
  for (const id of [snapshot, second].map(({ header }) => header.identifier)) {
    const { failures } = await checkAll(await Snapshot.load(damaged.repository, id), { verified: both });
    assert.ok(failures.some(([, , message]) => message.includes(toHex(mac))));
  }
});
