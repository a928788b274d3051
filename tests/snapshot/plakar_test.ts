import assert from "node:assert/strict";
import { FsStorage } from "../../src/connectors/storage/fs.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import { MODE_PIPE } from "../../src/kloset/file_mode.ts";
import { ResourceType } from "../../src/kloset/resource.ts";
import { fromText, ROOT } from "../../src/lib/byte_string.ts";
import { toHex } from "../../src/lib/bytes.ts";
import { openRepository, type Repository } from "../../src/repository/repository.ts";
import { listSnapshots } from "../../src/snapshot/snapshot_list.ts";
import { FakeSource } from "../support/fake_source.ts";
import { newPlakar, PASSPHRASE, type Plakar, plakarTest } from "../support/plakar.ts";
import { checkAll, contentOf, LABELS, makeBackup, NOW, treeOf } from "../support/snapshots.ts";
import {
  createTestRepository,
  TEST_PASSPHRASE,
  type TestRepositoryOptions,
} from "../support/test_repository.ts";
import { storedBlobs } from "../support/stored_blobs.ts";

const SECOND = 1_000_000_000n;

/** Runs plakar on a store. Its locks are removed: it often ends before it has done so itself. */
async function on(plakar: Plakar, store: string, ...args: string[]): Promise<string> {
  const output = await plakar.ok(["at", store, ...args]);
  for (const { name } of Deno.readDirSync(`${store}/locks`)) Deno.removeSync(`${store}/locks/${name}`);
  return output;
}

async function open(store: string, passphrase: Uint8Array): Promise<Repository> {
  const locked = await openRepository(new FsStorage(store));
  return await locked.unlock(locked.isEncrypted ? passphrase : undefined);
}

function everything(): FakeSource {
  const source = new FakeSource("/srv/data").file("text", "hello\n").file("empty", "").link("link", "text");
  source.file("large", randomBytes(3_000_000)).special("pipe", MODE_PIPE).directory("nothing");
  source.file("names/caf\xe9 \xff", "of any bytes").file("names/line\nbreak", "x").file(
    "d/".repeat(60) + "deep",
    "deep",
  );
  source.file("secret", "unreadable").failRead("secret", "Permission denied").file("old", "x", {
    mtime: -SECOND,
  });
  for (let i = 0; i < 300; i++) source.file(`many/${i % 120}/file ${i}`, `content ${i % 40}`);
  return source;
}

const SETTINGS: TestRepositoryOptions[] = [
  { packfileSize: 100_000 },
  { encrypted: true, compression: "LZ4", hashing: "SHA256" },
];

for (const settings of SETTINGS) {
  plakarTest(
    `plakar reads, checks and maintains what the library wrote: ${JSON.stringify(settings)}`,
    async () => {
      await using plakar = await newPlakar({
        PLAKAR_PASSPHRASE: new TextDecoder().decode(TEST_PASSPHRASE),
        PLAKAR_GRACEPERIOD: "0s",
      });
      const store = `${plakar.home}/store`;
      await createTestRepository(new FsStorage(store), settings);
      const source = everything();
      const make = async (changes = {}) =>
        await makeBackup(await open(store, TEST_PASSPHRASE), source, changes);
      const first = await make({ timestamp: NOW, labels: { ...LABELS, tags: ["one"] } });
      source.file("text", "hello again\n", { mtime: NOW });
      const second = await make({ timestamp: NOW + SECOND });
      assert.equal(second.parent, toHex(first.header.identifier).slice(0, 8));
      const [old, id] = [first, second].map(({ header }) => toHex(header.identifier));

      const listed = (await on(plakar, store, "ls", "-uuid")).trim().split("\n");
      assert.deepEqual(listed.map((line) => line.split(/\s+/)[1]).sort(), [old, id].sort());
      assert.equal(await on(plakar, store, "cat", `${id}:text`), "hello again\n");
      assert.equal(await on(plakar, store, "cat", `${old}:/srv/data/text`), "hello\n");
      assert.equal(await on(plakar, store, "cat", `${old}:${"d/".repeat(60)}deep`), "deep");
      assert.match(await on(plakar, store, "info", "-errors", id), /secret: Permission denied/);
      await on(plakar, store, "check");
      await on(plakar, store, "maintenance");
      const states = (await new FsStorage(store).list("state")).length;
      assert.equal(states, 2, "maintenance finds nothing that is not used");

      await on(plakar, store, "rm", "-apply", old);
      for (let run = 0; run < 3; run++) await on(plakar, store, "maintenance");
      await on(plakar, store, "check");
      const repository = await open(store, TEST_PASSPHRASE);
      assert.deepEqual(repository.state.snapshots.map(toHex), [id]);
      const [snapshot] = await listSnapshots(repository, (message) => assert.fail(message));
      assert.deepEqual((await checkAll(snapshot)).failures, []);

      source.file("text", "hello\n", { mtime: NOW - SECOND });
      const third = await make({ timestamp: NOW + 2n * SECOND });
      await on(plakar, store, "check");
      assert.equal(await on(plakar, store, "cat", `${toHex(third.header.identifier)}:text`), "hello\n");
    },
  );
}

