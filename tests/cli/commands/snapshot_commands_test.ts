/** `rm`, `locate`, `digest`, `diff` and `info` on a store of their own: what only ours does, and JSON. */

import assert from "node:assert/strict";
import { type StoreFixture, withStore } from "./store_fixture.ts";

/** The short ids of two snapshots, the older first. */
async function twoSnapshots({ run, write, home }: StoreFixture): Promise<[string, string]> {
  await write("source/file", "one\n");
  await write("source/sub/other", "same\n");
  assert.equal((await run(["backup", "-tag", "first", `${home}/source`])).status, 0);
  await write("source/file", "two!\n");
  await write("source/new", "");
  // The clock of the test stands still.
  assert.equal((await run(["backup", "-tag", "second", `${home}/source`])).status, 0);
  const lines = (await run(["ls", "-tags"])).stdout.trim().split("\n");
  const idOf = (tag: string) => lines.find((line) => line.endsWith(tag))?.split(/\s+/)[1] ?? assert.fail();
  return [idOf("first"), idOf("second")];
}

const jsonLines = (text: string) => text.trim().split("\n").map((line) => JSON.parse(line));

Deno.test("rm without anything removes nothing, and says so", () =>
  withStore(async ({ run }) => {
    const guard = "plakar: no filter specified, not going to remove everything\n";
    for (const words of [["rm"], ["rm", "-apply"], ["rm", "-apply", "-group-by", "name"]]) {
      const { status, stdout, stderr } = await run(words);
      assert.equal(status, 64);
      assert.equal(stdout, "");
      assert.ok(stderr.startsWith(guard), stderr);
    }
  }));

Deno.test("rm takes a type or an origin for a filter", () =>
  withStore(async (fixture) => {
    await twoSnapshots(fixture);
    const { run } = fixture;
    assert.match((await run(["rm", "-type", "fs"])).stdout, /^rm: would remove these 2 snapshot\(s\)/);
    const none = await run(["rm", "-apply", "-origin", "nowhere"]);
    assert.deepEqual(none, {
      status: 0,
      stdout: "info: rm: no snapshots matched the selection\n",
      stderr: "",
    });
  }));

Deno.test("rm removes what is named and matches, and nothing else", () =>
  withStore(async (fixture) => {
    const { run } = fixture;
    const [one, two] = await twoSnapshots(fixture);
    assert.match((await run(["rm", "-apply", "-tag", "second", one])).stdout, /no snapshots matched/);
    const { status, stdout } = await run(["rm", "-apply", one, "ffffffffffff"]);
    assert.deepEqual([status, stdout], [0, `info: rm: removal of ${one} completed successfully\n`]);
    assert.match((await run(["ls"])).stdout, new RegExp(`^\\S+ +${two} .*\n$`));
    assert.match((await run(["cat", `${one}:file`])).stderr, /no snapshot has prefix/);
  }));

Deno.test("rm refuses what could mean more than it says", () =>
  withStore(async (fixture) => {
    const { run } = fixture;
    const [one] = await twoSnapshots(fixture);
    for (
      const [argument, status] of [["", 1], [":", 64], [`${one}:file`, 64], ["/etc", 64], [
        "latest",
        1,
      ]] as const
    ) {
      const result = await run(["rm", "-apply", argument]);
      assert.equal(result.status, status, `${argument}: ${result.stderr}`);
    }
    assert.equal((await run(["ls"])).stdout.trim().split("\n").length, 2);
  }));

Deno.test("a snapshot whose header cannot be read can be removed by its id", () =>
  withStore(async (fixture) => {
    const { run, store } = fixture;
    const [one, two] = await twoSnapshots(fixture);
    // Every packfile of the second snapshot is newer than the first's.
    const found: { path: string; at: number }[] = [];
    for await (const { name: bucket } of Deno.readDir(`${store}/packfiles`)) {
      for await (const { name } of Deno.readDir(`${store}/packfiles/${bucket}`)) {
        const path = `${store}/packfiles/${bucket}/${name}`;
        found.push({ path, at: (await Deno.stat(path)).mtime?.getTime() ?? 0 });
      }
    }
    for (const { path } of found.sort((a, b) => b.at - a.at).slice(0, 2)) await Deno.truncate(path, 10);
    const listed = await run(["ls"]);
    assert.match(listed.stderr, new RegExp(`^warn: Cannot read snapshot ${two}`));
    const plan = await run(["rm", two]);
    assert.ok(plan.stdout.endsWith(`\n${two} (its header cannot be read)\n`), plan.stdout);
    assert.match((await run(["rm", "-apply", two])).stdout, /completed successfully/);
    assert.equal((await run(["ls"])).stderr, "");
    assert.match((await run(["ls"])).stdout, new RegExp(one));
  }));

Deno.test("locate looks in the snapshots that are selected, and says when a pattern is none", () =>
  withStore(async (fixture) => {
    const { run, home } = fixture;
    const [one, two] = await twoSnapshots(fixture);
    const source = `${home}/source`;
    assert.equal((await run(["locate", "new"])).stdout, `${two}:${source}/new\n`);
    assert.equal((await run(["locate", "-snapshot", one, "new"])).stdout, "");
    assert.equal((await run(["locate", "-tag", "first", "oth*"])).stdout, `${one}:${source}/sub/other\n`);
    assert.equal((await run(["locate", "-snapshot", "ffffffffffff", "x"])).status, 1);
    const { stderr, status } = await run(["locate", "[x"]);
    assert.equal(status, 0);
    assert.match(stderr, /^warn: Cannot use "\[x" as a pattern: it is not well formed/);
    const [line] = jsonLines((await run(["locate", "-json", "new"])).stdout);
    assert.deepEqual([line.type, line.data], ["located", { path: `${source}/new` }]);
  }));

