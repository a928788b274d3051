import assert from "node:assert/strict";
import { changeTree, differences, growTree, listTree } from "../support/file_tree.ts";
import { newPlakar, plakarTest } from "../support/plakar.ts";
import { newSharedStore, type SharedStore } from "./shared_store.ts";
import { asPlakarRestores, withoutPipes } from "./source_tree.ts";

const SETTINGS = { encrypted: true, compression: "LZ4", hashing: "BLAKE3" } as const;
const STEPS = 10;

plakarTest("both back up a changing directory ten times in turn, and each restores all of it", async () => {
  await using store = await newSharedStore(SETTINGS, "cheap");
  const source = `${store.directory}/source`;
  await growTree(source);
  const states: { id: string; listing: Map<string, string> }[] = [];
  for (let step = 0; step < STEPS; step++) {
    await changeTree(source, step);
    const isOurs = step % 2 === 0;
    await (isOurs ? store.ours : store.theirs)("backup", source);
    const [id] = await store.snapshots();
    states.push({ id, listing: await listTree(source) });
    // Each checks what the other has just written.
    const checked = await (isOurs ? store.theirs : store.ours)("check", id);
    assert.match(checked, /: check completed without errors in /);
    assert.equal(await maintenance(store), "Coloured 0 packfiles (0 orphaned)");
  }
  await everythingIsRestored(store, states);

  // What plakar removes from a repository that both wrote is nothing that another snapshot needs.
  const removed = states.splice(0, 4);
  await store.theirs("rm", "-apply", ...removed.map(({ id }) => id));
  await maintenance(store);
  await maintenance(store);
  assert.deepEqual(await store.snapshots(), states.map(({ id }) => id).reverse());
  await everythingIsRestored(store, states.slice(0, 1));
  assert.equal(count(await store.theirs("check"), /: check completed without errors in /g), states.length);
  assert.equal(count(await store.ours("check"), /: check completed without errors in /g), states.length);
});

plakarTest("both back up at the same time into one repository", async () => {
  await using store = await newSharedStore({ ...SETTINGS, encrypted: false }, "ours");
  const source = `${store.directory}/source`;
  await growTree(source);
  const { program, path } = store;
  // As from three machines: two that open plakar's cache of one home for the first time disturb each other.
  await using plakars = new AsyncDisposableStack();
  const runs = [];
  for (const _machine of [0, 1, 2]) {
    const plakar = plakars.use(await newPlakar());
    runs.push(
      () => program.ok(["at", path, "backup", source]),
      () => plakar.ok(["at", path, "backup", source]),
    );
  }
  await Promise.all(runs.map((run) => run()));
  await Deno.remove(`${path}/locks`, { recursive: true });
  await Deno.mkdir(`${path}/locks`);
  assert.equal((await store.snapshots()).length, runs.length);
  // What was stored twice may go, what is needed may not.
  for (let i = 0; i < 2; i++) await maintenance(store);
  assert.equal(count(await store.ours("check"), /: check completed without errors in /g), runs.length);
  assert.equal(count(await store.theirs("check"), /: check completed without errors in /g), runs.length);
});

/** Lets plakar mark and remove what nothing needs, without waiting a week in between; returns what was marked. */
async function maintenance(store: SharedStore): Promise<string> {
  const output = await store.theirs("maintenance");
  return /^maintenance: (.*) for deletion$/m.exec(output)?.[1] ?? assert.fail(output);
}

async function everythingIsRestored(
  store: SharedStore,
  states: { id: string; listing: Map<string, string> }[],
): Promise<void> {
  for (const { id, listing } of states) {
    const target = `${store.directory}/restored`;
    await store.runOurs(["-quiet", "restore", "-to", target, id]);
    assert.deepEqual(differences(await listTree(target), withoutPipes(listing)), [], id);
    await Deno.remove(target, { recursive: true });
    await store.runTheirs(["restore", "-to", target, id]);
    const restored = asPlakarRestores(await listTree(target));
    assert.deepEqual(differences(restored, asPlakarRestores(listing)), [], id);
    await Deno.remove(target, { recursive: true });
  }
}

function count(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].length;
}
