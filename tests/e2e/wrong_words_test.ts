import assert from "node:assert/strict";
import { newProgram } from "../support/program.ts";
import { storeFiles } from "../support/store_files.ts";

Deno.test("words that name nothing, or more than one thing, are refused, and nothing is done", async (t) => {
  await using program = await newProgram();
  const store = `${program.home}/store`;
  const source = `${program.home}/source`;
  await Deno.mkdir(source);
  await Deno.writeTextFile(`${source}/file`, "content");
  await program.ok(["at", store, "create", "-plaintext"]);
  await program.ok(["config", "remote", "create", "mysftp"]);
  await program.ok(["config", "remote", "set", "mysftp", "location", source]);
  await program.ok(["config", "remote", "create", "nowhere"]);
  await program.ok(["at", store, "backup", "@mysftp"]);
  // Seventeen identifiers have a first digit in common.
  for (let i = 0; i < 16; i++) await program.ok(["at", store, "backup", source]);
  const ids = (await program.ok(["at", store, "ls"])).trim().split("\n").map((line) => line.split(/\s+/)[1]);
  const digit = ids.map(([first]) => first).find((first, i, all) => all.indexOf(first) !== i) ??
    assert.fail();
  const unknown = ids.includes("ffffffff") ? "00000000" : "ffffffff";
  const [id] = ids;

  const cases: [words: string[], code: number, message: RegExp, hint?: RegExp][] = [
    [["at", "@nothing", "ls"], 1, /could not resolve repository: @nothing/],
    [["at", store, "backup", "@nothing"], 1, /could not resolve importer: @nothing/, /mysftp/],
    [["at", store, "backup", "@mysfpt"], 1, /could not resolve importer: @mysfpt/, /mysftp/],
    [["at", store, "restore", "-to", "@nothing", id], 1, /could not resolve exporter: @nothing/],
    [["at", store, "backup", "@nowhere"], 1, /could not resolve importer location: @nowhere/],
    [["at", store, "backup", "gopher://host/path"], 64, /protocol gopher is not supported/],
    [
      ["at", store, "backup", `${source}/missing`],
      1,
      /Cannot read "\S+\/missing": No such file or directory/,
    ],
    [
      ["at", store, "backup", "-nothing", source],
      64,
      /Unknown option -nothing for "backup"/,
      /plakar backup -h/,
    ],
    [["-nothing", "at", store, "ls"], 64, /Unknown option -nothing/],
    [["at", store, "backup", "-tag"], 64, /-tag/],
    [["at", store, "-concurrency", "many", "backup", source], 64, /many/],
    [["at", store, "bakcup", source], 64, /command not found: bakcup/, /did you mean "backup"/],
    [["at", store], 64, /^plakar: missing command$/m],
    [["at"], 64, /^plakar: missing plakar repository$/m],
    [["at", store, "ls", unknown], 1, new RegExp(`no snapshot has prefix: ${unknown}`), /plakar ls/],
    [["at", store, "check", unknown], 1, new RegExp(`no snapshot has prefix: ${unknown}`)],
    [["at", store, "restore", unknown], 1, new RegExp(`no snapshot has prefix: ${unknown}`)],
    [["at", store, "cat", `${unknown}:file`], 1, new RegExp(`no snapshot has prefix: ${unknown}`)],
    [["at", store, "info", unknown], 1, new RegExp(`no snapshot has prefix: ${unknown}`)],
    [["at", store, "ls", "not-hex"], 1, /no snapshot has prefix: not-hex/],
    [
      ["at", store, "ls", digit],
      1,
      new RegExp(`ambiguous: ${digit} \\(matches \\d+ snapshots\\)`),
      /more digits/,
    ],
    [["at", store, "check", digit], 1, /ambiguous/],
    [["at", store, "restore", digit], 1, /ambiguous/],
    [["at", store, "cat", `${digit}:file`], 1, /ambiguous/],
    [["at", store, "ls", `${id}:missing`], 1, /Cannot find "\S+\/source\/missing" in snapshot/],
    [["at", store, "restore", `${id}:missing`], 1, /Cannot find "\S+\/source\/missing" in snapshot/],
    [["at", store, "cat", `${id}:missing`], 1, /cat: \S+\/source\/missing: no such file/],
    [["at", store, "cat", `${id}:/`], 1, /cat: \/: not a regular file/],
    [["at", store, "cat"], 64, /Command "cat" needs SNAPSHOT:PATH/, /usage: plakar/],
    [["config", "remote", "set", "missing", "location", source], 1, /remote "missing" does not exist/],
    [["config", "remote", "create", "mysftp"], 1, /remote "mysftp" already exists/],
  ];
  const before = storeFiles(store);
  for (const [words, expected, message, hint] of cases) {
    await t.step(`plakar ${words.join(" ").replaceAll(program.home, "~").replaceAll(id, "ID")}`, async () => {
      const { code, stdout, stderr } = await program.run(words);
      assert.equal(code, expected, stderr);
      assert.equal(stdout, "");
      assert.match(stderr, message);
      if (hint) assert.match(stderr.slice(stderr.indexOf("\n")), hint);
      assert.deepEqual(storeFiles(store), before);
    });
  }
  assert.deepEqual(
    [...Deno.readDirSync(program.home)].map(({ name }) => name).filter((name) => name.startsWith("plakar-")),
    [],
  );
});
