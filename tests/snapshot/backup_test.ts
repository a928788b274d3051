import assert from "node:assert/strict";
import {
  MODE_DEVICE,
  MODE_DIRECTORY,
  MODE_PIPE,
  MODE_SETUID,
  MODE_SOCKET,
  MODE_STICKY,
} from "../../src/kloset/file_mode.ts";
import { ResourceType } from "../../src/kloset/resource.ts";
import { type ByteString, ROOT } from "../../src/lib/byte_string.ts";
import { toHex } from "../../src/lib/bytes.ts";
import { randomBytes } from "../../src/crypto/random.ts";
import { FakeSource } from "../support/fake_source.ts";
import { MemoryStorage } from "../support/memory_storage.ts";
import { checkAll, contentOf, LABELS, makeBackup, NOW, snapshotOf, treeOf } from "../support/snapshots.ts";
import { newTestRepository } from "../support/test_repository.ts";
import { storedBlobs } from "../support/stored_blobs.ts";

const SETTINGS = [
  {},
  { encrypted: true, compression: "LZ4", hashing: "SHA256" },
  { compression: "GZIP", packfileSize: 30_000 },
  { encrypted: true, packfileSize: 100_000, chunkSizes: [64, 1024, 8192] as [number, number, number] },
] as const;

function everyKind(): FakeSource {
  const source = new FakeSource("/home/alice");
  source.directory(".", { mode: (MODE_DIRECTORY | MODE_STICKY | 0o777) >>> 0, mtime: -5_000_000_000n });
  source.file("text", "hello\n", { mtime: 4_294_967_295_000_000_000n, uid: 0, gid: 4_294_967_295 });
  source.file("empty", "");
  source.file("setuid", "#!/bin/sh\n", { mode: MODE_SETUID | 0o755 });
  source.file("random", randomBytes(300_000));
  source.file("zeros", new Uint8Array(200_000));
  source.file("deep/er/and/deeper/file", "bottom");
  source.directory("nothing in it");
  source.link("link", "deep/er");
  source.link("long link", "x/".repeat(2000));
  source.link("dangling", "\xff\x01nowhere");
  source.special("pipe", MODE_PIPE);
  source.special("socket", MODE_SOCKET);
  source.special("disk", MODE_DEVICE);
  for (
    const name of ["\xff\xfe", "new\nline", "\x01\x1b[31m", "caf\xc3\xa9", "caf\xe9", "a b", "-rf", "..."]
  ) {
    source.file(`names/${name}`, `content of ${name}`);
  }
  return source;
}

for (const settings of SETTINGS) {
  Deno.test(`what was backed up is read back, byte for byte, with ${JSON.stringify(settings)}`, async () => {
    const repository = await newTestRepository(new MemoryStorage(), settings);
    const source = everyKind();
    const result = await makeBackup(repository, source);
    const snapshot = await snapshotOf(repository, result);
    assert.equal(result.errors, 0);

    let files = 0;
    for await (const { path, entry } of snapshot.walk(source.root)) {
      assert.ok(entry);
      const relative = path.slice(source.root.length + 1);
      const { record, content } = source.node(relative === "" ? "." : relative);
      assert.deepEqual(entry.info, record.info, path);
      assert.equal(entry.symlinkTarget, record.target ?? "", path);
      assert.deepEqual(new Uint8Array(await contentOf(snapshot, entry)), new Uint8Array(content), path);
      assert.deepEqual(await snapshot.entry(path), entry, "the tree of entries agrees with the dirpacks");
      files++;
    }
    assert.equal(files, 27);
    assert.equal(result.filesRead, 14);
    assert.deepEqual((await checkAll(snapshot)).failures, []);
    assert.deepEqual((await checkAll(snapshot, { fast: true })).failures, []);
  });
}

Deno.test("a header says what the snapshot was made from, when, and by whom", async () => {
  const repository = await newTestRepository(new MemoryStorage());
  const identifier = randomBytes(32);
  const labels = { ...LABELS, name: "nightly", category: "c", environment: "e", perimeter: "p", job: "j" };
  let time = NOW;
  const result = await makeBackup(repository, new FakeSource("/srv/data").file("f", "x"), {
    identifier,
    labels: { ...labels, tags: ["one", "two"] },
    timestamp: 42n,
    now: () => time += 1000n,
  });
  const { header } = await snapshotOf(repository, result);
  assert.equal(toHex(header.identifier), toHex(identifier));
  assert.equal(header.timestamp, 42n);
  assert.ok(header.duration > 0n);
  assert.deepEqual([header.name, header.category, header.environment, header.perimeter, header.job], [
    ...["nightly", "c", "e", "p", "j"],
  ]);
  assert.deepEqual(header.tags, ["one", "two"]);
  assert.deepEqual(header.context, [{ key: "Hostname", value: "here" }]);
  assert.deepEqual(header.sources.map(({ importer }) => importer), [
    { type: "sftp", origin: "server", directory: "/srv/data" as ByteString },
  ]);
});

