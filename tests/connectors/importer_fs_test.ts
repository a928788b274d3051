import assert from "node:assert/strict";
import { FsImporter } from "../../src/connectors/importer/fs.ts";
import { FsFileReader } from "../../src/connectors/importer/fs_reader.ts";
import { OwnerNames } from "../../src/connectors/local/owner_names.ts";
import { fromText } from "../../src/lib/byte_string.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { childrenOf, testImporter, walk } from "./importer_contract.ts";

async function open(path: string) {
  const importer = await FsImporter.open({ protocol: "fs", path }, "host.example");
  const reader = new FsFileReader();
  return { importer, reader, [Symbol.asyncDispose]: () => importer[Symbol.asyncDispose]() };
}

testImporter("fs importer", (name, run) => Deno.test(name, run), open);

Deno.test("fs importer: what plakar compares is there: device, inode, links, names", async () => {
  await using directory = await temporaryDirectory();
  await Deno.writeTextFile(`${directory.path}/file`, "x");
  await Deno.link(`${directory.path}/file`, `${directory.path}/other`);
  const { importer } = await open(directory.path);
  assert.equal(importer.type, "fs");
  assert.equal(importer.origin, "host.example");
  const { info } = childrenOf(await walk(importer)).get(fromText(`${directory.path}/file`)) ?? assert.fail();
  const stat = await Deno.lstat(`${directory.path}/file`);
  assert.equal(info.nlink, 2);
  assert.equal(info.ino, BigInt(stat.ino ?? 0));
  assert.equal(info.dev, BigInt(stat.dev));
  const owners = await OwnerNames.load();
  assert.equal(info.username, owners.user(info.uid));
  assert.equal(info.groupname, owners.group(info.gid));
});

Deno.test("fs importer: a name that is not UTF-8 is an error of that path", async () => {
  await using directory = await temporaryDirectory();
  const script =
    `cd "$0" && touch "$(printf 'a\\377')" "$(printf 'a\\376')" && ln -s "$(printf 'x\\377')" link && touch ok`;
  const { success } = await new Deno.Command("sh", { args: ["-c", script, directory.path] }).output();
  assert.ok(success);
  const { importer } = await open(directory.path);
  const record = (await walk(importer)).get(importer.root) ?? assert.fail();
  assert.deepEqual(record.children.map(({ info }) => info.name), ["ok"]);
  assert.equal(record.errors.length, 3);
  const names = record.errors.filter(({ path }) => !path.endsWith("/link"));
  assert.equal(names.length, 2);
  for (const { message } of names) assert.match(message, /the name is not valid UTF-8/);
});

Deno.test("the first name of a number counts, and an unknown number has none", async () => {
  await using directory = await temporaryDirectory();
  await Deno.writeTextFile(
    `${directory.path}/passwd`,
    "root:x:0:0:r:/:/\ntoor:x:0:0:::\n# no user\nbad:x\nu:x:7:1::/:\n",
  );
  const owners = await OwnerNames.load(directory.path);
  assert.deepEqual([0, 7, 1].map((uid) => owners.user(uid)), ["root", "u", ""]);
  assert.equal(owners.group(0), "");
});
