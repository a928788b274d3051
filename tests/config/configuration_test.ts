import { deepStrictEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { changeConfiguration, ENTRY_KINDS, readConfiguration } from "../../src/config/configuration.ts";
import { newPlakar, plakarTest } from "../support/plakar.ts";

async function withDirectory(run: (directory: string) => Promise<void>): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "plakar-config-" });
  try {
    await run(directory);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

const LEGACY = `# My places.
default-repo: nas
repositories:
    nas: {location: sftp://mynas/var/plakar, passphrase: "abc"}
remotes:
    # The web server.
    mysftp: {location: sftp://myserver, insecure_ignore_host_key: "true"}
`;

Deno.test("without files the configuration is empty, and reading it writes nothing", () =>
  withDirectory(async (directory) => {
    const configuration = await readConfiguration(`${directory}/none`);
    for (const kind of ENTRY_KINDS) deepStrictEqual(configuration.entries(kind), []);
    deepStrictEqual([...Deno.readDirSync(directory)], []);
  }));

Deno.test("a change writes all three files, for the owner's eyes only", () =>
  withDirectory(async (parent) => {
    const directory = `${parent}/a/b`;
    await changeConfiguration(directory, (c) => c.add("source", "s", { location: "/x" }));
    equal(
      Deno.readTextFileSync(`${directory}/sources.yml`),
      "version: v1.0.0\nsources:\n    s:\n        location: /x\n",
    );
    equal(Deno.readTextFileSync(`${directory}/stores.yml`), "version: v1.0.0\nstores: {}\n");
    equal(Deno.readTextFileSync(`${directory}/destinations.yml`), "version: v1.0.0\ndestinations: {}\n");
    equal((Deno.statSync(`${directory}/sources.yml`).mode ?? 0) & 0o777, 0o600);
    equal((Deno.statSync(directory).mode ?? 0) & 0o777, 0o700);
  }));

Deno.test("a change that fails writes nothing", () =>
  withDirectory(async (directory) => {
    await rejects(changeConfiguration(directory, (c) => c.set("source", "none", "a", "b")), {
      code: "not-found",
      message: 'source "none" does not exist',
    });
    throws(() => Deno.statSync(`${directory}/sources.yml`));
  }));

Deno.test("a name is taken once, and cannot be mistaken for a path", () =>
  withDirectory(async (directory) => {
    await changeConfiguration(directory, (c) => c.add("store", "a", { location: "/x" }));
    await changeConfiguration(directory, (c) => {
      throws(() => c.add("store", "a", {}), { code: "exists", message: 'store "a" already exists' });
      for (const name of ["", "a:b", "@a", "a b", "a\n"]) {
        throws(() => c.add("store", name, {}), { code: "usage" });
      }
      throws(() => c.unset("store", "a", "location"), { message: "cannot unset location" });
    });
  }));

Deno.test("changes made at the same time are all kept", () =>
  withDirectory(async (directory) => {
    const names = Array.from({ length: 20 }, (_, i) => `n${i}`);
    await Promise.all(names.map((name) => changeConfiguration(directory, (c) => c.add("source", name, {}))));
    const kept = (await readConfiguration(directory)).entries("source").map(([name]) => name);
    deepStrictEqual(kept.sort(), names.sort());
    deepStrictEqual([...Deno.readDirSync(directory)].filter(({ name }) => name.endsWith(".tmp")), []);
  }));

Deno.test("a file behind a symbolic link is changed where it is", () =>
  withDirectory(async (directory) => {
    await Deno.mkdir(`${directory}/dotfiles`);
    await Deno.writeTextFile(`${directory}/dotfiles/s.yml`, "version: v1.0.0\nsources: {}\n");
    await Deno.symlink("dotfiles/s.yml", `${directory}/sources.yml`);
    await changeConfiguration(directory, (c) => c.add("source", "a", { location: "/x" }));
    ok(Deno.lstatSync(`${directory}/sources.yml`).isSymlink);
    ok(Deno.readTextFileSync(`${directory}/dotfiles/s.yml`).includes("location: /x"));
  }));

Deno.test("plakar.yml is taken over: repositories are stores, remotes both sources and destinations", () =>
  withDirectory(async (directory) => {
    await Deno.writeTextFile(`${directory}/plakar.yml`, LEGACY);
    for (const given of [directory, `${directory}/plakar.yml`]) {
      const configuration = await readConfiguration(given);
      const remote = { location: "sftp://myserver", insecure_ignore_host_key: "true" };
      deepStrictEqual(configuration.entries("source"), [["mysftp", remote]]);
      deepStrictEqual(configuration.entries("destination"), [["mysftp", remote]]);
      deepStrictEqual(configuration.get("store", "nas"), {
        location: "sftp://mynas/var/plakar",
        passphrase: "abc",
      });
      equal(configuration.defaultStore, "nas");
    }
    await changeConfiguration(directory, (c) => c.add("source", "new", { location: "/x" }));
    equal(Deno.readTextFileSync(`${directory}/plakar.yml`), LEGACY);
    ok(Deno.readTextFileSync(`${directory}/sources.yml`).includes("# The web server."));
    equal((await readConfiguration(directory)).defaultStore, "nas");
  }));

Deno.test("files that are there are not replaced by plakar.yml", () =>
  withDirectory(async (directory) => {
    await Deno.writeTextFile(`${directory}/plakar.yml`, LEGACY);
    await Deno.writeTextFile(
      `${directory}/sources.yml`,
      "version: v1.0.0\nsources:\n  a:\n    location: /x\n",
    );
    const configuration = await readConfiguration(directory);
    deepStrictEqual(configuration.entries("source").map(([name]) => name), ["a"]);
    deepStrictEqual(configuration.entries("destination").map(([name]) => name), ["mysftp"]);
  }));

Deno.test("klosets.yml is an older name of stores.yml", () =>
  withDirectory(async (directory) => {
    await Deno.writeTextFile(`${directory}/klosets.yml`, "c:\n  location: /z\n  .isDefault: 'yes'\n");
    const configuration = await readConfiguration(directory);
    deepStrictEqual(configuration.entries("store"), [["c", { location: "/z" }]]);
    equal(configuration.defaultStore, "c");
  }));

Deno.test("a directory that cannot be made is named", () =>
  withDirectory(async (directory) => {
    await Deno.writeTextFile(`${directory}/file`, "");
    await rejects(changeConfiguration(`${directory}/file/x`, () => {}), {
      code: "not-found",
      message: /^Cannot write configuration ".*\/file\/x": /,
    });
  }));

plakarTest("what plakar wrote is read, and what is written plakar reads", async () => {
  await using plakar = await newPlakar();
  const directory = `${plakar.home}/c`;
  const run = (...args: string[]) => plakar.ok(["-configdir", directory, ...args]);
  const odd = {
    location: "/tmp/ä b",
    k: "a: b #c",
    e: "",
    n: "123",
    t: "true",
    m: "l1\nl2",
    url: "sftp://h:22/p",
  };
  const more = {
    q: "'",
    d: '"',
    y: "~",
    star: "*x",
    date: "2026-01-01",
    tab: "a\tb",
    emoji: "😀",
    time: "12:30",
    end: "a\n",
    indented: "\n a\n  b",
    blank: "a \nb",
    controls: "a\x01\x07\b\v\f\r\x1b\x1f\x7f\x80\x85\x9f\xa0b",
    unprintable: "\ufeffa\ufffe\uffff\u200b\ue000b",
  };
  // plakar writes these as line breaks of its kind of YAML, and reads them when they are escaped.
  const separators = "a\u2028b\u2029c";
  const settings = Object.entries({ ...odd, ...more });
  await run("source", "add", "theirs", ...settings.map(([key, value]) => `${key}=${value}`));
  await run("store", "add", "nas", "/nas", "passphrase=secret");
  await changeConfiguration(directory, (c) => {
    deepStrictEqual(c.get("source", "theirs"), { ...odd, ...more });
    deepStrictEqual(c.get("store", "nas"), { location: "/nas", passphrase: "secret" });
    c.add("source", "ours", { ...odd, ...more, separators });
    c.set("source", "theirs", "added", "no");
    c.add("destination", "home", { location: "sftp://h" });
    c.defaultStore = "nas";
  });
  const sources = entriesIn(await run("source", "show", "-json", "-secrets"));
  deepStrictEqual(sources, {
    ours: { ...odd, ...more, separators },
    theirs: { ...odd, ...more, added: "no" },
  });
  deepStrictEqual(entriesIn(await run("destination", "show", "-json")), { home: { location: "sftp://h" } });
  const opened = await plakar.run(["-configdir", directory, "ls"]);
  ok(opened.stderr.includes("fs:///nas"), opened.stderr);
});

plakarTest("plakar.yml is taken over as plakar takes it over", async () => {
  await using plakar = await newPlakar();
  const [theirs, ours] = ["theirs", "ours"].map((name) => `${plakar.home}/${name}`);
  for (const directory of [theirs, ours]) {
    await Deno.mkdir(directory);
    await Deno.writeTextFile(`${directory}/plakar.yml`, LEGACY);
  }
  await plakar.ok(["-configdir", theirs, "source", "show"]);
  await changeConfiguration(ours, () => {});
  const [expected, actual] = await Promise.all([theirs, ours].map(readConfiguration));
  for (const kind of ENTRY_KINDS) {
    deepStrictEqual(Object.fromEntries(actual.entries(kind)), Object.fromEntries(expected.entries(kind)));
  }
  equal(actual.defaultStore, expected.defaultStore);
  for (const kind of ENTRY_KINDS) {
    const shown = (directory: string) =>
      plakar.ok(["-configdir", directory, kind, "show", "-json", "-secrets"]);
    deepStrictEqual(entriesIn(await shown(ours)), entriesIn(await shown(theirs)));
  }
});

/** Entries as plakar prints them: an object a line. */
function entriesIn(lines: string): Record<string, unknown> {
  return Object.assign({}, ...lines.trimEnd().split("\n").map((line) => JSON.parse(line)));
}
