/** What our commands print, beside what the real plakar prints of the same repository. */

import assert from "node:assert/strict";
import { main } from "../../src/cli/main.ts";
import { fakeSurroundings } from "../cli/fake_surroundings.ts";
import { FsStorage } from "../../src/connectors/storage/fs.ts";
import { toHex } from "../../src/lib/bytes.ts";
import { PlakarError } from "../../src/lib/errors.ts";
import { openRepository } from "../../src/repository/repository.ts";
import { FakeSource } from "../support/fake_source.ts";
import { newPlakar, PASSPHRASE, type Plakar, plakarTest } from "../support/plakar.ts";
import { randomOf } from "../support/random.ts";
import { makeBackup } from "../support/snapshots.ts";

/** Two snapshots by plakar of one directory, and both programs to look at them. */
interface Fixture extends AsyncDisposable {
  plakar: Plakar;
  /** The directory that was backed up. */
  source: string;
  repository: string;
  /** The first snapshot's short id, and the second's. */
  ids: [string, string];
  /** What plakar prints. */
  theirs(...args: string[]): Promise<string>;
  /** What ours prints. */
  ours(...args: string[]): Promise<string>;
}

async function newFixture(...options: string[]): Promise<Fixture> {
  const plakar = await newPlakar();
  const repository = `${plakar.home}/repository`;
  const source = `${plakar.home}/source`;
  await plakar.ok(["at", repository, "create", ...options]);
  const fixture: Fixture = {
    plakar,
    source,
    repository,
    ids: ["", ""],
    theirs: async (...args) => {
      const output = await plakar.ok(["at", repository, ...args]);
      await removeLocks(repository);
      return output;
    },
    ours: async (...args) => {
      const { status, stdout, stderr } = await ours(["at", repository, ...args], plakar.home);
      assert.equal(status, 0, stderr);
      return stdout;
    },
    [Symbol.asyncDispose]: () => plakar[Symbol.asyncDispose](),
  };
  return fixture;
}

/** plakar unlocks behind its own back, and its process may end before that is done: a lock stays. */
async function removeLocks(repository: string): Promise<void> {
  for await (const { name } of Deno.readDir(`${repository}/locks`)) {
    await Deno.remove(`${repository}/locks/${name}`);
  }
}

/** Runs our program, at the time that it is. */
async function ours(words: string[], home: string) {
  const surroundings = {
    ...fakeSurroundings({ home, variables: { PLAKAR_PASSPHRASE: PASSPHRASE } }),
    now: () => BigInt(Date.now()) * 1_000_000n,
  };
  const status = await main(words, surroundings);
  return { status, stdout: surroundings.stdout.text, stderr: surroundings.stderr.text };
}

