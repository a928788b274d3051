import assert from "node:assert/strict";
import { PackfileIndexWriter } from "../../src/kloset/packfile.ts";
import { ResourceType } from "../../src/kloset/resource.ts";
import { decodeState } from "../../src/kloset/state.ts";
import { VERSION_1_1_0 } from "../../src/kloset/version.ts";
import { fromHex, toHex, ZERO_MAC } from "../../src/lib/bytes.ts";
import { Packer, type PackfileReport } from "../../src/repository/packer.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import { Transaction } from "../../src/repository/transaction.ts";
import { FaultyStorage } from "../support/faulty_storage.ts";
import { MemoryStorage } from "../support/memory_storage.ts";
import { newTestRepository } from "../support/test_repository.ts";

const NOW = 1_750_000_000_000_000_000n;

/** What a state file says. */
function entriesOf(stream: Uint8Array, version: number) {
  const locations: [type: number, mac: string, packfile: string, offset: number, length: number][] = [];
  const packfiles: [packfile: string, state: string, timestamp: bigint][] = [];
  const frame = decodeState(stream, version, {
    location: (type, _version, mac, packfile, offset, length) =>
      void locations.push([type, toHex(mac), toHex(packfile), offset, length]),
    packfile: (packfile, state, timestamp) => void packfiles.push([toHex(packfile), toHex(state), timestamp]),
  });
  return { ...frame, locations, packfiles };
}

Deno.test("what has to hold before the last state is asked last, and nothing is written if it does not", async () => {
  const storage = new FaultyStorage(new MemoryStorage());
  const repository = await newTestRepository(storage);
  const states = async () => (await storage.list("state")).length;
  const transaction = new Transaction(repository, () => NOW);
  await assert.rejects(transaction.commit(randomBytes(32), () => Promise.reject(new Error("lost"))), /lost/);
  assert.equal(await states(), 0);
  const committed = new Transaction(repository, () => NOW);
  await committed.commit(randomBytes(32), async () => assert.equal(await states(), 0));
  assert.equal(await states(), 1);
});

Deno.test("a state names every blob of every packfile, its own packfiles and the state before it", async () => {
  const storage = new MemoryStorage();
  const repository = await newTestRepository(storage, { encrypted: true, compression: "LZ4" });
  const { codec, configuration } = repository;
  let parent = toHex(ZERO_MAC);
  for (let round = 0; round < 2; round++) {
    const transaction = new Transaction(repository, () => NOW + BigInt(round));
    const written: string[] = [];
    const packer = new Packer({
      storage,
      codec,
      maxSize: 5000,
      now: () => NOW - 1n,
      written: (report) => {
        written.push(report.id);
        transaction.add(report);
      },
    });
    const macs = Array.from({ length: 10 }, () => randomBytes(32));
    for (const mac of macs) await packer.put(ResourceType.chunk, mac, randomBytes(1000));
    await packer.flush();
    assert.equal(storage.files.state.size, round, "packfiles come before the state");
    const id = randomBytes(32);
    await transaction.commit(id);

    const bytes = storage.files.state.get(toHex(id)) ?? id;
    const { version, plain } = codec.unseal(ResourceType.state, bytes, 1_000_000);
    assert.equal(version, VERSION_1_1_0);
    const entries = entriesOf(plain, version);
    assert.equal(toHex(entries.parent), parent);
    assert.equal(entries.metadata.timestamp, NOW + BigInt(round));
    assert.deepEqual(entries.metadata.serial, configuration.repositoryId);
    assert.deepEqual(entries.packfiles, written.map((packfile) => [packfile, toHex(id), NOW - 1n]));
    const chunks = entries.locations.filter(([type]) => type === ResourceType.chunk);
    assert.deepEqual(chunks.map(([, mac]) => mac), macs.map(toHex));
    assert.equal(entries.locations.length, 10 + 2 * written.length, "with the padding of each packfile");

    await repository.state.update(storage, codec);
    for (const [type, mac, packfile, offset, length] of chunks) {
      assert.deepEqual(repository.blobs.get(type, fromHex(mac)), { packfile, offset, length });
    }
    const packfiles = written.map((packfile) => storage.files.packfile.get(packfile)?.length ?? 0);
    assert.equal(transaction.bytesWritten, packfiles.reduce((a, b) => a + b) + bytes.length);
    parent = toHex(id);
  }
});

/** A packfile of many blobs, as its packer would report it. */
function reportOf(blobs: number): PackfileReport {
  const index = new PackfileIndexWriter();
  for (let i = 0; i < blobs; i++) index.add(ResourceType.chunk, randomBytes(32), i, 1);
  return { id: toHex(randomBytes(32)), timestamp: NOW, index: index.take(), blobArea: blobs, size: 1 };
}

Deno.test("a full state is written at once, and the last one follows it", async () => {
  const storage = new MemoryStorage();
  const repository = await newTestRepository(storage, { compression: "LZ4" });
  const transaction = new Transaction(repository, () => NOW);
  const reports = [15_000, 15_000, 10].map(reportOf);
  for (const report of reports.slice(0, 2)) transaction.add(report);
  await transaction.settled();
  assert.equal(storage.files.state.size, 1);
  transaction.add(reports[2]);
  const id = randomBytes(32);
  await transaction.commit(id);

  const states = [...storage.files.state].map(([name, bytes]) => {
    const { version, plain } = repository.codec.unseal(ResourceType.state, bytes, 1e8);
    return { name, ...entriesOf(plain, version) };
  });
  assert.deepEqual(states.map(({ locations }) => locations.length), [30_000, 10]);
  assert.deepEqual(states.map(({ parent }) => toHex(parent)), [toHex(ZERO_MAC), states[0].name]);
  assert.equal(states[1].name, toHex(id));
  for (const [i, { name, packfiles }] of states.entries()) {
    const expected = i === 0 ? reports.slice(0, 2) : reports.slice(2);
    assert.deepEqual(packfiles, expected.map((report) => [report.id, name, NOW]));
  }
});

Deno.test("a state that could not be written fails the commit, and no later one is written", async () => {
  const memory = new MemoryStorage();
  const storage = new FaultyStorage(memory);
  const repository = await newTestRepository(storage);
  const transaction = new Transaction(repository, () => NOW);
  storage.failAt(storage.operations.length);
  transaction.add(reportOf(100_001));
  await transaction.settled();
  transaction.add(reportOf(1));
  await assert.rejects(transaction.commit(randomBytes(32)), { code: "no-space" });
  assert.equal(memory.files.state.size, 0);
});
