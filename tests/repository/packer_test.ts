import assert from "node:assert/strict";
import {
  decodePackfileFooter,
  decodePackfileIndex,
  encodedFooterOf,
  encodedIndexOf,
} from "../../src/kloset/packfile.ts";
import { ResourceType } from "../../src/kloset/resource.ts";
import { unwrap } from "../../src/kloset/wrapper.ts";
import { toHex } from "../../src/lib/bytes.ts";
import { PlakarError } from "../../src/lib/errors.ts";
import { Packer, type PackfileReport } from "../../src/repository/packer.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import type { Repository } from "../../src/repository/repository.ts";
import { FaultyStorage } from "../support/faulty_storage.ts";
import { MemoryStorage } from "../support/memory_storage.ts";
import { newTestRepository, type TestRepositoryOptions } from "../support/test_repository.ts";

const { chunk, object, random } = ResourceType;
const NOW = 1_750_000_000_000_000_000n;

async function setUp(options: TestRepositoryOptions & { maxSize?: number } = {}) {
  const memory = new MemoryStorage();
  const repository = await newTestRepository(memory, options);
  const storage = new FaultyStorage(memory);
  const reports: PackfileReport[] = [];
  const packer = new Packer({
    storage,
    codec: repository.codec,
    maxSize: options.maxSize ?? 1_000_000,
    now: () => NOW,
    written: (report) => void reports.push(report),
  });
  return { memory, repository, storage, reports, packer };
}

/** Everything that a packfile says of itself, verified, with its blobs decoded. */
function unpack({ codec }: Repository, file: Uint8Array) {
  const { payload } = unwrap(file, ResourceType.packfile, (data) => codec.mac.mac(data));
  const footer = decodePackfileFooter(codec.decode(encodedFooterOf(payload), 100));
  const index = codec.decode(encodedIndexOf(payload, footer), 1_000_000);
  assert.equal(toHex(codec.mac.mac(index)), toHex(footer.indexMac));
  const records = decodePackfileIndex(index, footer.indexOffset);
  assert.equal(records.length, footer.count);
  let at = 0;
  for (const { offset, length } of records) {
    assert.equal(offset, at, "blobs lie back to back");
    at += length;
  }
  assert.equal(at, footer.indexOffset);
  const blobs = records.filter(({ type }) => type !== random).map(({ type, mac, offset, length }) => ({
    type,
    mac: toHex(mac),
    plain: codec.decode(payload.subarray(offset, offset + length), 10_000_000),
  }));
  return { footer, index, records, blobs };
}

for (
  const settings of [{}, { compression: "LZ4", encrypted: true }, {
    compression: "GZIP",
    hashing: "SHA256",
  }] as const
) {
  Deno.test(`a packfile holds what was put, an index and a footer: ${JSON.stringify(settings)}`, async () => {
    const { memory, repository, reports, packer } = await setUp(settings);
    const plains = [randomBytes(5000), new Uint8Array(3000), new Uint8Array(0), randomBytes(1)];
    const macs = plains.map((plain) => repository.codec.mac.mac(plain));
    for (const [i, plain] of plains.entries()) await packer.put(i % 2 ? object : chunk, macs[i], plain);
    assert.equal(reports.length, 0, "nothing is said before it is durable");
    await packer.flush();

    const [report] = reports;
    const file = memory.files.packfile.get(report.id) ?? new Uint8Array(0);
    assert.equal(report.size, file.length);
    const { footer, index, blobs } = unpack(repository, file);
    assert.deepEqual(report.index, index);
    assert.equal(report.blobArea, footer.indexOffset);
    assert.equal(report.timestamp, NOW);
    assert.equal(footer.timestamp, NOW);
    assert.deepEqual(blobs.map(({ type }) => type), [chunk, object, chunk, object]);
    assert.deepEqual(blobs.map(({ mac }) => mac), macs.map(toHex));
    assert.deepEqual(blobs.map(({ plain }) => new Uint8Array(plain)), plains);
  });
}

Deno.test("the first and the last blob are padding, the last at least 64 KiB of it", async () => {
  const { memory, repository, packer } = await setUp({ maxSize: 10 });
  for (let i = 0; i < 20; i++) await packer.put(chunk, randomBytes(32), randomBytes(100));
  assert.equal(memory.files.packfile.size, 20);
  const sizes = new Set<number>();
  for (const file of memory.files.packfile.values()) {
    const { records } = unpack(repository, file);
    assert.deepEqual(records.map(({ type }) => type), [random, chunk, random]);
    assert.ok(records[0].length >= 1);
    assert.ok(records[2].length >= 65536);
    assert.notEqual(toHex(records[0].mac), toHex(records[2].mac));
    sizes.add(file.length);
  }
  assert.ok(sizes.size > 15, "the size says little about the content");
});

