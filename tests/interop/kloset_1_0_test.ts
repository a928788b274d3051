/** Repositories of plakar 1.0: other chunks, states 1.0.0, no summaries, entries that say less. */

import assert from "node:assert/strict";
import { differences, listTree } from "../support/file_tree.ts";
import { kloset10Test, runKloset10 } from "../support/kloset_1_0.ts";
import { resultOf } from "../support/program.ts";
import { storeSize } from "../support/store_files.ts";
import { TEST_PASSPHRASE } from "../support/test_repository.ts";
import { newSharedStore, removeLocks, type SharedStore } from "./shared_store.ts";
import { type SourceTree, sourceTree, withoutPipes } from "./source_tree.ts";

const PASSPHRASE = new TextDecoder().decode(TEST_PASSPHRASE);

/** A repository made by the library of plakar 1.0.6, with two snapshots by it, of a small directory and a large. */
async function newOldStore(settings: "plaintext" | "encrypted", tree: SourceTree) {
  const store = await newSharedStore(
    { encrypted: settings === "encrypted", compression: "LZ4", hashing: "BLAKE3" },
    async (path) => void await kloset10("create", path, settings),
  );
  const first = await kloset10("backup", store.path, `${tree.path}/many`);
  const second = await kloset10("backup", store.path, tree.path);
  return { store, first, second };
}

/** Runs that library on a store and returns what it printed. */
async function kloset10(command: string, path: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runKloset10([command, path, ...args], PASSPHRASE);
  assert.deepEqual([code, stderr], [0, ""], [command, path, ...args].join(" "));
  removeLocks(path);
  return stdout.trim();
}

kloset10Test("we read, and extend for plakar 1.1.4, what plakar 1.0.6 wrote", async () => {
  const tree = await sourceTree();
  const { store, first, second } = await newOldStore("plaintext", tree);
  await using _ = store;
  assert.deepEqual((await store.snapshots()).toSorted(), [first, second].toSorted());
  await checks(store, [first, second]);
  await restores(store, withoutDanglingLinks(tree.listing), second);
  const third = await extendsIt(store, tree, second);
  await restores(store, tree.listing, third);
  // Whoever of plakar 1.1.4 and us writes first, plakar 1.0.6 cannot read the repository any more.
  const { code, stderr } = await runKloset10(["check", store.path], PASSPHRASE);
  assert.equal(code, 1);
  assert.match(stderr, /version "v1\.1\.0" is newer than current version "v1\.0\.0"/);
});

kloset10Test("we read and extend what plakar 1.0.6 encrypted", async () => {
  const tree = await sourceTree();
  // Every run derives the key: few of them say enough.
  const { store, second } = await newOldStore("encrypted", tree);
  await using _ = store;
  await restores(store, withoutDanglingLinks(tree.listing), second);
  await store.ours("backup", tree.path);
  await checks(store, [second]);
});

kloset10Test("what plakar 1.0.6 wrote looks the same to us and to plakar 1.1.4", async () => {
  const tree = await sourceTree();
  const { store, first, second } = await newOldStore("plaintext", tree);
  await using _ = store;
  for (
    const args of [
      ["ls", "-recursive", second],
      ["ls", `${second}:many`],
      ["info"],
      ["info", first],
      ["info", second],
      ["locate", "*"],
      ["digest", `${second}:many`, `${second}:deep`, `${second}:random.bin`],
    ]
  ) {
    const expected = await store.theirs(...args);
    assert.notEqual(expected, "", args.join(" "));
    assert.deepEqual(sorted(await store.ours(...args)), sorted(expected), args.join(" "));
  }
  for (const name of ["random.bin", "compressible.log", "empty", "names/😀"]) {
    const { code, stdoutBytes } = await store.runOurs(["cat", `${second}:${name}`]);
    assert.deepEqual([code, stdoutBytes], [0, await Deno.readFile(`${tree.path}/${name}`)], name);
  }
  assert.equal(
    await kloset10("check", store.path),
    [first, second].toSorted().join("\n"),
    "nothing was written",
  );
});

async function checks(store: SharedStore, ids: string[]): Promise<void> {
  for (const check of [store.ours, store.theirs]) {
    const output = await check("check");
    for (const id of ids) assert.match(output, new RegExp(`^${id}: check completed without errors in `, "m"));
  }
}

async function restores(store: SharedStore, listing: Map<string, string>, id: string): Promise<void> {
  const target = `${store.directory}/restored`;
  const { code, stderr } = await store.runOurs(["-quiet", "restore", "-to", target, id]);
  assert.equal(code, 3, "a pipe cannot be created");
  assert.match(stderr, /^warn: [^\n]*"\/pipe"[^\n]*\n(info: .*\n)*$/);
  assert.deepEqual(differences(await listTree(target), withoutPipes(listing)), []);
  await Deno.remove(target, { recursive: true });
}

/** Our backup reads every file once more, as its entries say less than ours, but stores no content again. */
async function extendsIt(store: SharedStore, tree: SourceTree, before: string): Promise<string> {
  const size = storeSize(store.path);
  const first = resultOf(await store.ours("-json", "backup", tree.path));
  assert.deepEqual([first.files_read, first.files_unchanged, first.parent], [tree.files.length, 0, before]);
  const growth = storeSize(store.path) - size;
  assert.ok(growth < 1_500_000, `the store grew by ${growth} bytes`);
  const [own] = await store.snapshots();
  const again = resultOf(await store.ours("-json", "backup", tree.path));
  assert.deepEqual([again.files_read, again.files_unchanged, again.parent], [0, tree.files.length, own]);
  assert.match(await store.theirs("check", own), /: check completed without errors in /);
  await store.theirs("backup", tree.path);
  for (let i = 0; i < 2; i++) {
    assert.match(await store.theirs("maintenance"), /^maintenance: Coloured 0 packfiles \(0 orphaned\)/);
  }
  await checks(store, await store.snapshots());
  return own;
}

/** What the importer of that time could take, in the version that is to be had: it left dangling links out. */
function withoutDanglingLinks(listing: Map<string, string>): Map<string, string> {
  return new Map([...listing].filter(([name]) => name !== "dangling link"));
}

function sorted(text: string): string[] {
  return text.split("\n").sort();
}
