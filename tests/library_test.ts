import assert from "node:assert/strict";
import * as plakar from "../mod.ts";
import { differences, listTree } from "./support/file_tree.ts";
import { temporaryDirectory } from "./support/temporary_directory.ts";

Deno.test("the library backs up into a new repository, lists, checks and restores, by its door alone", async () => {
  await using directory = await temporaryDirectory();
  const here = { currentDirectory: directory.path };
  await Deno.mkdir(`${directory.path}/source/below`, { recursive: true });
  await Deno.writeTextFile(`${directory.path}/source/below/file`, "content\n");
  await Deno.symlink("below/file", `${directory.path}/source/link`);

  const now = () => BigInt(Date.now()) * 1_000_000n;
  const place = plakar.parseLocation("store", here);
  const storage = plakar.openStorage(place);
  await plakar.createRepository(storage, { hashing: "BLAKE3", compression: "LZ4", now: now() });
  let repository = await (await plakar.openRepository(storage)).unlock();

  const failures: string[] = [];
  const failed = (path: plakar.ByteString, message: string) =>
    void failures.push(`${plakar.display(path)}: ${message}`);
  const environment = {
    hostname: "here",
    ssh: plakar.processEnvironment(),
    io: { prompter: plakar.NOBODY, warn: (message: string) => void failures.push(message) },
  };
  await using importer = await plakar.openImporter(plakar.parseLocation("source", here), environment);
  const stored: string[] = [];
  const { header } = await plakar.backup({
    repository,
    identifier: crypto.getRandomValues(new Uint8Array(32)),
    importer,
    walk: importer.walk(),
    openPipeline: plakar.workerPipelines(repository, place, importer.readerSpec),
    pipelines: 1,
    labels: { name: "default", category: "", environment: "", perimeter: "", job: "", tags: [], context: [] },
    useParent: true,
    now,
    hostname: "here",
    events: {
      stored: (path) => void stored.push(plakar.display(path)),
      discovered() {},
      failed,
      warn: environment.io.warn,
    },
  });
  assert.ok(stored.includes(`${directory.path}/source/below/file`));

  repository = await repository.reload();
  assert.equal((await plakar.listSnapshots(repository, environment.io.warn)).length, 1);
  const snapshot = await plakar.Snapshot.load(repository, header.identifier);
  const path = snapshot.directory;
  const listed = await Array.fromAsync(snapshot.walk(path), (found) => plakar.display(found.path));
  assert.deepEqual(
    listed.map((found) => found.slice(directory.path.length)).sort(),
    ["/source", "/source/below", "/source/below/file", "/source/link"],
  );

  const verified = new plakar.VerifiedBlobs();
  const checked = await plakar.check({
    snapshot,
    path,
    fast: false,
    verified,
    events: { intact() {}, failed },
  });
  assert.equal(checked.errors, 0);
  await using exporter = await plakar.openExporter(plakar.parseLocation("restored", here), environment);
  await plakar.restore({ snapshot, path, exporter, events: { restored() {}, failed } });
  assert.deepEqual(failures, []);
  const [source, restored] = await Promise.all(
    ["source", "restored"].map((name) => listTree(`${directory.path}/${name}`, "s")),
  );
  assert.deepEqual(differences(restored, source), []);
});
