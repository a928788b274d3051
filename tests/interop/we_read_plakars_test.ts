import assert from "node:assert/strict";
import { differences, listTree } from "../support/file_tree.ts";
import { plakarTest } from "../support/plakar.ts";
import { resultOf } from "../support/program.ts";
import { storeSize } from "../support/store_files.ts";
import { nameOf, newSharedStore, type SharedStore, type StoreSettings } from "./shared_store.ts";
import { copyLargeFiles, type SourceTree, sourceTree, withoutPipes } from "./source_tree.ts";

const CELLS: StoreSettings[] = [false, true].flatMap((encrypted) =>
  (["LZ4", "none"] as const).flatMap((compression) =>
    (["BLAKE3", "SHA256"] as const).map((hashing) => ({ encrypted, compression, hashing }))
  )
);

for (const settings of CELLS) {
  plakarTest(`we read and extend what plakar writes (${nameOf(settings)})`, async () => {
    const tree = await sourceTree();
    await using store = await newSharedStore(settings, settings.encrypted ? "cheap" : "theirs");
    await store.theirs("backup", tree.path);
    const [id] = await store.snapshots();
    assert.match(await store.ours("check", id), /: check completed without errors in /);
    assert.equal(await store.ours("ls", "-recursive", id), await store.theirs("ls", "-recursive", id));
    for (const name of ["random.bin", "compressible.log", "empty", "names/😀"]) {
      const { code, stdoutBytes } = await store.runOurs(["cat", `${id}:${name}`]);
      assert.deepEqual([code, stdoutBytes], [0, await Deno.readFile(`${tree.path}/${name}`)], name);
    }
    await restores(store, tree, id);
    await extendsIt(store, tree, id);
    await sharesItsChunks(store, tree);
  });
}

async function restores(store: SharedStore, tree: SourceTree, id: string): Promise<void> {
  const target = `${store.directory}/restored`;
  const { code, stderr } = await store.runOurs(["-quiet", "restore", "-to", target, id]);
  assert.equal(code, 3, "a pipe cannot be created");
  assert.match(stderr, /^warn: [^\n]*"\/pipe"[^\n]*\n(info: .*\n)*$/);
  assert.deepEqual(differences(await listTree(target), withoutPipes(tree.listing)), []);
}

/** Files that we read are cut where plakar has cut them. */
async function sharesItsChunks(store: SharedStore, tree: SourceTree): Promise<void> {
  const copy = `${store.directory}/copy`;
  const bytes = await copyLargeFiles(tree, copy);
  const { files_read, bytes_read, bytes_deduplicated } = resultOf(await store.ours("-json", "backup", copy));
  assert.deepEqual([files_read, bytes_read, bytes_deduplicated], [2, bytes, bytes]);
}

/** Our backup of the same source reads no file again and adds nothing but itself. */
async function extendsIt(store: SharedStore, tree: SourceTree, id: string): Promise<void> {
  const before = storeSize(store.path);
  const result = resultOf(await store.ours("-json", "backup", tree.path));
  assert.deepEqual([result.files_read, result.files_unchanged, result.parent], [0, tree.files.length, id]);
  const growth = storeSize(store.path) - before;
  assert.ok(growth < 700_000, `the store grew by ${growth} bytes`);
  const [ours, theirs] = await store.snapshots();
  assert.equal(theirs, id);
  assert.match(await store.theirs("check", ours), /: check completed without errors in /);
  assert.equal(await store.theirs("ls", "-recursive", ours), await store.theirs("ls", "-recursive", id));
  assert.match(await store.theirs("maintenance"), /^maintenance: Coloured 0 packfiles \(0 orphaned\)/);
}
