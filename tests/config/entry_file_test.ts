import { deepStrictEqual, equal, throws } from "node:assert/strict";
import { EntryFile } from "../../src/config/entry_file.ts";

const COMMENTED = `# Mine.
version: v1.0.0
sources:
    # The web server.
    web:
        location: sftp://web/srv # not /var
        tries: 3
    db: {location: sftp://db, note: "x"}
later: kept
`;

function entriesOf(file: EntryFile) {
  return Object.fromEntries(file.names().map((name) => [name, file.get(name)]));
}

Deno.test("values are text, whatever they look like", () => {
  const text =
    "version: v1.0.0\nsources:\n  a:\n    n: 12\n    t: true\n    z:\n    tilde: ~\n    q: '~'\n    f: 1.50\n";
  deepStrictEqual(EntryFile.parse("source", text, "f").get("a"), {
    n: "12",
    t: "true",
    z: "",
    tilde: "",
    q: "~",
    f: "1.50",
  });
});

Deno.test("what is not changed is written as it was read", () => {
  equal(
    EntryFile.parse("source", COMMENTED, "f").toString(),
    COMMENTED.replace('{location: sftp://db, note: "x"}', '{ location: sftp://db, note: "x" }'),
  );
});

Deno.test("comments, order and unknown keys survive changes", () => {
  const file = EntryFile.parse("source", COMMENTED, "f");
  file.set("web", "location", "sftp://web/var");
  file.set("web", "port", "22");
  file.unset("web", "tries");
  file.remove("db");
  file.put("new", { location: "/x" });
  equal(
    file.toString(),
    `# Mine.
version: v1.0.0
sources:
    # The web server.
    web:
        location: sftp://web/var # not /var
        port: "22"
    new:
        location: /x
later: kept
`,
  );
});

Deno.test("text that YAML would take for something else is quoted", () => {
  const odd = {
    a: "true",
    b: "12",
    c: "",
    d: "null",
    e: "a: b",
    f: "x #y",
    g: "*z",
    h: "l1\nl2",
    i: " ",
    j: "2026-01-01",
  };
  const more = {
    k: "\u0007",
    l: "'",
    m: '"',
    n: "n",
    o: "<<",
    p: "a\n",
    q: "\n",
    r: "\ta",
    s: "12:30",
    t: "é",
    u: "-",
  };
  const file = EntryFile.empty("store");
  file.put("n", { ...odd, ...more });
  deepStrictEqual(EntryFile.parse("store", file.toString(), "f").get("n"), { ...odd, ...more });
});

Deno.test("an entry without options, or without anything, has none", () => {
  const file = EntryFile.parse("source", "version: v1.0.0\nsources:\n  a:\n  b: {}\n", "f");
  deepStrictEqual(entriesOf(file), { a: {}, b: {} });
  file.set("a", "location", "/a");
  file.set("b", "location", "/b");
  equal(
    file.toString(),
    "version: v1.0.0\nsources:\n    a:\n        location: /a\n    b:\n        location: /b\n",
  );
});

Deno.test("an empty file and one without the section hold nothing", () => {
  for (
    const text of [
      "",
      "# nothing\n",
      "version: v1.0.0\n",
      "version: v1.0.0\nsources:\n",
      "version: v1.0.0\nsources: {}\n",
    ]
  ) {
    const file = EntryFile.parse("source", text, "f");
    deepStrictEqual(file.names(), []);
    file.put("a", { location: "/x" });
    deepStrictEqual(entriesOf(EntryFile.parse("source", file.toString(), "f")), { a: { location: "/x" } });
  }
});

Deno.test("a file from before the version key is understood, and its default with it", () => {
  const file = EntryFile.parse(
    "store",
    "# c\nnas:\n  location: /z\n  .isDefault: 'yes'\nb:\n  location: /q # d\n",
    "f",
  );
  equal(file.default, "nas");
  deepStrictEqual(entriesOf(file), { nas: { location: "/z" }, b: { location: "/q" } });
  equal(
    file.toString(),
    "version: v1.0.0\ndefault: nas\nstores:\n    # c\n    nas:\n        location: /z\n    b:\n        location: /q # d\n",
  );
});

Deno.test("the default is kept, set, replaced, and goes with its store", () => {
  const file = EntryFile.parse(
    "store",
    "version: v1.0.0\ndefault: a\nstores:\n    a:\n        location: /x\n",
    "f",
  );
  equal(file.default, "a");
  file.remove("a");
  equal(file.default, undefined);
  file.put("b", { location: "/y" });
  file.default = "b";
  equal(file.toString(), "version: v1.0.0\ndefault: b\nstores:\n    b:\n        location: /y\n");
});

Deno.test("an entry written as an alias is read, and gets options of its own when changed", () => {
  const file = EntryFile.parse(
    "source",
    "version: v1.0.0\nsources:\n  a: &x\n    location: /x\n  b: *x\n",
    "f",
  );
  deepStrictEqual(file.get("b"), { location: "/x" });
  file.set("b", "port", "2");
  deepStrictEqual(file.get("b"), { location: "/x", port: "2" });
  deepStrictEqual(file.get("a"), { location: "/x" });
});

Deno.test("what cannot be understood is refused with its place", () => {
  const parse = (text: string) => () => EntryFile.parse("source", text, "/c/sources.yml");
  throws(parse("a: [\nb: 1\n"), { code: "config", message: /"\/c\/sources\.yml" line 2: / });
  throws(parse("version: v1.0.0\nsources:\n  a: x\n"), { code: "config", message: /source a is not a map/ });
  throws(parse("version: v1.0.0\nsources: 3\n"), { code: "config", message: /sources is not a map/ });
  throws(parse("version: v1.0.0\nsources:\n  a:\n    b: [1]\n"), {
    code: "config",
    message: /b of source a is not text/,
  });
  throws(parse("- a\n"), { code: "config", message: /not a map/ });
  throws(parse("version: v1.0.0\nversion: v1.0.0\n"), { code: "config", message: /unique/ });
  throws(parse("version: v2.0.0\nsources: {}\n"), { code: "version", message: /v2\.0\.0/ });
});
