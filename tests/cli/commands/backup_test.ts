import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import { newProgram } from "../../support/program.ts";
import { sshdTest, startSshd } from "../../support/sshd.ts";
import { filesBelow, withStore } from "./store_fixture.ts";

const TAG = "Signature: 8a477f597d28d172789f06886806bc55\n";

/** The paths that lines `ID: OK ✓ PATH` name, below a directory. */
function stored(stdout: string, root: string): string[] {
  const paths = [...stdout.matchAll(/^[0-9a-f]{8}: OK ✓ (.*)$/gm)].map(([, path]) => path);
  return paths.filter((path) => path.startsWith(`${root}/`)).map((path) => path.slice(root.length + 1))
    .sort();
}

Deno.test("the result is plakar's line, and what plakar does not tell is on standard error", () =>
  withStore(async ({ home, write, run }) => {
    await write("src/a", "1234567");
    await write("src/b", "1234567");
    const first = await run(["backup", `${home}/src`]);
    equal(first.status, 0);
    match(
      first.stdout,
      /\n([0-9a-f]{8}): backup completed without errors in 0s \(in: \d+ B, out: \d+ KiB\)\n$/,
    );
    match(
      first.stderr,
      /^info: [0-9a-f]{8}: 2 files \(0 unchanged\), 14 B read, 7 B deduplicated, \d+ KiB added, 0 errors, 0s\n$/,
    );
    const second = await run(["backup", "-quiet", `${home}/src`]);
    match(second.stdout, /^[0-9a-f]{8}: backup completed without errors .*\n$/);
    equal(second.stderr, "");
    const { stdout } = await run(["backup", "-json", `${home}/src`]);
    const result = stdout.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line))
      .find(({ type }) => type === "result");
    deepStrictEqual(
      [result.data.files_unchanged, result.data.files_read, result.data.bytes_read, result.data.errors],
      [2, 0, 0, 0],
    );
    equal(result.data.bytes_deduplicated, 0);
  }));

Deno.test("a dry run prints what would be stored, with sizes, and writes nothing", () =>
  withStore(async ({ home, write, run }) => {
    await write("src/large/x", "x".repeat(3000));
    await write("src/large/y", "y".repeat(1000));
    await write("src/small", "1");
    const before = await filesBelow(home);
    const { status, stdout, stderr } = await run(["backup", "-dry-run", `${home}/src`]);
    equal(status, 0);
    deepStrictEqual(await filesBelow(home), before);
    deepStrictEqual(stored(stdout, `${home}/src`), ["large", "large/x", "large/y", "small"]);
    match(stdout, new RegExp(`^00000000: OK ✓ ${home}/src$`, "m"));
    match(stdout, /\ndry run completed without errors in 0s: 3 files of 3\.9 KiB in 2 directories\n$/);
    equal(stderr, `info:  3.9 KiB ${home}/src/large\ninfo:      1 B ${home}/src/small\n`);
    equal((await run(["ls"])).stdout, "");
    // Nothing of the store is needed, not even that it is there.
    equal((await run(["backup", "-scan", `${home}/src`], { at: `${home}/none` })).status, 0);
    deepStrictEqual(await filesBelow(home), before);
  }));

Deno.test(
  "a dry run that cannot examine everything says so",
  { ignore: Deno.build.os !== "linux" },
  () =>
    withStore(async ({ home, run }) => {
      const script = `mkdir "$0/src" && touch "$0/src/good" "$0/src/$(printf 'bad\\377')"`;
      await new Deno.Command("sh", { args: ["-c", script, home] }).output();
      const { status, stdout, stderr } = await run(["backup", "-dry-run", `${home}/src`]);
      equal(status, 3);
      deepStrictEqual(stored(stdout, `${home}/src`), ["good"]);
      match(stdout, /\ndry run completed with 1 error in /);
      match(stderr, /^00000000: KO ✘ .*not valid UTF-8/m);
      ok(stderr.endsWith("plakar: failed to scan some files\n"), stderr);
    }),
);

