import assert from "node:assert/strict";
import { ResourceType } from "../../src/kloset/resource.ts";
import { fromHex, toHex } from "../../src/lib/bytes.ts";
import { isPlakarError, PlakarError } from "../../src/lib/errors.ts";
import { Packer } from "../../src/repository/packer.ts";
import type { Repository } from "../../src/repository/repository.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import { Transaction } from "../../src/repository/transaction.ts";
import { FaultyStorage } from "../support/faulty_storage.ts";
import { MemoryStorage } from "../support/memory_storage.ts";
import { NOW } from "../support/snapshots.ts";
import {
  newTestRepository,
  openTestRepository,
  type TestRepositoryOptions,
} from "../support/test_repository.ts";

const { chunk, snapshot } = ResourceType;

/** Commits blobs in one packfile, each under its MAC. Returns the packfile's id. */
async function commit(repository: Repository, ...plains: Uint8Array[]): Promise<string> {
  const transaction = new Transaction(repository, () => NOW);
  const { storage, codec } = repository;
  let id = "";
  const packer = new Packer({
    storage,
    codec,
    maxSize: 1 << 30,
    now: () => NOW,
    written: (report) => {
      id = report.id;
      transaction.add(report);
    },
  });
  for (const plain of plains) await packer.put(chunk, codec.mac.mac(plain), plain);
  await packer.flush();
  await transaction.commit(randomBytes(32));
  await repository.state.update(storage, codec);
  return id;
}

async function setUp(options: TestRepositoryOptions = {}) {
  const memory = new MemoryStorage();
  await newTestRepository(memory, options);
  const storage = new FaultyStorage(memory);
  const repository = await openTestRepository(storage);
  const flip = (packfile: string, at: number) => {
    const bytes = memory.files.packfile.get(packfile);
    assert.ok(bytes);
    bytes[16 + at] ^= 1;
  };
  return { memory, storage, repository, flip, mac: (plain: Uint8Array) => repository.codec.mac.mac(plain) };
}

for (const settings of [{}, { encrypted: true, compression: "LZ4" }] as const) {
  Deno.test(`what was committed is read back by the next run: ${JSON.stringify(settings)}`, async () => {
    const { storage, repository, mac } = await setUp(settings);
    const plains = [
      randomBytes(10),
      randomBytes(600_000),
      new Uint8Array(50),
      randomBytes(1_200_000),
      randomBytes(3),
    ];
    await commit(repository, ...plains);
    const next = await openTestRepository(storage);
    for (const plain of [...plains, ...plains.toReversed()]) {
      assert.deepEqual(new Uint8Array(await next.readBlob(chunk, mac(plain), plain.length)), plain);
    }
  });
}

Deno.test("small blobs that lie together cost one read", async () => {
  const { storage, repository, mac } = await setUp();
  const plains = Array.from({ length: 100 }, () => randomBytes(500));
  await commit(repository, ...plains);
  const before = storage.operations.length;
  await Promise.all(plains.map((plain) => repository.readBlob(chunk, mac(plain))));
  assert.deepEqual(storage.operations.slice(before), ["get packfile"]);
});

Deno.test("a damaged copy is passed over if there is another", async () => {
  const { repository, flip, mac } = await setUp();
  const plain = randomBytes(100);
  const first = await commit(repository, plain);
  const second = await commit(repository, plain);
  const [one, two] = repository.blobs.all(chunk, mac(plain));
  assert.deepEqual([one.packfile, two.packfile], [first, second]);
  flip(first, one.offset + 5);
  assert.deepEqual(await repository.readBlob(chunk, mac(plain)), plain);
  flip(second, two.offset + 5);
  const again = await repository.reload();
  await assert.rejects(again.readBlob(chunk, mac(plain)), (error) => {
    assert.ok(isPlakarError(error, "corrupt"));
    assert.equal(
      error.message,
      `Cannot read chunk ${toHex(mac(plain))} in packfile ${first} at ${one.offset}: ` +
        "its content does not match its MAC",
    );
    return true;
  });
});

Deno.test("what is damaged is told from what cannot be read", async () => {
  const { memory, storage, repository, mac } = await setUp();
  const plain = randomBytes(100);
  const packfile = await commit(repository, plain);
  await assert.rejects(repository.readBlob(chunk, randomBytes(32)), {
    code: "corrupt",
    message: /no packfile of the repository holds it$/,
  });
  await assert.rejects(repository.readBlob(ResourceType.object, mac(plain)), { code: "corrupt" });
  await assert.rejects(
    repository.readBlob(chunk, mac(plain), 99),
    { code: "corrupt" },
    "longer than it may be",
  );

  const other = await repository.reload();
  storage.fault = () => new PlakarError("unreadable", "Input/output error");
  await assert.rejects(other.readBlob(chunk, mac(plain)), {
    code: "unreadable",
    message: /Input\/output error$/,
  });
  storage.fault = () => undefined;
  assert.deepEqual(await other.readBlob(chunk, mac(plain)), plain, "a failure is not remembered");

  const whole = memory.files.packfile.get(packfile) ?? plain;
  memory.files.packfile.set(packfile, whole.slice(0, 50));
  const cut = await repository.reload();
  await assert.rejects(cut.readBlob(chunk, mac(plain)), { code: "unreadable" });
  memory.files.packfile.delete(packfile);
  await assert.rejects(cut.readBlob(chunk, mac(plain)), { code: "unreadable", message: /there is none$/ });
});

Deno.test("the end of a packfile may be lost without the blobs before it", async () => {
  const { memory, repository, mac } = await setUp();
  const plains = [randomBytes(1000), randomBytes(1000)];
  const packfile = await commit(repository, ...plains);
  const at = repository.blobs.get(chunk, mac(plains[1]));
  const whole = memory.files.packfile.get(packfile) ?? plains[0];
  memory.files.packfile.set(packfile, whole.slice(0, 16 + (at?.offset ?? 0) + 10));
  assert.deepEqual(await repository.readBlob(chunk, mac(plains[0])), plains[0]);
  await assert.rejects(repository.readBlob(chunk, mac(plains[1])), { code: "unreadable" });
});

Deno.test("a packfile under the name of another gives no wrong blob", async () => {
  const { memory, repository, mac } = await setUp();
  const plains = [randomBytes(300), randomBytes(300)];
  const [one, other] = [await commit(repository, plains[0]), await commit(repository, plains[1])];
  const bytes = [one, other].map((id) => memory.files.packfile.get(id) ?? plains[0]);
  memory.files.packfile.set(one, bytes[1]);
  memory.files.packfile.set(other, bytes[0]);
  for (const plain of plains) {
    await assert.rejects(repository.readBlob(chunk, mac(plain)), { code: "corrupt" });
  }
});

Deno.test("the packfile of a blob whose id is not its MAC is verified as a whole", async () => {
  const { memory, repository } = await setUp();
  const packfile = await commit(repository, randomBytes(10));
  const id = randomBytes(32);
  repository.blobs.add(snapshot, id, fromHex(packfile), 0, 1);
  await repository.verifyPackfileOf(snapshot, id);
  const bytes = memory.files.packfile.get(packfile) ?? id;
  bytes[bytes.length - 40] ^= 1;
  await assert.rejects(repository.verifyPackfileOf(snapshot, id), {
    code: "corrupt",
    message: new RegExp(`^Cannot verify packfile ${packfile}: `),
  });
  memory.files.packfile.delete(packfile);
  await assert.rejects(repository.verifyPackfileOf(snapshot, id), { code: "unreadable" });
});
