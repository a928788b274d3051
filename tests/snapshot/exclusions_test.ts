import { deepStrictEqual } from "node:assert/strict";
import { type ExclusionOptions, Exclusions } from "../../src/snapshot/exclusions.ts";
import { IgnoreRules } from "../../src/snapshot/ignore.ts";
import { scan } from "../../src/snapshot/scan.ts";
import { type ByteString, fromText } from "../../src/lib/byte_string.ts";
import { FakeSource } from "../support/fake_source.ts";

const TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# more\n";

const marked = (...names: string[]) => new Map(names.map((name) => [fromText(name), "-exclude-if-present"]));

/** What is found below /src, and what is left out with its reason; nothing that is left out may be listed. */
async function scanned(source: FakeSource, options: Partial<ExclusionOptions> & { patterns?: string[] }) {
  const found: string[] = [];
  const leftOut: string[] = [];
  const warnings: string[] = [];
  const importer = source.importer();
  const lines = (options.patterns ?? []).map(fromText);
  const { exclude, prune } = new Exclusions({
    importer,
    rules: new IgnoreRules([{ origin: "/f", isFile: true, lines }], importer.root),
    markers: new Map(),
    leftOut: (path, { origin, pattern }) => void leftOut.push(`${path} ${origin} ${pattern ?? ""}`.trim()),
    warn: (message) => void warnings.push(message),
    ...options,
  });
  const result = await scan({
    importer,
    exclude,
    prune,
    events: { found: (path) => void found.push(path), failed: () => {} },
  });
  const below = found.filter((path) => path.startsWith("/src/")).map((path) => path.slice(5));
  return { found: below.sort(), leftOut: leftOut.sort(), warnings, result };
}

Deno.test("the rule that leaves a path out is told once, with its line", async () => {
  const source = new FakeSource("/src").file("a.log", "x").file("keep.log", "x").file("d/e/f", "x");
  const { found, leftOut } = await scanned(source, { patterns: ["# logs", "*.log", "!keep.log", "d/"] });
  deepStrictEqual(found, ["keep.log"]);
  deepStrictEqual(leftOut, ["/src/a.log /f:2 *.log", "/src/d /f:4 d/"]);
});

Deno.test("a pattern that takes something back in and cannot is told once, and why", async () => {
  const source = new FakeSource("/src").file("docs/keep", "x").file("a/b/x.yml", "x").file("c/y.yml", "x");
  const warningsOf = async (...patterns: string[]) => (await scanned(source, { patterns })).warnings;
  deepStrictEqual(await warningsOf("docs/", "!docs/keep", "!docs/k*"), [
    'Pattern "!docs/k*" (/f:3) takes nothing back in from "/src/docs": "docs/" (/f:1) leaves out the whole ' +
    'directory; "docs/*" leaves out only what is in it',
    'Pattern "!docs/keep" (/f:2) takes nothing back in from "/src/docs": "docs/" (/f:1) leaves out the whole ' +
    'directory; "docs/*" leaves out only what is in it',
  ]);
  deepStrictEqual(await warningsOf("*", "!**/*.yml"), [
    'Pattern "!**/*.yml" (/f:2) takes nothing back in from "/src/docs": "*" (/f:1) leaves out the whole ' +
    'directory; "!*/" behind that keeps directories',
  ]);
  for (const pattern of ["!*.yml", "!/*/*.yml", "!/src/docs/keep"]) {
    deepStrictEqual((await warningsOf("*", pattern)).length, 1, pattern);
  }
  const right = [
    ["docs/*", "!docs/keep"],
    ["*", "!*/", "!*.yml"],
    ["*", "!/a", "!/a/**"],
    ["*.yml", "!a/b/x.yml"],
    ["docs/", "!*.yml"],
    ["docs/", "!**/*.yml"],
    ["!*.yml", "*"],
    ["*", "!docs"],
  ];
  for (const patterns of right) deepStrictEqual(await warningsOf(...patterns), [], patterns.join(" "));
});