Deno.test("digest tells what it cannot find, does the rest, and ends with that failure", () =>
  withStore(async (fixture) => {
    const { run, home } = fixture;
    const [one] = await twoSnapshots(fixture);
    const { status, stdout, stderr } = await run(["digest", `${one}:nowhere`, `${one}:file`]);
    assert.equal(status, 1);
    const digest = "2c8b08da5ce60398e1f19af0e5dccc744df274b826abe585eaba68c525434806";
    assert.equal(stdout, `SHA256 (${home}/source/file) = ${digest}\n`);
    assert.match(stderr, /^error: digest: \w+:nowhere: Cannot find/);
    const [line] = jsonLines((await run(["digest", "-json", `${one}:file`])).stdout);
    assert.deepEqual(line.data, { path: `${home}/source/file`, hashing: "SHA256", digest });
  }));

Deno.test("diff compares with a local directory elsewhere, path for path", () =>
  withStore(async (fixture) => {
    const { run, home, write } = fixture;
    const [one, two] = await twoSnapshots(fixture);
    const source = `${home}/source`;
    assert.equal(
      (await run(["diff", "-recursive", two])).stdout,
      `Common subdirectories: ${source}/sub and ${source}/sub\n`,
    );
    await write("copy/file", "one\n");
    await write("copy/sub/other", "changed\n");
    const { status, stdout } = await run(["diff", "-recursive", one, "./copy"]);
    assert.equal(status, 0);
    assert.equal(
      stdout,
      `Common subdirectories: ${source}/sub and ${home}/copy/sub\n` +
        `--- ${one}:${source}/sub/other\n+++ ${home}/copy/sub/other\n@@ -1,2 +1,2 @@\n-same\n+changed\n \n`,
    );
    assert.equal((await run(["diff", `${one}:file`, `${home}/copy/file`])).stdout, "");
    assert.equal((await run(["diff", `${one}:sub`, `${source}/sub`])).stdout, "");
    assert.equal((await run(["diff", one, `${source}/sub`])).stdout, "");
  }));

Deno.test("diff of what cannot be compared says so", () =>
  withStore(async (fixture) => {
    const { run, home } = fixture;
    const [one, two] = await twoSnapshots(fixture);
    const mixed = await run(["diff", `${one}:file`, `${two}:sub`]);
    assert.equal(mixed.status, 1);
    assert.match(mixed.stderr, /^plakar: can't diff different file types\n/);
    assert.equal((await run(["diff", one, `${home}/nowhere`])).status, 1);
    assert.equal((await run(["diff", one, "@nobody"])).status, 1);
    assert.equal((await run(["diff", "nobody"])).status, 1);
  }));

Deno.test("with -json, every difference is a line", () =>
  withStore(async (fixture) => {
    const { run, home } = fixture;
    const [one, two] = await twoSnapshots(fixture);
    const source = `${home}/source`;
    const lines = jsonLines((await run(["diff", "-json", "-recursive", one, two])).stdout);
    assert.deepEqual(lines.map(({ type }) => type), Array(3).fill("difference"));
    assert.deepEqual(lines.map(({ data }) => data), [
      {
        kind: "text",
        path: `${source}/file`,
        other_path: `${source}/file`,
        diff: `--- ${one}:${source}/file\n+++ ${two}:${source}/file\n@@ -1,2 +1,2 @@\n-one\n+two!\n \n`,
      },
      { kind: "only", side: 2, directory: source, name: "new", snapshot: two },
      { kind: "directories", path: `${source}/sub`, other_path: `${source}/sub` },
    ]);
  }));

Deno.test("with -json, info tells what its text tells", () =>
  withStore(async (fixture) => {
    const { run, home } = fixture;
    const [, two] = await twoSnapshots(fixture);
    const [{ data: repository }] = jsonLines((await run(["info", "-json"])).stdout);
    assert.equal(repository.snapshots, 2);
    assert.equal(repository.packfile_size, 64 * 2 ** 20);
    assert.deepEqual(Object.keys(repository.chunking), ["algorithm", "min_size", "normal_size", "max_size"]);
    const [{ data }] = jsonLines((await run(["info", "-json", two])).stdout);
    assert.equal(data.directory, `${home}/source`);
    assert.deepEqual(data.tags, ["second"]);
    assert.equal(data.summary.files, 3);
    assert.equal(data.summary.max_size, 5);
    assert.ok(data.summary.min_mtime <= data.summary.max_mtime);
    assert.match(data.context.Client, /^plakar\//);
    const text = (await run(["info", two])).stdout;
    for (const mac of Object.values(data.trees)) assert.ok(text.includes(`: ${mac}\n`), text);
  }));

Deno.test("every command that reads snapshots says what it was given too little or too much of", () =>
  withStore(async ({ run }) => {
    for (
      const words of [["locate"], ["digest"], ["diff"], ["archive"], ["diff", "a", "b", "c"], [
        "archive",
        "a",
        "b",
      ]]
    ) {
      assert.equal((await run(words)).status, 64, words.join(" "));
    }
    for (const words of [["digest", "abc"], ["diff", "abc"], ["archive", "-output", "-", "abc"]]) {
      const { status, stderr } = await run(words);
      assert.equal(status, 1, words.join(" "));
      assert.match(stderr, /no snapshot has prefix: abc/);
    }
    assert.equal((await run(["digest", "-hashing", "MD5", "abc"])).status, 64);
  }));
