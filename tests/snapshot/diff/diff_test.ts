import assert from "node:assert/strict";
import { SftpImporter } from "../../../src/connectors/importer/sftp.ts";
import { MODE_PIPE, MODE_SETUID, MODE_STICKY } from "../../../src/kloset/file_mode.ts";
import { type ByteString, fromText } from "../../../src/lib/byte_string.ts";
import { PlakarError } from "../../../src/lib/errors.ts";
import { diff, type Difference, type DiffOptions } from "../../../src/snapshot/diff/diff.ts";
import type { ComparedSide } from "../../../src/snapshot/diff/compared_side.ts";
import { LiveSide } from "../../../src/snapshot/diff/live_side.ts";
import { SnapshotSide } from "../../../src/snapshot/diff/snapshot_side.ts";
import type { Snapshot } from "../../../src/snapshot/snapshot.ts";
import { FakeSource } from "../../support/fake_source.ts";
import { MemoryStorage } from "../../support/memory_storage.ts";
import { peerTest } from "../../support/peers.ts";
import { realSource } from "../../support/sftp_source.ts";
import { makeBackup, snapshotOf } from "../../support/snapshots.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { newTestRepository } from "../../support/test_repository.ts";

async function snapshotWith(source: FakeSource): Promise<Snapshot> {
  const repository = await newTestRepository(new MemoryStorage(), { encrypted: true });
  return await snapshotOf(repository, await makeBackup(repository, source));
}

async function liveSide(source: FakeSource, only?: string): Promise<LiveSide> {
  const importer = source.importer({ only });
  return await LiveSide.open({
    importer,
    warn: assert.fail,
    openReader: () => Promise.resolve(source.reader()),
  });
}

/** What a comparison finds, a line each. */
async function found(
  sides: readonly [ComparedSide, ComparedSide],
  snapshot: Snapshot,
  options: Partial<DiffOptions> = {},
): Promise<string[]> {
  const { mac } = snapshot.repository.codec;
  const all = diff(sides, { mac, recursive: true, trustsTimes: false, ...options });
  return (await Array.fromAsync(all)).map(lineOf);
}

function lineOf(difference: Difference): string {
  switch (difference.kind) {
    case "only":
      return `only ${difference.side} ${difference.directory} ${difference.name}`;
    case "failed":
      return `failed ${difference.side} ${difference.path} ${difference.error.message}`;
    case "text":
      return `text ${difference.paths[0]} ${
        difference.texts.map((text) => new TextDecoder().decode(text)).join("|")
      }`;
    default:
      return `${difference.kind} ${difference.paths.join(" ")}`;
  }
}

/** Compares two sources in both ways there are: as two snapshots of one repository, and as a snapshot with what is there. */
async function bothWays(
  before: FakeSource,
  after: FakeSource,
  options: Partial<DiffOptions> = {},
): Promise<string[]> {
  const first = await snapshotWith(before);
  const again = await makeBackup(first.repository, after, { useParent: false });
  const second = await snapshotOf(first.repository, again);
  const one = await SnapshotSide.open(first, before.root);
  const expected = await found([one, await SnapshotSide.open(second, after.root)], first, options);
  await using live = await liveSide(after);
  assert.deepEqual(await found([one, live], first, options), expected);
  return expected;
}

const tree = () =>
  new FakeSource("/srv").file("a/one", "1\n").file("a/two", "2\n").file("b/deep/er", "x\n").file(
    "z",
    "same\n",
  )
    .link("link", "z");

Deno.test("trees that are the same differ in nothing but have their directories in common", async () => {
  assert.deepEqual(await bothWays(tree(), tree()), [
    "directories /srv/a /srv/a",
    "directories /srv/b /srv/b",
    "directories /srv/b/deep /srv/b/deep",
  ]);
  const touched = tree().directory("a", { mode: (0x80000000 | MODE_STICKY | 0o777) >>> 0, mtime: 5n })
    .file("z", "same\n", { mode: MODE_SETUID | 0o755, mtime: 7n });
  assert.deepEqual(await bothWays(tree(), touched, { recursive: false }), [
    "directories /srv/a /srv/a",
    "directories /srv/b /srv/b",
  ]);
});

Deno.test("differences come by name, whatever order the directories are in", async () => {
  const after = new FakeSource("/srv").link("link", "elsewhere").file("new", "").file("b/deep/er", "y\n")
    .file("a/two", "2\n").file("a/1", "").file("z", Uint8Array.of(0, 1));
  assert.deepEqual(await bothWays(tree(), after), [
    "directories /srv/a /srv/a",
    "only 1 /srv/a 1",
    "only 0 /srv/a one",
    "directories /srv/b /srv/b",
    "directories /srv/b/deep /srv/b/deep",
    "text /srv/b/deep/er x\n|y\n",
    "links /srv/link /srv/link",
    "only 1 /srv new",
    "binary /srv/z /srv/z",
  ]);
});

Deno.test("without recursion, directories below are named and changed files only named", async () => {
  const after = tree().file("z", "Same\n").file("a/one", "other\n").file("y", "");
  assert.deepEqual(await bothWays(tree(), after, { recursive: false }), [
    "directories /srv/a /srv/a",
    "directories /srv/b /srv/b",
    "only 1 /srv y",
    "files /srv/z /srv/z",
  ]);
});

