import assert from "node:assert/strict";
import { ResourceType } from "../../src/kloset/resource.ts";
import { decodeState } from "../../src/kloset/state.ts";
import { VERSION_1_1_0 } from "../../src/kloset/version.ts";
import { fromHex, toHex, ZERO_MAC } from "../../src/lib/bytes.ts";
import { Packer } from "../../src/repository/packer.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import { Transaction } from "../../src/repository/transaction.ts";
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
