import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { DATA_SETS, makeDataSet, makeEditedCopy } from "../../../scripts/bench/data_sets.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";

/** Names, types, times and contents below a directory, by path. */
function treeOf(directory: string, path = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const { name, isDirectory, isSymlink } of Deno.readDirSync(`${directory}${path}`)) {
    const below = `${path}/${name}`;
    if (isDirectory) { for (const [key, value] of treeOf(directory, below)) found.set(key, value); }
    else if (isSymlink) found.set(below, Deno.readLinkSync(`${directory}${below}`));
    else {
      const { mtime } = Deno.statSync(`${directory}${below}`);
      const digest = createHash("sha256").update(Deno.readFileSync(`${directory}${below}`)).digest("hex");
      found.set(below, `${mtime?.getTime()} ${digest}`);
    }
  }
  return found;
}

for (const name of DATA_SETS) {
  Deno.test(`the data set ${name} is the same whenever it is made`, async () => {
    await using directory = await temporaryDirectory();
    await makeDataSet(name, `${directory.path}/one`, 0.001);
    await makeDataSet(name, `${directory.path}/two`, 0.001);
    const one = treeOf(`${directory.path}/one`);
    assert.ok(one.size > 0);
    assert.deepEqual(treeOf(`${directory.path}/two`), one);
  });
}

Deno.test("an edited copy differs in few files, and leaves what it was made from as it was", async () => {
  await using directory = await temporaryDirectory();
  const [original, edited] = [`${directory.path}/original`, `${directory.path}/edited`];
  await makeDataSet("src", original, 0.005);
  const before = treeOf(original);
  await makeEditedCopy("src", original, edited);
  assert.deepEqual(treeOf(original), before);
  const after = treeOf(edited);
  assert.deepEqual([...after.keys()].sort(), [...before.keys()].sort());
  const changed = [...after].filter(([path, what]) => before.get(path) !== what).length;
  assert.ok(changed > 0 && changed < before.size / 20, `${changed} of ${before.size} files changed`);
});
