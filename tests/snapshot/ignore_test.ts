import { deepStrictEqual, equal } from "node:assert/strict";
import { ignoreLines, IgnoreRules } from "../../src/snapshot/ignore.ts";
import { type ByteString, fromText } from "../../src/lib/byte_string.ts";
import { peerTest } from "../support/peers.ts";

const path = (text: string) => fromText(text);

/** Whether a path below /src stays out; a path ending in / is a directory. */
function ignored(patterns: string[], text: string, root = "/src"): boolean {
  const rules = new IgnoreRules(
    [{ origin: "-ignore", isFile: false, lines: patterns.map(fromText) }],
    path(root),
  );
  return rules.excludedBy(path(text.replace(/(.)\/$/, "$1")), text.endsWith("/")) !== undefined;
}

Deno.test("a name matches at any depth", () => {
  equal(ignored(["*.log"], "/src/a/b/x.log"), true);
  equal(ignored(["cache"], "/src/a/cache/"), true);
  equal(ignored(["*.log"], "/src/a/x.log.gz"), false);
});

Deno.test("a pattern with a slash counts from the directory that is backed up", () => {
  equal(ignored(["a/b"], "/src/a/b"), true);
  equal(ignored(["a/b"], "/src/x/a/b"), false);
  equal(ignored(["**/a/b"], "/src/x/a/b"), true);
});

Deno.test("a pattern that begins as the path of that directory does may also count from the file system's root", () => {
  equal(ignored(["/home/*/.cache"], "/home/me/.cache/", "/home/me"), true);
  equal(ignored(["/*/.cache"], "/home/me/.cache/", "/home"), true);
  equal(ignored(["/*/*"], "/src/a"), false);
  equal(ignored(["/**/a/**"], "/src/b"), false);
  equal(ignored(["/a"], "/src/a"), true);
  equal(ignored(["/src/a"], "/src/a"), true);
  equal(ignored(["/src/a"], "/src/b/src/a"), false);
  equal(ignored(["src/a"], "/src/a"), false);
  equal(ignored(["/a"], "/a", "/"), true);
});

Deno.test("the directory that is backed up is never left out", () => {
  equal(ignored(["src", "*", "/src"], "/src/"), false);
  equal(ignored(["*"], "/src/a"), true);
});

Deno.test("the last pattern that matches decides", () => {
  equal(ignored(["*.log", "!keep.log"], "/src/keep.log"), false);
  equal(ignored(["*.log", "!keep.log", "keep.*"], "/src/keep.log"), true);
});

Deno.test("a trailing slash means directories", () => {
  equal(ignored(["build/"], "/src/x/build/"), true);
  equal(ignored(["build/"], "/src/x/build"), false);
});

Deno.test("the rule that decides is known by its file and line", () => {
  const lines = ignoreLines(path("# comment\n\n*.o\n!a.o\n"));
  const rules = new IgnoreRules(
    [{ origin: "/f", isFile: true, lines }, { origin: "-ignore", isFile: false, lines: [path("b.o")] }],
    path("/src"),
  );
  const rule = (name: string) => rules.decidingRule(path(`/src/${name}`), false);
  deepStrictEqual([rule("x.o")?.origin, rule("x.o")?.pattern, rule("x.o")?.isNegated], [
    "/f:3",
    "*.o",
    false,
  ]);
  deepStrictEqual([rule("a.o")?.origin, rule("a.o")?.pattern, rule("a.o")?.isNegated], [
    "/f:4",
    "!a.o",
    true,
  ]);
  equal(rule("b.o")?.origin, "-ignore");
  equal(rule("x"), undefined);
});

Deno.test("files of any system are read: CRLF, a byte order mark, bytes that are not text", () => {
  deepStrictEqual(ignoreLines("\xef\xbb\xbfa\r\nb\n\xff" as ByteString), ["a", "b", "\xff"]);
  const rules = new IgnoreRules([{ origin: "f", isFile: true, lines: ["\xff*" as ByteString] }], path("/"));
  equal(rules.excludedBy("/\xff\xfe" as ByteString, false)?.origin, "f:1");
});

Deno.test("no patterns leave nothing out", () => {
  const rules = new IgnoreRules(
    [{ origin: "f", isFile: true, lines: ignoreLines(path("# nothing\n\n")) }],
    path("/"),
  );
  equal(rules.isEmpty, true);
});

