import assert from "node:assert/strict";
import { ResourceType } from "../../src/kloset/resource.ts";
import { type StateEntryType } from "../../src/kloset/state.ts";
import { StateWriter } from "../../src/kloset/state_writer.ts";
import { VERSION_1_0_0, VERSION_1_1_0 } from "../../src/kloset/version.ts";
import { wrap } from "../../src/kloset/wrapper.ts";
import { toHex, ZERO_MAC } from "../../src/lib/bytes.ts";
import { isPlakarError } from "../../src/lib/errors.ts";
import type { Repository } from "../../src/repository/repository.ts";
import { StateView } from "../../src/repository/state_view.ts";
import { FaultyStorage } from "../support/faulty_storage.ts";
import { MemoryStorage } from "../support/memory_storage.ts";
import { newTestRepository, type TestRepositoryOptions } from "../support/test_repository.ts";

const { chunk, snapshot, packfile, state, random } = ResourceType;
const id = (n: number) => new Uint8Array(32).fill(n);
const [S1, S2, S3, S4] = [id(0xa1), id(0xa2), id(0xa3), id(0xa4)];
const [P1, P2] = [id(0xb1), id(0xb2)];
const [C1, C2] = [id(0xc1), id(0xc2)];
const [SNAPSHOT, OTHER] = [id(0xd1), id(0xd2)];

/** A repository whose states are written by hand. */
class States {
  readonly storage = new MemoryStorage();
  readonly #repository: Repository;

  constructor(repository: Repository, storage: MemoryStorage) {
    this.#repository = repository;
    this.storage = storage;
  }

  static async create(options: TestRepositoryOptions = {}): Promise<States> {
    const storage = new MemoryStorage();
    return new States(await newTestRepository(storage, options), storage);
  }

  write(name: Uint8Array, parent: Uint8Array, timestamp: bigint, fill: (writer: StateWriter) => void): this {
    const writer = new StateWriter(parent);
    fill(writer);
    const stream = writer.finish({ timestamp, serial: new Uint8Array(16) });
    return this.put(name, stream, VERSION_1_1_0);
  }

  put(name: Uint8Array, stream: Uint8Array, version: number): this {
    const { codec } = this.#repository;
    const bytes = wrap(state, codec.encode(stream), (data) => codec.mac.mac(data), version);
    this.storage.files.state.set(toHex(name), bytes);
    return this;
  }

