import assert from "node:assert/strict";
import { FsImporter } from "../../src/connectors/importer/fs.ts";
import { FsFileReader } from "../../src/connectors/importer/fs_reader.ts";
import type { Importer } from "../../src/connectors/importer/importer.ts";
import { SeveralImporter } from "../../src/connectors/importer/several.ts";
import { fromText } from "../../src/lib/byte_string.ts";
import { FakeSource } from "../support/fake_source.ts";
import { childrenOf, testImporter, walk } from "./importer_contract.ts";

const fake = (root: string, ...files: string[]) =>
  files.reduce((source, file) => source.file(file, file), new FakeSource(root));

testImporter("one source as several", (name, run) => Deno.test(name, run), async (path) => {
  const importer = new SeveralImporter([await FsImporter.open({ protocol: "fs", path }, "host")]);
  const reader = new FsFileReader();
  return { importer, reader, [Symbol.asyncDispose]: () => importer[Symbol.asyncDispose]() };
});

Deno.test("several sources are the directory that holds them, with them and the way to them", async () => {
  const importer = new SeveralImporter([
    fake("/srv/www/site", "index", "img/logo").importer(),
    fake("/srv/data", "a").importer(),
    fake("/srv/www/logs", "today", "yesterday").importer({ only: "today" }),
  ]);
  assert.equal(importer.root, "/srv");
  assert.deepEqual((await importer.ancestors()).map(({ path }) => path).sort(), ["/", "/srv"]);
  const found = childrenOf(await walk(importer));
  assert.deepEqual([...found.keys()].sort(), [
    "/srv/data",
    "/srv/data/a",
    "/srv/www",
    "/srv/www/logs",
    "/srv/www/logs/today",
    "/srv/www/site",
    "/srv/www/site/img",
    "/srv/www/site/img/logo",
    "/srv/www/site/index",
  ]);
  assert.equal(found.get(fromText("/srv/www"))?.info.uid, 1000);
  assert.deepEqual(
    (await importer.list(fromText("/srv/www"))).children.map(({ info }) => info.name).sort(),
    ["logs", "site"],
  );
  assert.equal((await importer.list(fromText("/srv/www/site"))).children.length, 2);
});

Deno.test("a source within another comes once, and so does one that is named twice", async () => {
  const all = (...sources: Importer[]) => new SeveralImporter(sources);
  const outer = fake("/srv/www", "a", "sub/b");
  for (
    const importer of [
      all(outer.importer(), fake("/srv/www/sub", "b").importer()),
      all(fake("/srv/www/sub", "b").importer(), outer.importer()),
      all(outer.importer(), outer.importer()),
      all(outer.importer({ only: "a" }), outer.importer()),
    ]
  ) {
    assert.equal(importer.root, "/srv/www");
    assert.deepEqual(
      [...childrenOf(await walk(importer)).keys()].sort(),
      ["/srv/www/a", "/srv/www/sub", "/srv/www/sub/b"],
    );
  }
  // A name that begins alike is another directory.
  assert.equal(all(outer.importer(), fake("/srv/www2", "c").importer()).root, "/srv");
});

Deno.test("what is left out of several sources, and what cannot be examined, is asked of each", async () => {
  const partly = fake("/a/partly", "z", "closed/x").failListing("closed", "not listed").importer();
  const importer = new SeveralImporter([fake("/a/open", "x", "y").importer(), partly]);
  const records = await walk(importer, { exclude: (path) => path === "/a/open/x" });
  assert.deepEqual(
    [...childrenOf(records).keys()].sort(),
    ["/a/open", "/a/open/y", "/a/partly", "/a/partly/closed", "/a/partly/z"],
  );
  assert.deepEqual(records.get(fromText("/a/partly/closed"))?.errors, [{
    path: "/a/partly/closed",
    message: "not listed",
  }]);
  const closed = fake("/a/closed").failListing(".", "not listed").importer();
  await assert.rejects(walk(new SeveralImporter([partly, closed])), { code: "io", message: "not listed" });
});

Deno.test("directories that nobody can describe are there all the same", async () => {
  const sources = ["/a/b/c", "/a/d"].map((root) => {
    const source = fake(root, "x");
    source.describesAncestors = false;
    return source.importer();
  });
  const found = childrenOf(await walk(new SeveralImporter(sources)));
  assert.deepEqual([...found.keys()].sort(), ["/a/b", "/a/b/c", "/a/b/c/x", "/a/d", "/a/d/x"]);
});