Deno.test("a directory with a cache tag keeps the tag and nothing else", async () => {
  const source = new FakeSource("/src").file("c/CACHEDIR.TAG", TAG).file("c/x", "1").file("c/d/y", "1")
    .file("z", "1");
  deepStrictEqual((await scanned(source, {})).found.length, 6);
  const { found, leftOut, warnings } = await scanned(source, { caches: "-exclude-caches" });
  deepStrictEqual(found, ["c", "c/CACHEDIR.TAG", "z"]);
  deepStrictEqual(leftOut, [
    "/src/c/d -exclude-caches CACHEDIR.TAG",
    "/src/c/x -exclude-caches CACHEDIR.TAG",
  ]);
  deepStrictEqual(warnings, []);
});

Deno.test("a cache tag is a regular file that begins with the signature and can be read", async () => {
  const source = new FakeSource("/src").file("a/CACHEDIR.TAG", "Signature: of another kind, but long enough")
    .file("a/x", "").file("b/CACHEDIR.TAG", "").file("b/x", "").link("c/CACHEDIR.TAG", "../t").file("c/x", "")
    .file("t", TAG).directory("d/CACHEDIR.TAG").file("d/x", "");
  const { found } = await scanned(source, { caches: "-exclude-caches" });
  deepStrictEqual(found.filter((path) => path.endsWith("/x")), ["a/x", "b/x", "c/x", "d/x"]);
  deepStrictEqual(source.reads, ["/src/a/CACHEDIR.TAG"]);
  const unreadable = new FakeSource("/src").file("a/CACHEDIR.TAG", TAG).file("a/x", "");
  const importer = { ...unreadable.importer(), readStart: () => Promise.reject(new Error("refused")) };
  deepStrictEqual((await scanned(unreadable, { caches: "-exclude-caches", importer })).found, [
    "a",
    "a/CACHEDIR.TAG",
    "a/x",
  ]);
});

Deno.test("a directory that holds a file of a name keeps that file and nothing else", async () => {
  const source = new FakeSource("/src").file("a/.nobackup", "").file("a/x", "").file("b/.other", "")
    .file("b/x", "").file("c/x", "");
  const { found, leftOut } = await scanned(source, { markers: marked(".nobackup", ".other") });
  deepStrictEqual(found, ["a", "a/.nobackup", "b", "b/.other", "c", "c/x"]);
  deepStrictEqual(leftOut, [
    "/src/a/x -exclude-if-present .nobackup",
    "/src/b/x -exclude-if-present .other",
  ]);
});

Deno.test("patterns do not hide what marks a directory", async () => {
  const source = new FakeSource("/src").file("a/.nobackup", "").file("a/x", "").file("b/CACHEDIR.TAG", TAG)
    .file("b/x", "");
  const { found } = await scanned(source, {
    patterns: [".*", "CACHEDIR.TAG"],
    markers: marked(".nobackup"),
    caches: "-exclude-caches",
  });
  deepStrictEqual(found, ["a", "a/.nobackup", "b", "b/CACHEDIR.TAG"]);
});

Deno.test("that the whole source is marked is said", async () => {
  const source = new FakeSource("/src").file(".nobackup", "").file("x", "");
  const { found, warnings } = await scanned(source, { markers: marked(".nobackup") });
  deepStrictEqual(found, [".nobackup"]);
  deepStrictEqual(warnings, ['Nothing in "/src" is backed up: it holds .nobackup']);
});

Deno.test("the store is left out where it lies in the source", async () => {
  const source = new FakeSource("/src").file("a/store/CONFIG", "").file("a/storage", "");
  const { found, leftOut } = await scanned(source, { store: "/src/a/store" as ByteString });
  deepStrictEqual(found, ["a", "a/storage"]);
  deepStrictEqual(leftOut, ["/src/a/store the repository"]);
});