  view(storage = this.storage): Promise<StateView> {
    return StateView.load(storage, this.#repository.codec);
  }

  update(view: StateView): Promise<void> {
    return view.update(this.storage, this.#repository.codec);
  }
}

/** What a backup of one chunk writes. */
function backup(writer: StateWriter): void {
  writer.location(random, VERSION_1_0_0, id(1), P1, 0, 7);
  writer.location(chunk, VERSION_1_0_0, C1, P1, 7, 100);
  writer.location(snapshot, VERSION_1_0_0, SNAPSHOT, P1, 107, 50);
  writer.packfile(P1, S1, 10n);
}

const forget = (type: keyof typeof StateEntryType, writer: StateWriter, pack = ZERO_MAC, mac = ZERO_MAC) => {
  if (type === "packfile") writer.deleted(4, 0, ZERO_MAC, pack);
  else if (type === "location") writer.deleted(2, chunk, mac, pack);
  else writer.deleted(3, packfile, mac, ZERO_MAC);
};

for (const encrypted of [false, true]) {
  Deno.test(`a state of version 1.1.0 is seen${encrypted ? ", encrypted too" : ""}`, async () => {
    const states = await States.create({ encrypted, compression: "LZ4" });
    const view = await states.write(S1, ZERO_MAC, 10n, backup).view();
    assert.deepEqual(view.snapshots, [SNAPSHOT]);
    assert.deepEqual(view.blobs.get(chunk, C1), { packfile: toHex(P1), offset: 7, length: 100 });
    assert.equal(view.blobs.has(random, id(1)), false, "padding is no blob to look for");
    assert.equal(view.isLive(toHex(P1)), true);
    assert.equal(view.head, toHex(S1));
  });
}

Deno.test("a state of version 1.0.0 has no parent, and is seen beside newer ones", async () => {
  const states = await States.create({ compression: "GZIP" });
  const writer = new StateWriter(ZERO_MAC);
  backup(writer);
  const stream = writer.finish({ timestamp: 10n, serial: new Uint8Array(16) });
  states.put(S1, stream.slice(32), VERSION_1_0_0);
  const view = await states.view();
  assert.deepEqual(view.snapshots, [SNAPSHOT]);
  assert.equal(view.head, toHex(S1));
  states.write(S2, S1, 20n, (writer) => writer.coloured(snapshot, SNAPSHOT, 20n));
  assert.deepEqual((await states.view()).snapshots, []);
  assert.equal((await states.view()).head, toHex(S2));
});

Deno.test("an empty store has no snapshots and no head", async () => {
  const view = await (await States.create()).view();
  assert.deepEqual(view.snapshots, []);
  assert.equal(view.head, undefined);
});

Deno.test("a blob counts only where its packfile is said to exist", async () => {
  const states = await States.create();
  states.write(S1, ZERO_MAC, 10n, (writer) => writer.location(chunk, VERSION_1_0_0, C1, P1, 0, 5));
  assert.equal((await states.view()).blobs.has(chunk, C1), false);
  states.write(S2, S1, 20n, (writer) => writer.packfile(P1, S2, 20n));
  assert.equal((await states.view()).blobs.has(chunk, C1), true);
});

Deno.test("a snapshot that was removed is not listed, others are", async () => {
  const states = await States.create();
  states.write(S1, ZERO_MAC, 10n, (writer) => {
    backup(writer);
    writer.location(snapshot, VERSION_1_0_0, OTHER, P1, 200, 5);
  });
  states.write(S2, S1, 20n, (writer) => writer.coloured(snapshot, SNAPSHOT, 20n));
  assert.deepEqual((await states.view()).snapshots, [OTHER]);
});

Deno.test("nothing in a packfile that is marked as deleted counts, until the mark is taken back", async () => {
  const states = await States.create();
  states.write(S1, ZERO_MAC, 10n, backup);
  states.write(S2, S1, 20n, (writer) => writer.coloured(packfile, P1, 20n));
  let view = await states.view();
  assert.equal(view.isLive(toHex(P1)), false);
  assert.equal(view.blobs.has(chunk, C1), false);
  assert.deepEqual(view.snapshots, []);
  states.write(S3, S2, 30n, (writer) => forget("coloured", writer, ZERO_MAC, P1));
  view = await states.view();
  assert.equal(view.blobs.has(chunk, C1), true);
  assert.deepEqual(view.snapshots, [SNAPSHOT]);
  states.write(S4, S3, 40n, (writer) => writer.coloured(packfile, P1, 40n));
  assert.equal((await states.view()).blobs.has(chunk, C1), false);
});

Deno.test("a packfile that was deleted stays deleted, whichever branch is read first", async () => {
  for (const names of [[S1, S2, S3], [S3, S2, S1], [S2, S3, S1]]) {
    const [added, branch, swept] = names;
    const states = await States.create();
    states.write(swept, added, 30n, (writer) => forget("packfile", writer, P1));
    states.write(added, ZERO_MAC, 10n, backup);
    states.write(branch, added, 40n, (writer) => {
      writer.location(chunk, VERSION_1_0_0, C2, P2, 0, 5);
      writer.packfile(P2, branch, 40n);
      writer.packfile(P1, branch, 40n);
    });
    const view = await states.view();
    assert.equal(view.isLive(toHex(P1)), false);
    assert.equal(view.blobs.has(chunk, C1), false);
    assert.equal(view.blobs.has(chunk, C2), true);
  }
});

Deno.test("a location that was deleted is gone, another of the same blob is not", async () => {
  const states = await States.create();
  states.write(S1, ZERO_MAC, 10n, backup);
  states.write(S2, S1, 20n, (writer) => {
    writer.location(chunk, VERSION_1_0_0, C1, P2, 3, 100);
    writer.packfile(P2, S2, 20n);
  });
  states.write(S3, S2, 30n, (writer) => forget("location", writer, P1, C1));
  assert.deepEqual((await states.view()).blobs.all(chunk, C1), [{
    packfile: toHex(P2),
    offset: 3,
    length: 100,
  }]);
});

Deno.test("the next state follows the newest of the states that nobody follows", async () => {
  const states = await States.create();
  states.write(S1, ZERO_MAC, 50n, backup);
  states.write(S2, S1, 20n, () => {});
  states.write(S3, S1, 30n, () => {});
  assert.equal((await states.view()).head, toHex(S3));
  states.write(S4, S3, 5n, () => {});
  assert.equal((await states.view()).head, toHex(S2));
});

Deno.test("states that follow each other in a circle are seen, and none of them is followed", async () => {
  const states = await States.create();
  states.write(S1, S2, 10n, backup).write(S2, S1, 20n, () => {});
  const view = await states.view();
  assert.deepEqual(view.snapshots, [SNAPSHOT]);
  assert.equal(view.head, undefined);
  states.write(S3, S3, 30n, (writer) => writer.coloured(snapshot, SNAPSHOT, 30n));
  assert.deepEqual((await states.view()).snapshots, []);
});

Deno.test("a view takes up what was added since, and what was marked", async () => {
  const states = await States.create();
  const view = await states.write(S1, ZERO_MAC, 10n, backup).view();
  states.write(S2, S1, 20n, (writer) => {
    writer.location(chunk, VERSION_1_0_0, C2, P2, 0, 5);
    writer.packfile(P2, S2, 20n);
    writer.coloured(packfile, P1, 20n);
  });
  assert.equal(view.blobs.has(chunk, C2), false);
  await states.update(view);
  assert.equal(view.blobs.has(chunk, C2), true);
  assert.equal(view.blobs.has(chunk, C1), false);
  assert.equal(view.head, toHex(S2));
});

Deno.test("a packfile that is not in the store holds nothing to rely on", async () => {
  const view = await (await States.create()).write(S1, ZERO_MAC, 10n, backup).view();
  view.keepOnly(new Set([toHex(P2)]));
  assert.equal(view.blobs.has(chunk, C1), false);
  view.keepOnly(new Set([toHex(P1)]));
  assert.equal(view.blobs.has(chunk, C1), true);
});

Deno.test("a state that cannot be read fails the whole view, by name", async () => {
  const states = await States.create();
  states.write(S1, ZERO_MAC, 10n, backup).write(S2, S1, 20n, () => {});
  const storage = new FaultyStorage(states.storage);
  storage.fault = (_, operation) => operation === "get state" ? new Error("boom") : undefined;
  await assert.rejects(states.view(storage as unknown as MemoryStorage), /boom/);
  states.put(S2, new Uint8Array(3), VERSION_1_1_0);
  await assert.rejects(states.view(), (error) => {
    assert.ok(isPlakarError(error, "corrupt"));
    assert.ok(error.message.startsWith(`Cannot read state "${toHex(S2)}": `));
    return true;
  });
  states.put(S2, new Uint8Array(61), 0x20000);
  await assert.rejects(states.view(), { code: "version" });
});
