import assert from "node:assert/strict";
import { FsStorage } from "../../../src/connectors/storage/fs.ts";
import { FakeSource } from "../../support/fake_source.ts";
import { makeBackup } from "../../support/snapshots.ts";
import { createTestRepository, openTestRepository } from "../../support/test_repository.ts";
import { runMain, withHome } from "../fake_surroundings.ts";

/** So many that it is worth keeping them. */
const SNAPSHOTS = 32;

const filesIn = (path: string) => [...Deno.readDirSync(path)].map(({ name }) => name);

Deno.test("a repository of many snapshots is read from the cache", async (t) => {
  await withHome(async (home) => {
    const store = `${home}/store`;
    await using storage = new FsStorage(store);
    await createTestRepository(storage, { compression: "LZ4" });
    const repository = await openTestRepository(storage);
    const source = new FakeSource("/srv").file("file", "content");
    for (let n = 0; n < SNAPSHOTS; n++) await makeBackup(repository, source);
    const plakar = (...words: string[]) => runMain(["at", store, ...words], { home });
    const listed = await plakar("ls", "-uuid", "-tags");
    assert.deepEqual([listed.status, listed.stderr, listed.stdout.split("\n").length], [
      0,
      "",
      SNAPSHOTS + 1,
    ]);

    await t.step("which is private, and holds nothing else", () => {
      const [id, ...others] = filesIn(`${home}/.cache/plakar-deno`);
      assert.deepEqual(others, []);
      const directory = `${home}/.cache/plakar-deno/${id}`;
      assert.deepEqual(filesIn(directory).map((name) => name.split("-")[0]).sort(), ["headers", "states"]);
      assert.equal((Deno.statSync(directory).mode ?? 0) & 0o777, 0o700);
    });

    await t.step("and looks as in the store, wherever the cache is", async () => {
      assert.deepEqual(await plakar("ls", "-uuid", "-tags"), listed);
      assert.deepEqual(await plakar("-cachedir", `${home}/other`, "ls", "-uuid", "-tags"), listed);
      assert.deepEqual(filesIn(`${home}/other`), filesIn(`${home}/.cache/plakar-deno`));
    });

    await t.step("and from the store if the cache cannot be written, which only a trace tells", async () => {
      await Deno.writeTextFile(`${home}/file`, "");
      const words = ["ls", "-uuid", "-tags", "-cachedir", `${home}/file`];
      assert.deepEqual(await plakar(...words), listed);
      const { stdout } = await plakar(...words, "-trace", "repository");
      assert.match(stdout, /^trace: repository: Cannot write the cache of states: /m);
      assert.ok(stdout.endsWith(listed.stdout));
    });

    await t.step("but for a check, which looks at the store", async () => {
      const [bucket] = filesIn(`${store}/states`).map((name) => `${store}/states/${name}`)
        .filter((path) => filesIn(path).length > 0);
      await Deno.truncate(`${bucket}/${filesIn(bucket)[0]}`, 60);
      assert.deepEqual(await plakar("ls", "-uuid", "-tags"), listed);
      const checked = await plakar("check");
      assert.equal(checked.status, 65);
      assert.match(checked.stderr, /Cannot read state/);
    });
  });
});