Deno.test("directories above the root are described by the importer, or plain", async () => {
  const repository = await newTestRepository(new MemoryStorage());
  const source = new FakeSource("/a/b/c").file("f", "x");
  const described = await snapshotOf(repository, await makeBackup(repository, source));
  assert.deepEqual([...(await treeOf(described)).keys()], ["/", "/a", "/a/b", "/a/b/c", "/a/b/c/f"]);
  assert.equal((await described.entry("/a" as ByteString))?.info.mode, (MODE_DIRECTORY | 0o711) >>> 0);

  source.describesAncestors = false;
  const plain = await snapshotOf(repository, await makeBackup(repository, source));
  assert.deepEqual([...(await treeOf(plain)).keys()], ["/", "/a", "/a/b", "/a/b/c", "/a/b/c/f"]);
  const info = (await plain.entry("/a" as ByteString))?.info;
  assert.equal(info?.mode, (MODE_DIRECTORY | 0o750) >>> 0);
  assert.equal(info?.mtime, 0n);
  assert.equal((await plain.entry(ROOT))?.info.name, "/");
});

Deno.test("a single file is the one child of its directory", async () => {
  const repository = await newTestRepository(new MemoryStorage());
  const source = new FakeSource("/etc").file("passwd", "root:x:0:0\n").file("shadow", "secret");
  const importer = source.importer({ only: "passwd" });
  const snapshot = await snapshotOf(repository, await makeBackup(repository, source, { importer }));
  assert.deepEqual([...(await treeOf(snapshot)).keys()], ["/", "/etc", "/etc/passwd"]);
  assert.equal(snapshot.directory, "/etc");
  assert.deepEqual(source.reads, ["/etc/passwd"]);
});

Deno.test("the root of the file system can be backed up, and so can an empty directory", async () => {
  const repository = await newTestRepository(new MemoryStorage());
  const root = new FakeSource("/").file("etc/hosts", "127.0.0.1\n");
  const whole = await snapshotOf(repository, await makeBackup(repository, root));
  assert.deepEqual([...(await treeOf(whole)).keys()], ["/", "/etc", "/etc/hosts"]);
  const empty = await snapshotOf(repository, await makeBackup(repository, new FakeSource("/empty")));
  assert.deepEqual([...(await treeOf(empty)).keys()], ["/", "/empty"]);
  assert.deepEqual((await checkAll(empty)).failures, []);
});

Deno.test("what files and directories have in common is stored once", async () => {
  const repository = await newTestRepository(new MemoryStorage());
  const source = new FakeSource("/r");
  const content = randomBytes(5000);
  for (let i = 0; i < 50; i++) {
    source.file(`${i}/copy`, content).file(`${i}/nothing`, "").directory(`${i}/empty`);
  }
  await makeBackup(repository, source);
  const { chunk, object } = ResourceType;
  for (const type of [chunk, object]) {
    const macs = (await storedBlobs(repository, type)).map(([, mac]) => toHex(mac));
    assert.equal(new Set(macs).size, macs.length);
    // Of the dirpacks, 52 have children. That of an empty directory has the chunk of the empty file, and another object.
    assert.equal(macs.length, 52 + (type === chunk ? 2 : 3));
  }
});

Deno.test("what is excluded is not in the snapshot", async () => {
  const repository = await newTestRepository(new MemoryStorage());
  const source = new FakeSource("/r").file("keep/a", "a").file("keep/b.tmp", "b").file("cache/x", "x");
  const exclude = (path: string, isDirectory: boolean) =>
    path.endsWith(".tmp") || (isDirectory && path === "/r/cache");
  const snapshot = await snapshotOf(repository, await makeBackup(repository, source, { exclude }));
  assert.deepEqual([...(await treeOf(snapshot)).keys()], ["/", "/r", "/r/keep", "/r/keep/a"]);
});

Deno.test("a directory of 5 000 files and one 300 levels deep are backed up whole", async () => {
  const repository = await newTestRepository(new MemoryStorage(), { compression: "LZ4" });
  const source = new FakeSource("/r");
  for (let i = 0; i < 5000; i++) source.file(`wide/${i}`, `file ${i % 50}`);
  source.file("d/".repeat(300) + "bottom", "deep");
  const result = await makeBackup(repository, source);
  const snapshot = await snapshotOf(repository, result);
  const checked = await checkAll(snapshot);
  assert.deepEqual(checked.failures, []);
  assert.equal(checked.intact, 1 + 1 + 1 + 5000 + 300 + 1);
  assert.equal((await snapshot.children("/r/wide" as ByteString)).length, 5000);
  const bottom = await snapshot.lookup(("/r/" + "d/".repeat(300) + "bottom") as ByteString);
  assert.equal(new TextDecoder().decode(await contentOf(snapshot, bottom.entry)), "deep");
  const { directory, below } = snapshot.header.sources[0].summary;
  assert.equal(directory.files + below.files, 5001);
  const objects = (await storedBlobs(snapshot.repository, ResourceType.object)).length;
  assert.equal(
    objects,
    51 + 303,
    "one for each content, however often it occurs, and one for each directory",
  );
});