Deno.test("what changed its kind is told from what changed", async () => {
  const before = new FakeSource("/srv").file("a", "").directory("b").link("c", "x").special("d", MODE_PIPE);
  const after = new FakeSource("/srv").directory("a").file("b", "").file("c", "").special("d", MODE_PIPE);
  assert.deepEqual(await bothWays(before, after), [
    "types /srv/a /srv/a",
    "types /srv/b /srv/b",
    "types /srv/c /srv/c",
  ]);
});

Deno.test("files are compared with files, and directories with directories", async () => {
  const snapshot = await snapshotWith(tree());
  const side = (path: string) => SnapshotSide.open(snapshot, fromText(path));
  assert.deepEqual(await found([await side("/srv/a/one"), await side("/srv/a/two")], snapshot), [
    "text /srv/a/one 1\n|2\n",
  ]);
  assert.deepEqual(await found([await side("/srv/a"), await side("/srv/b/deep")], snapshot), [
    "only 1 /srv/b/deep er",
    "only 0 /srv/a one",
    "only 0 /srv/a two",
  ]);
  await assert.rejects(found([await side("/srv/a"), await side("/srv/z")], snapshot), {
    code: "unsupported",
    message: "can't diff different file types",
  });
  assert.deepEqual(await found([await side("/srv/z"), await liveSide(tree(), "z")], snapshot), []);
});

Deno.test("texts of many mebibytes are only said to differ", async () => {
  const text = "a line of text\n".repeat(700_000);
  const before = new FakeSource("/srv").file("f", text).file("same", text);
  const after = new FakeSource("/srv").file("f", text + "more").file("same", text);
  assert.deepEqual(await bothWays(before, after), ["files /srv/f /srv/f"]);
});

Deno.test("a file of which size and time are unchanged is read only if that is asked for", async () => {
  const snapshot = await snapshotWith(new FakeSource("/srv").file("f", "one\n", { mtime: 5_000_000_123n }));
  const now = new FakeSource("/srv").file("f", "two\n", { mtime: 5_000_000_000n });
  const one = await SnapshotSide.open(snapshot, now.root);
  await using live = await liveSide(now);
  assert.deepEqual(await found([one, live], snapshot, { trustsTimes: true }), []);
  assert.deepEqual(now.reads, []);
  assert.deepEqual(await found([one, live], snapshot), ["text /srv/f one\n|two\n"]);
});

Deno.test("what cannot be read is told once and never said to be missing", async () => {
  const snapshot = await snapshotWith(tree());
  const now = tree().failListing("b/deep", "permission denied").failRead(
    "a/one",
    new PlakarError("io", "torn"),
  );
  await using live = await liveSide(now);
  assert.deepEqual(await found([await SnapshotSide.open(snapshot, now.root), live], snapshot), [
    "directories /srv/a /srv/a",
    "failed undefined /srv/a/one torn",
    "directories /srv/b /srv/b",
    "directories /srv/b/deep /srv/b/deep",
    "failed 1 /srv/b/deep permission denied",
  ]);
});

Deno.test("a directory that a snapshot has lost is damage, not an empty directory", async () => {
  const snapshot = await snapshotWith(tree());
  const side = await SnapshotSide.open(snapshot, fromText("/srv"));
  const { entries, errors } = await side.list(fromText("/srv/lost"));
  assert.deepEqual(entries, []);
  assert.deepEqual(errors.map(({ path, error }) => [path, error.code]), [["/srv/lost", "corrupt"]]);
});

Deno.test("a comparison can be stopped", async () => {
  const snapshot = await snapshotWith(tree());
  const stop = new AbortController();
  const side = await SnapshotSide.open(snapshot, fromText("/srv"));
  const { mac } = snapshot.repository.codec;
  const options = { mac, recursive: true, trustsTimes: false, signal: stop.signal };
  await assert.rejects(async () => {
    for await (const _ of diff([side, side], options)) stop.abort(new Error("stopped"));
  }, /stopped/);
});

peerTest(["sftp-server"], "a snapshot is compared with a server as it is now", async () => {
  await using directory = await temporaryDirectory();
  const { path } = directory;
  await Deno.mkdir(`${path}/etc/ssh`, { recursive: true });
  for (const [name, text] of [["hosts", "localhost\n"], ["ssh/config", "Port 22\n"], ["ssh/new", ""]]) {
    await Deno.writeTextFile(`${path}/etc/${name}`, text);
  }
  await Deno.symlink("hosts", `${path}/etc/link`);
  const before = new FakeSource(`${path}/etc`).file("hosts", "localhost\n").file("ssh/config", "Port 2222\n")
    .link("link", "hosts").file("gone", "");
  const snapshot = await snapshotWith(before);
  const location = { protocol: "sftp", host: "server", path: fromText(`${path}/etc`), options: {} } as const;
  await using importer = await SftpImporter.open(realSource(), location);
  const source = realSource();
  const { SftpFileReader } = await import("../../../src/connectors/importer/sftp_reader.ts");
  await using live = await LiveSide.open({
    importer,
    warn: assert.fail,
    openReader: () => Promise.resolve(new SftpFileReader(source)),
  });
  const etc = `${path}/etc` as ByteString;
  assert.deepEqual(await found([await SnapshotSide.open(snapshot, etc), live], snapshot), [
    `only 0 ${etc} gone`,
    `directories ${etc}/ssh ${etc}/ssh`,
    `text ${etc}/ssh/config Port 2222\n|Port 22\n`,
    `only 1 ${etc}/ssh new`,
  ]);
});