for (const args of [["-plaintext"], ["-plaintext", "-no-compression", "-hashing", "SHA256"]]) {
  plakarTest(
    `the library reads, checks and extends what plakar wrote: create ${args.join(" ")}`,
    async () => {
      await using plakar = await newPlakar({ PLAKAR_GRACEPERIOD: "0s" });
      const passphrase = new TextEncoder().encode(PASSPHRASE);
      const [store, directory] = [`${plakar.home}/store`, `${plakar.home}/data`];
      await Deno.mkdir(`${directory}/deep/er`, { recursive: true });
      const large = randomBytes(5_000_000);
      await Deno.writeFile(`${directory}/deep/large`, large);
      await Deno.writeTextFile(`${directory}/deep/er/text`, "hello");
      await Deno.symlink("deep", `${directory}/link`);
      await on(plakar, store, "create", ...args);
      await on(plakar, store, "backup", directory);
      await Deno.writeTextFile(`${directory}/deep/er/text`, "hello again");
      await on(plakar, store, "backup", directory);

      const repository = await open(store, passphrase);
      const snapshots = await listSnapshots(repository, (message) => assert.fail(message));
      assert.equal(snapshots.length, 2);
      for (const [i, snapshot] of snapshots.entries()) {
        assert.deepEqual((await checkAll(snapshot)).failures, []);
        const { entry } = await snapshot.lookup(snapshot.resolve(fromText("link/large")));
        assert.deepEqual(new Uint8Array(await contentOf(snapshot, entry)), large);
        assert.ok(
          (await treeOf(snapshot)).get(`${directory}/deep/er/text`)?.endsWith(i ? " hello" : " hello again"),
        );
        assert.deepEqual(await snapshot.entry(ROOT), (await Array.fromAsync(snapshot.walk(ROOT)))[0].entry);
      }
      const chunks = (await storedBlobs(repository, ResourceType.chunk)).length;
      const source = new FakeSource("/srv").file("copy", large);
      await makeBackup(repository, source, { importer: source.importer({ type: "fs" }) });
      const after = await open(store, passphrase);
      const added = (await storedBlobs(after, ResourceType.chunk)).length - chunks;
      assert.equal(added, 2, "the listings of two directories; plakar cut and named the content as we do");

      const [newest] = snapshots;
      await on(plakar, store, "check");
      await on(plakar, store, "rm", "-apply", newest.shortId);
      for (let run = 0; run < 3; run++) await on(plakar, store, "maintenance");
      const swept = await listSnapshots(await open(store, passphrase), (message) => assert.fail(message));
      assert.deepEqual(swept.map(({ shortId }) => shortId).includes(newest.shortId), false);
      assert.equal(swept.length, 2);
      for (const snapshot of swept) assert.deepEqual((await checkAll(snapshot)).failures, []);
    },
  );
}
