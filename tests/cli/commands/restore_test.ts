import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import { type StoreFixture, withStore } from "./store_fixture.ts";

/** Makes a snapshot of `src` and returns its whole id. */
async function snapshotOf({ home, run }: StoreFixture, ...options: string[]): Promise<string> {
  const { status, stdout } = await run(["backup", "-json", ...options, `${home}/src`]);
  equal(status, 0);
  return /"snapshot":"([0-9a-f]{64})"/.exec(stdout)?.[1] ?? "";
}

async function namesIn(directory: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(directory))).map(({ name }) => name).sort();
}

Deno.test("what is restored is told path by path, then in plakar's line, and more on standard error", () =>
  withStore(async (fixture) => {
    const { home, write, run } = fixture;
    await write("src/a", "1234567");
    const id = (await snapshotOf(fixture)).slice(0, 8);
    const { status, stdout, stderr } = await run(["restore", "-to", "target", id]);
    equal(status, 0);
    match(
      stdout,
      new RegExp(
        `^${id}: OK ✓ /a\n${id}: OK ✓ /\n${id}: restore completed without errors in 0s \\(in: .*, out: 7 B\\)\n$`,
      ),
    );
    equal(stderr, `info: ${id}: 2 paths restored to ${home}/target, 7 B written, 0 errors, 0s\n`);
    equal(await Deno.readTextFile(`${home}/target/a`), "1234567");
  }));

Deno.test("a restore that loses something of the files says so in its last line, as its status does", {
  ignore: Deno.build.os !== "linux",
}, () =>
  withStore(async (fixture) => {
    const { home, write, run } = fixture;
    await write("src/a", "");
    equal(
      (await new Deno.Command("mkfifo", { args: [`${home}/src/pipe`, `${home}/src/other`] }).output()).code,
      0,
    );
    await snapshotOf(fixture);
    const { status, stdout, stderr } = await run(["restore", "-to", "target"]);
    equal(status, 3);
    match(stdout, /: restore completed with 2 warnings in 0s \(in: .*\)\n$/);
    match(stderr, /^warn: Could not restore "\/(pipe|other)" and 1 more: /);
    match(stderr, / 0 errors, 2 warnings, 0s\n$/);
    const json = await run(["restore", "-json", "-to", "target"]);
    const { data } = JSON.parse(
      json.stdout.trimEnd().split("\n").find((line) => line.includes('"result"')) ?? "",
    );
    deepStrictEqual([data.errors, data.warnings], [0, 2]);
  }));

Deno.test("without a snapshot, the newest that the filters select is restored", () =>
  withStore(async (fixture) => {
    const { home, write, run } = fixture;
    for (const [day, tag] of [["01", "odd"], ["02", "even"], ["03", "odd"], ["04", "even"]]) {
      await write("src/a", day);
      await snapshotOf(fixture, "-force-timestamp", `2026-04-${day}`, "-tag", tag);
    }
    const restored = async (...filters: string[]) => {
      equal((await run(["restore", "-to", "target", ...filters])).status, 0);
      return await Deno.readTextFile(`${home}/target/a`);
    };
    equal(await restored(), "04");
    equal(await restored("-tag", "odd"), "03");
    equal(await restored("-before", "2026-04-02"), "02");
    const { status, stderr } = await run(["restore", "-to", "target", "-tag", "none"]);
    equal(status, 1);
    match(stderr, /^plakar: no snapshots found\nhint: no snapshot matches the filters/);
  }));

Deno.test("an empty repository has nothing to restore, and the hint says what to do", () =>
  withStore(async ({ run }) => {
    const { status, stderr } = await run(["restore"]);
    equal(status, 1);
    match(stderr, /^plakar: no snapshots found\nhint: .*"plakar backup"/);
  }));

Deno.test("filters beside an id are ignored, and that is said", () =>
  withStore(async (fixture) => {
    await fixture.write("src/a", "");
    const id = await snapshotOf(fixture);
    const one = await fixture.run(["restore", "-to", "target", "-tag", "none", id]);
    equal(one.status, 0);
    match(one.stderr, /^warn: The snapshot is named by its id: -tag is ignored\n/);
    const two = await fixture.run(["restore", "-to", "target", "-name", "x", "-latest", id]);
    match(two.stderr, /^warn: The snapshot is named by its id: -latest, -name are ignored\n/);
  }));