Deno.test("-explain names the rule that leaves each path out", () =>
  withStore(async ({ home, write, run }) => {
    for (const path of ["a.log", "keep.log", "tmp/x", "b.o"]) await write(`src/${path}`, "");
    await write("src/cache/CACHEDIR.TAG", TAG);
    await write("src/cache/x", "");
    await write("src/marked/.nobackup", "");
    await write("src/marked/x", "");
    const rules = await write("rules", "# logs\n*.log\n!keep.log\ntmp/\n");
    const { status, stdout } = await run([
      ...["backup", "-dry-run", "-explain", "-ignore", "*.o", "-ignore-file", rules],
      ...["-exclude-caches", "-exclude-if-present", ".nobackup", `${home}/src`],
    ]);
    equal(status, 0);
    const leftOut = [...stdout.matchAll(/^00000000: left out (.*)$/gm)].map(([, line]) => line).sort();
    deepStrictEqual(leftOut, [
      `${home}/src/a.log: ${rules}:2 *.log`,
      `${home}/src/b.o: -ignore *.o`,
      `${home}/src/cache/x: -exclude-caches CACHEDIR.TAG`,
      `${home}/src/marked/x: -exclude-if-present .nobackup`,
      `${home}/src/tmp: ${rules}:4 tmp/`,
    ]);
    const kept = ["cache", "cache/CACHEDIR.TAG", "keep.log", "marked", "marked/.nobackup"];
    deepStrictEqual(stored(stdout, `${home}/src`), kept);
  }));

Deno.test("what is left out is not in the snapshot, and -explain tells it there as well", () =>
  withStore(async ({ home, write, run }) => {
    await write("src/a.log", "");
    await write("src/b", "");
    const { stdout } = await run(["backup", "-explain", "-exclude", "*.log", `${home}/src`]);
    match(stdout, /: left out .*\/src\/a\.log: -ignore \*\.log$/m);
    const json = await run(["backup", "-json", "-dry-run", "-explain", "-ignore", "*.log", `${home}/src`]);
    const line = json.stdout.split("\n").find((text) => text.includes('"left_out"')) ?? "";
    deepStrictEqual(JSON.parse(line).data, {
      path: `${home}/src/a.log`,
      origin: "-ignore",
      pattern: "*.log",
    });
    const [id] = (await run(["ls"])).stdout.split(/\s+/).slice(1);
    match((await run(["ls", id])).stdout, /^.* b\n$/);
  }));

Deno.test("patterns on the command line count after those in files, and files in the order given", () =>
  withStore(async ({ home, write, run }) => {
    await write("src/a", "");
    const out = await write("out", "a\n");
    const back = await write("back", "!a\n");
    const kept = async (...options: string[]) =>
      stored((await run(["backup", "-dry-run", ...options, `${home}/src`])).stdout, `${home}/src`).length > 0;
    equal(await kept("-ignore-file", out), false);
    equal(await kept("-ignore-file", out, "-ignore-file", back), true);
    equal(await kept("-ignore-file", back, "-ignore-file", out), false);
    equal(await kept("-ignore", "!a", "-ignore-file", out), true);
    equal(await kept("-ignore", "a", "-ignore-file", back), false);
  }));

Deno.test("settings of a source leave paths out, and the command line counts after them", () =>
  withStore(async ({ home, write, run }) => {
    for (const path of ["a.log", "b.log", "c.tmp", "d", "marked/x"]) await write(`src/${path}`, "");
    await write("src/marked/.skip", "");
    await write("src/cache/CACHEDIR.TAG", TAG);
    await write("src/cache/x", "");
    // A relative file is beside the configuration, which names it.
    await write(".config/plakar/patterns", "*.tmp\n");
    await run(["source", "add", "mine", `${home}/src`, "ignore=*.log\n!b.log", "ignore_file=patterns"]);
    await run(["source", "set", "mine", "exclude_caches=true", "exclude_if_present=.other\n.skip"]);
    const kept = async (...options: string[]) =>
      stored((await run(["backup", "-dry-run", ...options, "@mine"])).stdout, `${home}/src`);
    const common = ["b.log", "cache", "cache/CACHEDIR.TAG", "d", "marked", "marked/.skip"];
    deepStrictEqual(await kept(), common);
    deepStrictEqual(await kept("-ignore", "d", "-ignore", "!a.log"), [
      "a.log",
      ...common.filter((path) => path !== "d"),
    ]);
    deepStrictEqual(await kept("-o", "ignore=d"), ["a.log", ...common.filter((path) => path !== "d")]);
    const { stdout } = await run(["backup", "-dry-run", "-explain", "@mine"]);
    match(stdout, /a\.log: ignore of @mine \*\.log$/m);
    match(stdout, /c\.tmp: patterns:1 \*\.tmp$/m);
    match(stdout, /cache\/x: exclude_caches of @mine CACHEDIR\.TAG$/m);
    match(stdout, /marked\/x: exclude_if_present of @mine \.skip$/m);
    const wrong = await run(["backup", "-dry-run", "-o", "exclude_caches=perhaps", "@mine"]);
    equal(wrong.status, 1);
    match(wrong.stderr, /^plakar: Cannot use exclude_caches=perhaps of @mine: it is either true or false\n/);
  }));

