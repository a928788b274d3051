import assert from "node:assert/strict";
import type { ByteString } from "../../src/lib/byte_string.ts";
import { ChunkExchange } from "../../src/snapshot/chunk_exchange.ts";
import type { SharedBytes } from "../../src/snapshot/chunk_giver.ts";
import type { FileJob } from "../../src/snapshot/file_pipeline.ts";
import { PoolMember } from "../../src/snapshot/pool_member.ts";
import type { StoredChunk } from "../../src/snapshot/store_chunk.ts";
import { FakeSource } from "../support/fake_source.ts";

const MIB = 1024 * 1024;
const BYTES: SharedBytes = new Uint8Array(new SharedArrayBuffer(1));

function file(size: number): FileJob {
  const child = new FakeSource("/").file("f", "", { size }).node("f").record;
  return { id: 0, path: "/f" as ByteString, child };
}

/** A member that remembers what it may give and leaves chunks unanswered. */
class FakeMember extends PoolMember {
  readonly allowed: number[] = [];
  readonly answers: PromiseWithResolvers<StoredChunk>[] = [];

  constructor(...files: FileJob[]) {
    super({
      process: () => Promise.resolve(),
      storeChunk: () => {
        const answer = Promise.withResolvers<StoredChunk>();
        this.answers.push(answer);
        return answer.promise;
      },
      allow: (chunks) => void this.allowed.push(chunks),
      finish: () => Promise.resolve(),
      abort: () => Promise.resolve(),
    });
    for (const job of files) this.begins(job);
  }
}

Deno.test("who has a large file may give four chunks to each pipeline that has nothing to do", () => {
  const [large, small, idle, other] = [
    new FakeMember(file(100 * MIB), file(1)),
    new FakeMember(file(MIB), file(MIB), file(7 * MIB)),
    new FakeMember(),
    new FakeMember(),
  ];
  const exchange = new ChunkExchange([large, small, idle, other]);
  exchange.share();
  exchange.share();
  const job = file(5);
  idle.begins(job);
  exchange.share();
  other.begins(job);
  exchange.share();
  idle.ends(job);
  exchange.share();
  assert.deepEqual(large.allowed, [8, 4, 0, 4], "each change is told once");
  for (const member of [small, idle, other]) assert.deepEqual(member.allowed, []);
});

Deno.test("several that have large files share the time of the others, and no more than there is", () => {
  const givers = [1, 2, 3, 4].map(() => new FakeMember(file(8 * MIB)));
  const exchange = new ChunkExchange([givers[0], new FakeMember(), ...givers.slice(1)]);
  exchange.share();
  assert.deepEqual(givers.flatMap(({ allowed }) => allowed), [1, 1, 1, 1]);
  givers[0].ends(file(8 * MIB));
  exchange.share();
  assert.deepEqual(givers.map(({ allowed }) => allowed.at(-1)), [0, 3, 3, 2]);
});

Deno.test("a chunk goes to the one with the least to do, and to one with files only if nobody else is there", async () => {
  const [giver, one, two] = [new FakeMember(file(100 * MIB)), new FakeMember(), new FakeMember()];
  const exchange = new ChunkExchange([giver, one, two]);
  const chunks = [1, 2, 3].map(() => exchange.store(BYTES));
  assert.deepEqual([giver, one, two].map(({ answers }) => answers.length), [0, 2, 1]);
  const stored = { contentMac: new Uint8Array(32), length: 1, entropy: 0, isNew: false };
  for (const { resolve } of one.answers) resolve(stored);
  assert.equal(await chunks[0], stored);
  await chunks[2];
  two.begins(file(1));
  chunks.push(exchange.store(BYTES));
  assert.equal(one.answers.length, 3);
  one.begins(file(1));
  const late = exchange.store(BYTES);
  assert.equal(giver.answers.length, 1, "it has fewer chunks of others than they");
  giver.answers[0].reject(new Error("the disk is gone"));
  await assert.rejects(late, /the disk is gone/);
});

Deno.test("a pipeline with much of large files is worth two others", () => {
  const members = [new FakeMember(file(63 * MIB))];
  const exchange = new ChunkExchange(members);
  assert.equal(exchange.wanted, 0);
  members.push(new FakeMember(file(64 * MIB)), new FakeMember());
  assert.equal(exchange.wanted, 3);
  members.push(new FakeMember(file(4096 * MIB)), new FakeMember(...Array<FileJob>(100).fill(file(MIB))));
  assert.equal(exchange.wanted, 6);
});