peerTest(["git"], "patterns mean what they mean to git", async () => {
  const seed = Number(Deno.env.get("SEED") ?? Date.now() % 1_000_000);
  const random = generator(seed);
  const directory = await Deno.makeTempDir({ prefix: "plakar-ignore-" });
  try {
    await run("git", ["init", "-q", directory]);
    for (let round = 0; round < 40; round++) await compareWithGit(directory, `t${round}`, random);
  } catch (cause) {
    throw new Error(`With SEED=${seed}`, { cause });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

const NAMES = [
  "a",
  "b",
  "ab",
  "abc",
  ".a",
  "a.b",
  "a b",
  "A",
  "[a]",
  "#a",
  "!a",
  "a ",
  "é",
  "\\a",
  "a*",
  "-",
  "z]",
  "0",
];
const PIECES = [
  ...[
    "a",
    "b",
    "ab",
    "abc",
    ".",
    "*",
    "**",
    "?",
    "/",
    "/**/",
    "**/",
    "/**",
    "[ab]",
    "[!a]",
    "[^b]",
    "[a-c]",
    "[]a]",
    "[a",
  ],
  ...[
    "[[:alpha:]]",
    "[[:digit:]a]",
    "[[:nope:]]",
    "[z-a]",
    "[a-]",
    "[-a]",
    "[\\]]",
    "\\*",
    "\\a",
    "\\!",
    "\\#",
    "\\",
    " ",
  ],
  ...["#", "!", "é", "A", "-", "a.b", "***", "\\ ", "z", "]", "0"],
];

/** Makes a tree and patterns, and compares what git and we leave out, and by which line. */
async function compareWithGit(repository: string, name: string, random: () => number): Promise<void> {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)];
  const root = `${repository}/${name}`;
  await run("git", ["init", "-q", root]);
  const tree = new Map<string, boolean>();
  for (let i = 0; i < 60; i++) {
    const parts = Array.from({ length: 1 + Math.floor(random() * 4) }, () => pick(NAMES));
    for (let depth = 1; depth < parts.length; depth++) {
      const above = parts.slice(0, depth).join("/");
      if (tree.get(above) === false) parts.length = depth;
      else tree.set(above, true);
    }
    const whole = parts.join("/");
    if (!tree.has(whole)) tree.set(whole, random() < 0.3);
  }
  for (const [entry, isDirectory] of tree) {
    if (isDirectory) await Deno.mkdir(`${root}/${entry}`, { recursive: true });
    else {
      await Deno.mkdir(`${root}/${entry}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${root}/${entry}`, "");
    }
  }
  const patterns = Array.from({ length: 12 }, () => {
    const joined = Array.from({ length: 1 + Math.floor(random() * 5) }, () => pick(PIECES)).join("");
    // Git takes two stars for "any directories" also behind a literal beginning, against its own manual.
    const pieces = joined.replaceAll(/([^/*])\*{2,}(?=\/|$)/g, "$1*");
    return (random() < 0.25 ? "!" : "") + (random() < 0.2 ? "/" : "") + pieces + (random() < 0.15 ? "/" : "");
  });
  await Deno.writeTextFile(`${root}/.gitignore`, patterns.join("\n") + "\n");
  const entries = [...tree.keys()];
  const output = await run(
    "git",
    ["-C", root, "check-ignore", "-v", "-n", "-z", "--no-index", "--stdin"],
    entries,
  );
  const fields = output.split("\0");
  const rules = new IgnoreRules(
    [{ origin: "f", isFile: true, lines: ignoreLines(fromText(patterns.join("\n"))) }],
    path(root),
  );
  for (const [i, entry] of entries.entries()) {
    const [, line, pattern] = fields.slice(i * 4, i * 4 + 4);
    const expected = line === "" ? undefined : `f:${line}`;
    equal(
      decidingLine(rules, root, entry, tree),
      expected,
      `${JSON.stringify(entry)} ${tree.get(entry) ? "(directory) " : ""}with ${
        JSON.stringify(patterns)
      }, git says ${pattern}`,
    );
  }
}

/** The line that decides about a path, which may be one that leaves out a directory above it. */
function decidingLine(
  rules: IgnoreRules,
  root: string,
  entry: string,
  tree: Map<string, boolean>,
): string | undefined {
  const parts = entry.split("/");
  for (let depth = 1; depth < parts.length; depth++) {
    const rule = rules.excludedBy(path(`${root}/${parts.slice(0, depth).join("/")}`), true);
    if (rule) return rule.origin;
  }
  return rules.decidingRule(path(`${root}/${entry}`), tree.get(entry) ?? false)?.origin;
}

async function run(program: string, args: string[], input: string[] = []): Promise<string> {
  const child = new Deno.Command(program, { args, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input.map((line) => line + "\0").join("")));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  // check-ignore ends with 1 if no path is left out.
  if (code > 1) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