Deno.test("a file of patterns that cannot be read ends the backup before it begins", () =>
  withStore(async ({ home, run }) => {
    const { status, stdout, stderr } = await run(["backup", "-ignore-file", "/none", home]);
    equal(status, 1);
    equal(stdout, "");
    match(stderr, /^plakar: Cannot read ignore file "\/none": No such file or directory\n/);
  }));

Deno.test("a store in the source is left out, and is no source itself", () =>
  withStore(async ({ home, store, write, run }) => {
    await write("file", "");
    await Deno.symlink(home, `${home}/link`);
    for (const source of [home, `${home}/link`]) {
      const { status, stdout } = await run(["backup", "-explain", source]);
      equal(status, 0);
      ok(stored(stdout, home).includes("file"));
      ok(!stored(stdout, home).some((path) => path.startsWith("store")), stdout);
      match(stdout, /: left out .*\/store: the repository$/m);
    }
    for (const source of [store, `${store}/packfiles`, `${home}/link/store`]) {
      const { status, stderr } = await run(["backup", source]);
      equal(status, 64);
      match(stderr, /^plakar: Cannot back up ".*": it is in the repository itself\nhint: /);
    }
  }));

Deno.test("a snapshot can be dated back, and never forward", () =>
  withStore(async ({ home, write, run }) => {
    await write("src/a", "");
    equal((await run(["backup", "-force-timestamp", "2020-02-03 04:05", `${home}/src`])).status, 0);
    equal((await run(["backup", "-force-timestamp", "1d", `${home}/src`])).status, 0);
    deepStrictEqual(
      (await run(["ls"])).stdout.split("\n").map((line) => line.slice(0, 20)),
      ["2026-04-30T10:00:00Z", "2020-02-03T04:05:00Z", ""],
    );
    const { status, stderr } = await run(["backup", "-force-timestamp", "2030-01-01", `${home}/src`]);
    equal(status, 64);
    equal(stderr, "plakar: forced timestamp cannot be in the future\n");
  }));

Deno.test("-check checks the new snapshot", () =>
  withStore(async ({ home, write, run }) => {
    await write("src/a", "");
    const { status, stdout } = await run(["backup", "-check", `${home}/src`]);
    equal(status, 0);
    match(
      stdout,
      /: backup completed without errors .*\n(.*\n)*[0-9a-f]{8}: check completed without errors /,
    );
  }));

Deno.test("options of plakar that change nothing here are accepted", () =>
  withStore(async ({ home, write, run }) => {
    await write("src/a", "");
    const options = ["-no-xattr", "-packfiles", "memory", "-no-progress", "-cache", "no"];
    equal((await run(["backup", ...options, `${home}/src`])).status, 0);
  }));

sshdTest("what is left out of a server is neither listed nor read", async () => {
  await using sshd = await startSshd();
  await using program = await newProgram();
  await program.write(".ssh/known_hosts", sshd.knownHosts);
  const root = `${sshd.directory}/data`;
  for (const name of ["kept", "cache", "fake", "marked", "logs"]) {
    await Deno.mkdir(`${root}/${name}/below`, { recursive: true });
    await Deno.writeTextFile(`${root}/${name}/below/file`, name);
  }
  await Deno.writeTextFile(`${root}/cache/CACHEDIR.TAG`, TAG);
  await Deno.writeTextFile(
    `${root}/fake/CACHEDIR.TAG`,
    "Signature: of something else entirely, made to be long",
  );
  await Deno.writeTextFile(`${root}/marked/.nobackup`, "");
  await program.ok([
    ...["source", "add", "web", `sftp://${sshd.user}@${sshd.host}:${sshd.port}${root}`],
    ...[`identity_file=${sshd.clientKeys.ed25519.path}`, "ignore=logs/"],
    ...["exclude_caches=true", "exclude_if_present=.nobackup"],
  ]);
  const store = `${program.home}/store`;
  await program.ok(["at", store, "create", "-plaintext"]);
  const dry = await program.ok(["at", store, "backup", "-dry-run", "@web"]);
  const real = await program.ok(["at", store, "backup", "@web"]);
  const expected = [
    ...["cache", "cache/CACHEDIR.TAG", "fake", "fake/CACHEDIR.TAG", "fake/below", "fake/below/file"],
    ...["kept", "kept/below", "kept/below/file", "marked", "marked/.nobackup"],
  ];
  deepStrictEqual(stored(dry, root), expected);
  deepStrictEqual(stored(real, root), expected);
});