/** Writes files below the source, `undefined` removing one. */
async function write(source: string, files: Record<string, string | Uint8Array | undefined>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = `${source}/${name}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    if (content === undefined) await Deno.remove(path);
    else if (typeof content === "string") await Deno.writeTextFile(path, content);
    else await Deno.writeFile(path, content);
  }
}

/** Makes a snapshot with plakar and returns its short id. */
async function snapshot({ theirs, source }: Fixture, ...options: string[]): Promise<string> {
  const { length } = (await theirs("ls")).split("\n");
  await theirs("backup", ...options, source);
  const lines = (await theirs("ls")).trim().split("\n");
  assert.equal(lines.length, length);
  return lines[0].split(/\s+/)[1];
}

const BEFORE = {
  "etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
  "etc/empty": "",
  "etc/no end": "one\ntwo",
  "etc/ssh/config": Array.from({ length: 40 }, (_, i) => `Option${i} ${i * i}\n`).join(""),
  "etc/ssh/old": "gone\n",
  "bin/tool": Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0, 1, 2),
  "bin/same": Uint8Array.of(0, 1, 2, 3),
  "naïve/日本.txt": "ascii\nnaïve\n",
  "plain/a.txt": "a\n",
  "plain/below/b.txt": "b\n",
};

const AFTER = {
  "etc/hosts": "127.0.0.1 localhost\n10.0.0.1 server\n::1 localhost\n",
  "etc/empty": "no more\n",
  "etc/no end": "one\ntwo\n",
  "etc/ssh/config": BEFORE["etc/ssh/config"].replace("Option3 9\n", "").replace(
    "Option30 900",
    "Option30 no",
  ),
  "etc/ssh/old": undefined,
  "etc/ssh/new": "new\n",
  "bin/tool": Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0, 1, 3),
  "naïve/日本.txt": "ascii\nnäive\n",
};

/** The fixture with a snapshot of `BEFORE` and one of `AFTER`. */
async function newFixtureWithSnapshots(): Promise<Fixture> {
  const fixture = await newFixture("-plaintext");
  await write(fixture.source, BEFORE);
  fixture.ids[0] = await snapshot(fixture, "-tag", "daily,www");
  await write(fixture.source, AFTER);
  fixture.ids[1] = await snapshot(fixture, "-name", "other");
  return fixture;
}

const sorted = (text: string) => text.split("\n").sort();

plakarTest("what reads snapshots prints what plakar prints", async (t) => {
  await using fixture = await newFixtureWithSnapshots();
  const { theirs, ours, ids: [a, b], source } = fixture;
  const same = async (...args: string[]) => {
    const expected = await theirs(...args);
    assert.notEqual(expected, "", args.join(" "));
    assert.equal(await ours(...args), expected, args.join(" "));
  };

  await t.step("locate", async () => {
    await same("locate", "hosts");
    await same("locate", "*.txt");
    await same("locate", "-snapshot", a, "[gh]*", "???");
    await same("locate", "-latest", "[^a-z]*");
    await same("locate", "-tag", "www", "日*");
    await same("locate", "-name", "other", "\\n*");
    assert.equal(await ours("locate", "nowhere"), await theirs("locate", "nowhere"));
    const twice = (await theirs("locate", "-latest", "hosts", "host*")).split("\n");
    assert.deepEqual((await ours("locate", "-latest", "hosts", "host*")).split("\n"), [...new Set(twice)]);
  });

  await t.step("digest", async () => {
    await same("digest", a);
    await same("digest", `${a}:etc`, `${b}:${source}/etc/hosts`);
    await same("digest", "-hashing", "BLAKE3", b);
  });

  await t.step("diff", async () => {
    for (
      const file of ["etc/hosts", "etc/empty", "etc/no end", "etc/ssh/config", "bin/tool", "naïve/日本.txt"]
    ) {
      await same("diff", `${a}:${file}`, `${b}:${file}`);
      await same("diff", `${b}:${file}`, `${a}:${file}`);
    }
    await same("diff", `${a}:etc/hosts`);
    await same("diff", "-recursive", a, b);
    await same("diff", "-recursive", b, a);
    for (const file of ["bin/same", "plain/a.txt"]) {
      assert.equal(await ours("diff", `${a}:${file}`, `${b}:${file}`), "");
      assert.equal(await theirs("diff", `${a}:${file}`, `${b}:${file}`), "");
    }
  });

  await t.step(
    "diff of directories, apart from the order and from changed files, which only ours names",
    async () => {
      for (const path of ["", ":etc", ":etc/ssh", ":plain"]) {
        const printed = (await ours("diff", a + path, b + path)).split("\n");
        const unchanged = printed.filter((line) => !/^(Binary files|Files) .* differ$/.test(line));
        assert.deepEqual(unchanged.sort(), sorted(await theirs("diff", a + path, b + path)));
      }
      const changed = ["empty", "hosts", "no end"].map((name) =>
        `Files ${source}/etc/${name} and ${source}/etc/${name} differ`
      );
      const printed = (await ours("diff", `${a}:etc`, `${b}:etc`)).split("\n");
      assert.deepEqual(printed.filter((line) => line.endsWith("differ")), changed);
      assert.deepEqual(sorted(await ours("diff", a)), sorted(await theirs("diff", a)));
    },
  );

  await t.step("what rm would remove", async () => {
    await same("rm", a);
    await same("rm", "-tag", "daily");
    await same("rm", "-name", "other", b);
    await same("rm", a, b);
    await same("rm", "-before", "2030-01-01");
    await same("rm", "-name", "nobody");
  });

  await t.step("ls with filters", async () => {
    for (
      const filter of [["-tag", "www"], ["-tag", "!www"], ["-name", "other"], ["-latest"], ["-days", "1"]]
    ) {
      await same("ls", "-tags", ...filter);
    }
    await same("ls", "-root", source, "-type", "fs", "-since", "1h");
    await same("ls", "-per-day", "1", "-uuid");
    for (const none of [["-type", "sftp"], ["-origin", "nowhere"], ["-before", "1h"], ["-category", "x"]]) {
      assert.equal(await ours("ls", ...none), "");
      assert.equal(await theirs("ls", ...none), "");
    }
  });
});

plakarTest("texts of any kind are compared as plakar compares them", async () => {
  await using fixture = await newFixture("-plaintext");
  const below = randomOf(20260501);
  const files = (change: (lines: string[]) => string[]) => {
    const texts: Record<string, string> = {};
    for (let i = 0; i < 60; i++) {
      // Few different lines, so that there are many ways to compare; some texts are long, with frequent lines.
      const words = i % 3 === 0 ? 4 : i % 3 === 1 ? 30 : 2000;
      const lines = Array.from({ length: i % 4 === 0 ? 400 : 25 }, () => `line ${below(words)}`);
      texts[`f${i}`] = change(lines).join("\n") + (i % 5 === 0 ? "" : "\n");
    }
    return texts;
  };
  const before = files((lines) => lines);
  await write(fixture.source, before);
  const a = await snapshot(fixture);
  const after = Object.fromEntries(
    Object.entries(before).map(([name, text], i) => {
      const lines = text.split("\n");
      for (let n = below(6); n >= 0; n--) {
        lines.splice(below(lines.length), below(4), ...lines.slice(below(9), 9 + below(5)));
      }
      return [name, i % 7 === 0 ? lines.toReversed().join("\n") : lines.join("\n")];
    }),
  );
  await write(fixture.source, after);
  const b = await snapshot(fixture);
  const expected = await fixture.theirs("diff", "-recursive", a, b);
  assert.ok(expected.split("\n--- ").length > 50);
  assert.equal(await fixture.ours("diff", "-recursive", a, b), expected);
});

plakarTest("links are compared by their targets, where plakar takes any two for a mismatch", async () => {
  await using fixture = await newFixture("-plaintext");
  await write(fixture.source, { "file": "content\n" });
  await Deno.symlink("file", `${fixture.source}/same`);
  await Deno.symlink("file", `${fixture.source}/changed`);
  const a = await snapshot(fixture);
  await Deno.remove(`${fixture.source}/changed`);
  await Deno.symlink("same", `${fixture.source}/changed`);
  const b = await snapshot(fixture);
  const at = (name: string) => `${fixture.source}/${name}`;
  assert.equal(
    await fixture.ours("diff", "-recursive", a, b),
    `Symbolic links ${at("changed")} and ${at("changed")} differ\n`,
  );
  assert.match(await fixture.theirs("diff", "-recursive", a, b), /File type mismatch: \S+same vs \S+same/);
});

plakarTest(
  "what is known of a repository, a snapshot and its errors is shown as plakar shows it",
  async () => {
    await using fixture = await newFixture("-plaintext");
    await write(fixture.source, BEFORE);
    await snapshot(fixture, "-tag", "a,b", "-name", "named", "-category", "c");
    const { theirs, ours, repository } = fixture;
    const opened = await (await openRepository(new FsStorage(repository))).unlock();
    const failing = new FakeSource("/srv/data").file("sub/good", "x").file("sub/bad", "y").file("torn", "z")
      .failRead("sub/bad", new PlakarError("permission", "Permission denied")).directory("closed")
      .failRead("torn", new PlakarError("io", "Input/output error")).failListing("closed", "not listed");
    const { header } = await makeBackup(opened, failing, { now: () => BigInt(Date.now()) * 1_000_000n });
    const id = toHex(header.identifier).slice(0, 8);
    const same = async (...args: string[]) => {
      const expected = await theirs(...args);
      assert.equal(await ours(...args), expected, args.join(" "));
      return expected;
    };
    await same("info");
    await same("info", (await ours("ls", "-name", "named")).split(/\s+/)[1]);
    await same("info", id);
    const errors = await same("info", "-errors", id);
    assert.equal(errors.trim().split("\n").length, 3);
    assert.equal((await same("info", "-errors", `${id}:sub`)).trim().split("\n").length, 1);
    await same("info", "-errors", `${id}:sub/good`);
    await same("info", "-errors", `${id}:/`);
  },
);

plakarTest("what ours removes is gone for plakar, and its maintenance frees the space", async () => {
  await using fixture = await newFixture("-plaintext");
  const { theirs, ours, source, repository } = fixture;
  const random = randomOf(7);
  const noise = () => Uint8Array.from({ length: 300_000 }, () => random(256));
  await write(source, { "kept": "kept\n" });
  const kept = await snapshot(fixture);
  await write(source, { "large": noise() });
  const removed = await snapshot(fixture);
  assert.match(await ours("rm", "-apply", removed), /^info: rm: removal of \w+ completed successfully\n$/);
  for (const ls of [await theirs("ls"), await ours("ls")]) {
    assert.ok(ls.includes(kept));
    assert.ok(!ls.includes(removed));
  }
  const before = await sizeOf(`${repository}/packfiles`);
  const maintenance = async () => {
    await fixture.plakar.ok(["at", repository, "maintenance"], { env: { PLAKAR_GRACEPERIOD: "1ns" } });
    await removeLocks(repository);
  };
  // The first run marks packfiles, the second removes them.
  await maintenance();
  await maintenance();
  assert.ok(await sizeOf(`${repository}/packfiles`) < before - 290_000);
  assert.match(await theirs("check"), new RegExp(`${kept}: check completed without errors`));
  assert.match(await ours("check"), new RegExp(`${kept}: check completed without errors`));
  assert.equal(await ours("cat", `${kept}:kept`), "kept\n");
});

plakarTest("what plakar removes is gone for ours", async () => {
  await using fixture = await newFixture("-plaintext");
  await write(fixture.source, { "file": "one\n" });
  const removed = await snapshot(fixture);
  await write(fixture.source, { "file": "two\n" });
  const kept = await snapshot(fixture);
  await fixture.theirs("rm", "-apply", removed);
  assert.equal(await fixture.ours("ls"), await fixture.theirs("ls"));
  assert.ok((await fixture.ours("ls")).includes(kept));
  assert.ok(!(await fixture.ours("ls")).includes(removed));
});

async function sizeOf(directory: string): Promise<number> {
  let size = 0;
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    size += isDirectory
      ? await sizeOf(`${directory}/${name}`)
      : (await Deno.stat(`${directory}/${name}`)).size;
  }
  return size;
}
