import assert from "node:assert/strict";
import { printableName } from "../../src/cli/format/printable_name.ts";
import type { ByteString } from "../../src/lib/byte_string.ts";
import { differences, listTree } from "../support/file_tree.ts";
import { plakarTest } from "../support/plakar.ts";
import { storeSize } from "../support/store_files.ts";
import { nameOf, newSharedStore, type SharedStore, type StoreSettings } from "./shared_store.ts";
import { asPlakarRestores, copyLargeFiles, type SourceTree, sourceTree } from "./source_tree.ts";

const CELLS: StoreSettings[] = [false, true].flatMap((encrypted) =>
  (["LZ4", "GZIP", "none"] as const).flatMap((compression) =>
    (["BLAKE3", "SHA256"] as const).map((hashing) => ({ encrypted, compression, hashing }))
  )
);

for (const settings of CELLS) {
  plakarTest(`plakar reads and extends what we write (${nameOf(settings)})`, async () => {
    const tree = await sourceTree();
    await using store = await newSharedStore(settings, settings.encrypted ? "cheap" : "ours");
    await store.ours("-quiet", "backup", tree.path);
    const [id] = await store.snapshots();
    await lists(store, tree, id);
    await readsEverything(store, tree, id);
    await restores(store, tree, id);
    await extendsIt(store, tree, id);
    await sharesOurChunks(store, tree);
  });
}

async function lists(store: SharedStore, tree: SourceTree, id: string): Promise<void> {
  const listed = (await store.theirs("ls", "-recursive", id)).trim().split("\n");
  assert.equal(listed.length, tree.listing.size);
  // Every path has a component for each directory above it; the root itself has no name.
  const above = tree.path.split("/").length - 1;
  const located = (await store.theirs("locate", "*")).trim().split("\n");
  assert.equal(located.length, tree.listing.size + above);
  assert.deepEqual(
    await store.theirs("locate", "bottom"),
    `${id}:${tree.path}/deep/${"down/".repeat(40)}bottom\n`,
  );
  assert.match(await store.theirs("info"), /^Snapshots: 1$/m);
  assert.match(await store.theirs("info", id), new RegExp(`^ - Files: ${tree.files.length}$`, "m"));
}

async function readsEverything(store: SharedStore, tree: SourceTree, id: string): Promise<void> {
  assert.match(await store.theirs("check", id), /: check completed without errors in /);
  const { stdoutBytes, code } = await store.runTheirs(["cat", `${id}:random.bin`]);
  assert.equal(code, 0);
  assert.deepEqual(stdoutBytes, await Deno.readFile(`${tree.path}/random.bin`));
  // plakar 1.1.4 ends the digests of a directory, without a word, at the first symbolic link.
  const digested = ["random.bin", "compressible.log", "empty", "many", "names", "deep"];
  const expected = tree.files.filter((name) => digested.includes(name.split("/")[0])).map((name) => {
    const path = printableName(`${tree.path}/${name}` as ByteString);
    return `SHA256 (${path}) = ${tree.listing.get(name)?.slice(-64)}`;
  });
  const digests = (await store.theirs("digest", ...digested.map((name) => `${id}:${name}`))).trim().split(
    "\n",
  );
  assert.deepEqual(differences(digests, expected), []);
  assertSame(await store.theirs("diff", "-recursive", id, id));
}

async function restores(store: SharedStore, tree: SourceTree, id: string): Promise<void> {
  const target = `${store.directory}/restored`;
  const { code, stderr } = await store.runTheirs(["restore", "-to", target, id]);
  assert.equal(code, 0);
  for (const line of stderr.trim().split("\n")) assert.match(line, /KO ✘ \/hard link [23]: /);
  assert.deepEqual(
    differences(asPlakarRestores(await listTree(target)), asPlakarRestores(tree.listing)),
    [],
  );
}

/** Its own backup of the same source reads nothing again and adds nothing but itself; nothing of ours looks unused. */
async function extendsIt(store: SharedStore, tree: SourceTree, id: string): Promise<void> {
  await nothingIsUnused(store);
  const before = storeSize(store.path);
  await store.theirs("backup", tree.path);
  // plakar pads its packfiles at random; the least that could have been stored again is random.bin, of 3 MiB.
  const growth = storeSize(store.path) - before;
  assert.ok(growth < 2_500_000, `the store grew by ${growth} bytes`);
  await nothingIsUnused(store);
  const [own, ours] = await store.snapshots();
  assert.equal(ours, id);
  assertSame(await store.theirs("diff", "-recursive", ours, own));
  assert.match(await store.ours("check"), /^.*check completed without errors.*$/m);
}

/** Files that plakar reads are cut where we have cut them. */
async function sharesOurChunks(store: SharedStore, tree: SourceTree): Promise<void> {
  const copy = `${store.directory}/copy`;
  await copyLargeFiles(tree, copy);
  const before = storeSize(store.path);
  await store.theirs("backup", copy);
  const growth = storeSize(store.path) - before;
  assert.ok(growth < 2_500_000, `the store grew by ${growth} bytes`);
}

async function nothingIsUnused(store: SharedStore): Promise<void> {
  assert.equal(
    await store.theirs("maintenance"),
    "maintenance: Coloured 0 packfiles (0 orphaned) for deletion\n" +
      "maintenance: 0 blobs and 0 packfiles were removed\n",
  );
}

/** What plakar 1.1.4 says of two directories with the same contents: it calls special files mismatches. */
function assertSame(diff: string): void {
  for (const line of diff.trim().split("\n")) {
    assert.match(line, /^Common subdirectories: |^File type mismatch: .*(link|link to a directory|pipe)$/);
  }
}