Deno.test("an id that several snapshots begin with is refused, and so is one that none does", () =>
  withStore(async (fixture) => {
    await fixture.write("src/a", "");
    // Of 17 snapshots, two begin with the same digit.
    const ids: string[] = [];
    while (new Set(ids.map((id) => id[0])).size === ids.length) ids.push(await snapshotOf(fixture));
    const digit = ids.at(-1)?.[0] ?? "";
    const ambiguous = await fixture.run(["restore", "-to", "target", digit]);
    equal(ambiguous.status, 1);
    match(ambiguous.stderr, /^plakar: snapshot ID is ambiguous: . \(matches 2 snapshots\)\nhint: /);
    const unknown = await fixture.run(["restore", "-to", "target", "0123456789abcdef0123456789abcdef"]);
    equal(unknown.status, 1);
    match(unknown.stderr, /^plakar: no snapshot has prefix: 0123456789abcdef.*\nhint: "plakar ls"/);
    equal(await Deno.stat(`${fixture.home}/target`).catch(() => "none"), "none");
  }));

Deno.test("a path that is not in the snapshot is refused before the target is made", () =>
  withStore(async (fixture) => {
    await fixture.write("src/a", "");
    const id = (await snapshotOf(fixture)).slice(0, 8);
    const { status, stderr } = await fixture.run(["restore", "-to", "target", `${id}:nothing`]);
    equal(status, 1);
    match(
      stderr,
      /^plakar: Cannot find ".*\/src\/nothing" in snapshot [0-9a-f]{8}\nhint: "plakar ls -recursive /,
    );
    equal(await Deno.stat(`${fixture.home}/target`).catch(() => "none"), "none");
  }));

Deno.test("without a target, a new directory beside is named by the time", () =>
  withStore(async (fixture) => {
    await fixture.write("src/a", "");
    await snapshotOf(fixture);
    equal((await fixture.run(["restore"])).status, 0);
    const made = (await namesIn(fixture.home)).filter((name) => /^plakar-\d{14}$/.test(name));
    equal(made.length, 1);
    deepStrictEqual(await namesIn(`${fixture.home}/${made[0]}`), ["a"]);
  }));

Deno.test("a directory's contents land in the target, a file under its own name", () =>
  withStore(async (fixture) => {
    const { home, write, run } = fixture;
    await write("src/d/e/file", "content");
    const id = (await snapshotOf(fixture)).slice(0, 8);
    for (const path of ["d", "d/", `${home}/src/d`]) {
      equal((await run(["restore", "-to", "target", `${id}:${path}`])).status, 0);
      deepStrictEqual(await namesIn(`${home}/target`), ["e"], path);
      await Deno.remove(`${home}/target`, { recursive: true });
    }
    equal((await run(["restore", "-to", "target", `${id}:d/e/file`])).status, 0);
    deepStrictEqual(await namesIn(`${home}/target`), ["file"]);
  }));

Deno.test("-skip-permissions leaves modes as they are for new files", () =>
  withStore(async (fixture) => {
    const { home, write, run } = fixture;
    const path = await write("src/a", "");
    await Deno.chmod(path, 0o4700);
    await snapshotOf(fixture);
    const plain = (await Deno.lstat(await write("plain", ""))).mode;
    const modeAfter = async (...options: string[]) => {
      equal((await run(["restore", "-to", "target", ...options])).status, 0);
      return ((await Deno.lstat(`${home}/target/a`)).mode ?? 0) & 0o7777;
    };
    equal(await modeAfter(), 0o4700);
    equal(await modeAfter("-skip-permissions"), (plain ?? 0) & 0o7777);
  }));

Deno.test("a target that is a file is refused", () =>
  withStore(async (fixture) => {
    await fixture.write("src/a", "");
    const target = await fixture.write("target", "kept");
    await snapshotOf(fixture);
    const { status, stderr } = await fixture.run(["restore", "-to", target]);
    equal(status, 1);
    match(
      stderr,
      /^plakar: failed to create an exporter for .*: Cannot restore to ".*": it is not a directory\n/,
    );
    equal(await Deno.readTextFile(target), "kept");
    const two = await fixture.run(["restore", "-to", target, "a", "b"]);
    equal(two.status, 64);
    ok(two.stderr.startsWith('plakar: Too many arguments for "restore": "b"\n'), two.stderr);
  }));