Deno.test("a packfile is closed by the blob that makes it larger than it may be", async () => {
  const { memory, repository, reports, packer } = await setUp({ maxSize: 50_000 });
  for (let i = 0; i < 100; i++) await packer.put(chunk, randomBytes(32), randomBytes(2000));
  await packer.flush();
  assert.ok(reports.length >= 4);
  let blobs = 0;
  for (const { id } of reports.slice(0, -1)) {
    const { records } = unpack(repository, memory.files.packfile.get(id) ?? new Uint8Array(0));
    const padding = records.at(-1)?.offset ?? 0;
    assert.ok(padding > 50_000 && padding <= 52_000, `${padding}`);
    blobs += records.length - 2;
  }
  assert.ok(blobs < 100);
});

Deno.test("a packfile is closed by many blobs, too, however small they are", async () => {
  const { reports, packer } = await setUp();
  for (let i = 0; i < 40_000; i++) {
    const mac = new Uint8Array(32);
    new DataView(mac.buffer).setUint32(0, i);
    await packer.put(chunk, mac, Uint8Array.of(1));
  }
  await packer.flush();
  assert.equal(reports.length, 3);
  const blobs = reports.flatMap(({ index, blobArea }) => decodePackfileIndex(index, blobArea));
  assert.equal(blobs.filter(({ type }) => type === chunk).length, 40_000);
  for (const { index, blobArea } of reports) assert.ok(decodePackfileIndex(index, blobArea).length < 17_000);
});

Deno.test("nothing is stored if nothing was put", async () => {
  const { storage, packer } = await setUp();
  await packer.flush();
  await packer.abort();
  assert.deepEqual(storage.operations, []);
});

for (const settings of [{}, { compression: "LZ4", encrypted: true }, { compression: "GZIP" }] as const) {
  Deno.test(`what is put while a packfile closes is not lost, nor what is reused: ${JSON.stringify(settings)}`, async () => {
    const { memory, repository, reports, packer } = await setUp({ ...settings, maxSize: 30_000 });
    const { mac } = repository.codec;
    const expected = new Set<string>();
    const puts: Promise<void>[] = [];
    const buffer = new Uint8Array(4000);
    for (let i = 0; i < 200; i++) {
      crypto.getRandomValues(buffer);
      const plain = buffer.subarray(i, i + i * 37 % 3800);
      expected.add(toHex(mac.mac(plain)));
      puts.push(packer.put(chunk, mac.mac(plain), plain));
      if (i % 50 === 0) puts.push(packer.flush());
      if (i % 7 === 0) await Promise.resolve();
    }
    await Promise.all(puts);
    await packer.flush();
    assert.equal(reports.length, memory.files.packfile.size);
    for (const file of memory.files.packfile.values()) {
      for (const blob of unpack(repository, file).blobs) {
        assert.equal(toHex(mac.mac(blob.plain)), blob.mac);
        expected.delete(blob.mac);
      }
    }
    assert.equal(expected.size, 0);
  });
}

Deno.test("a packfile is written while it fills", async () => {
  const { storage, packer } = await setUp({ maxSize: 64 << 20 });
  for (let i = 0; i < 20; i++) await packer.put(chunk, randomBytes(32), randomBytes(500_000));
  const written = storage.operations.filter((operation) => operation === "write packfile").length;
  assert.ok(written >= 6, `${written} writes before the end`);
  await packer.abort();
});

Deno.test("a storage that fails, at any operation, fails every put and flush from then on", async () => {
  for (let k = 0; k < 7; k++) {
    const { memory, storage, reports, packer } = await setUp({ maxSize: 1_500_000 });
    storage.failAt(k);
    let failure: unknown;
    for (let i = 0; i < 4 && !failure; i++) {
      await packer.put(chunk, randomBytes(32), randomBytes(600_000)).catch((error) => failure = error);
    }
    await packer.flush().catch((error) => failure = error);
    assert.ok(failure instanceof PlakarError && failure.code === "no-space", `operation ${k}`);
    await assert.rejects(packer.put(chunk, randomBytes(32), randomBytes(10)), { code: "no-space" });
    await assert.rejects(packer.flush(), { code: "no-space" });
    await packer.abort();
    assert.equal(storage.unfinished, 0);
    assert.equal(reports.length, memory.files.packfile.size, "only what is durable is reported");
  }
});

Deno.test("after an abort nothing is left, and nothing can be put", async () => {
  const { memory, storage, reports, packer } = await setUp({ maxSize: 64 << 20 });
  await packer.put(chunk, randomBytes(32), randomBytes(2_000_000));
  await packer.put(chunk, randomBytes(32), randomBytes(100));
  await packer.abort();
  await assert.rejects(packer.put(chunk, randomBytes(32), randomBytes(100)), { code: "interrupted" });
  await packer.flush();
  assert.equal(storage.unfinished, 0);
  assert.equal(memory.files.packfile.size, 0);
  assert.deepEqual(reports, []);
});
