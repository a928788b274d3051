import { deepStrictEqual, equal, ok, throws } from "node:assert/strict";
import { defineCommand, NO_OPTIONS } from "../../../src/cli/grammar/command.ts";
import {
  choice,
  commaList,
  flag,
  repeated,
  settings,
  text,
  wholeNumber,
} from "../../../src/cli/grammar/option.ts";
import { parseCommandLine } from "../../../src/cli/grammar/parse.ts";
import { COMMANDS } from "../../../src/cli/grammar/table/table.ts";
import { PlakarError } from "../../../src/lib/errors.ts";

const WORK = defineCommand({
  words: ["work"],
  summary: "Work",
  description: [],
  options: {
    "check": flag("check", { aliases: ["verify"] }),
    "name": text("NAME", "name"),
    "tag": commaList("TAG,...", "tags"),
    "ignore": repeated("PATTERN", "patterns"),
    "o": settings("settings"),
    "count": wholeNumber("count", 1),
    "hashing": choice(["BLAKE3", "SHA256"], "hashing", "BLAKE3"),
  },
  positionals: [{ name: "PATH", count: "any" }],
  examples: [],
  opensRepository: true,
});
const GROUP = defineCommand({
  ...WORK,
  words: ["thing"],
  options: NO_OPTIONS,
  positionals: [],
  isGroup: true,
});
const ADD = defineCommand({
  ...WORK,
  words: ["thing", "add"],
  aliases: [["object", "add"]],
  options: NO_OPTIONS,
  positionals: [{ name: "NAME", count: "one" }, { name: "VALUE", count: "optional" }],
});
const TABLE = [WORK, GROUP, ADD];

function parse(...words: string[]) {
  const line = parseCommandLine(words, TABLE);
  if (line.kind !== "run") throw new Error(`${line.kind} instead of a command`);
  return line.parsed;
}

function refusal(...words: string[]): PlakarError {
  try {
    parseCommandLine(words, TABLE);
  } catch (error) {
    ok(error instanceof PlakarError);
    equal(error.code, "usage");
    return error;
  }
  throw new Error(`${words.join(" ")} was accepted`);
}

Deno.test("one dash and two are the same, and values stand after = or as the next word", () => {
  for (const words of [["-name", "x"], ["--name", "x"], ["-name=x"], ["--name=x"]]) {
    equal(parse("work", ...words).options.name, "x");
  }
});

Deno.test("a value may begin with a dash, be empty and hold =", () => {
  equal(parse("work", "-name", "-check").options.name, "-check");
  equal(parse("work", "-name=").options.name, "");
  equal(parse("work", "-name=a=b").options.name, "a=b");
});

Deno.test("a flag takes a value only with =", () => {
  const { options, args } = parse("work", "-check", "false");
  equal(options.check, true);
  deepStrictEqual(args, ["false"]);
  equal(parse("work", "-check=false").options.check, false);
  equal(parse("work", "-check=T").options.check, true);
  equal(
    refusal("work", "-check=perhaps").message,
    'Cannot take "perhaps" for -check: it is either true or false',
  );
});

Deno.test("options stand before, among and after the arguments until --", () => {
  const { options, args, given } = parse("work", "a", "-check", "b", "-name", "n", "--", "-c", "--", "d");
  deepStrictEqual(args, ["a", "b", "-c", "--", "d"]);
  equal(options.check, true);
  equal(options.name, "n");
  deepStrictEqual([...given].sort(), ["check", "name"]);
});

Deno.test("nothing has to follow the -- that ends the options", () => {
  deepStrictEqual(parse("work", "a", "--").args, ["a"]);
});

Deno.test("a lone dash is an argument", () => deepStrictEqual(parse("work", "-").args, ["-"]));

Deno.test("an option goes by its aliases, and is known by its own name", () => {
  const { options, given } = parse("work", "-verify");
  equal(options.check, true);
  ok(given.has("check"));
});

Deno.test("lists collect words, repeated options collect texts, settings collect keys", () => {
  const { options } = parse(
    ...["work", "-tag", "a, b,", "-tag=c", "-ignore", "x,y", "-ignore", "z"],
    ...["-o", "k=v=w", "-o", "on", "-o", "k=2"],
  );
  deepStrictEqual(options.tag, ["a", "b", "c"]);
  deepStrictEqual(options.ignore, ["x,y", "z"]);
  deepStrictEqual(options.o, { k: "2", on: "true" });
});

Deno.test("what is not given has its initial value", () => {
  const { options, at, given } = parse("work");
  deepStrictEqual(options, {
    check: false,
    name: undefined,
    tag: [],
    ignore: [],
    o: {},
    count: undefined,
    hashing: "BLAKE3",
  });
  equal(at, undefined);
  equal(given.size, 0);
});

Deno.test("words of a choice are taken in any case", () => {
  equal(parse("work", "-hashing", "sha256").options.hashing, "SHA256");
  equal(
    refusal("work", "-hashing", "md5").message,
    'Cannot take "md5" for -hashing: it is one of BLAKE3, SHA256',
  );
});

Deno.test("numbers are whole, and not below the least", () => {
  equal(parse("work", "-count", "12").options.count, 12);
  for (const bad of ["0", "-1", "1.5", "x", "", "1e3", "99999999999"]) {
    equal(
      refusal("work", "-count", bad).message,
      `Cannot take "${bad}" for -count: it is a whole number, 1 or more`,
    );
  }
});

Deno.test("global options stand before at, after it, and after the command", () => {
  for (
    const words of [
      ["-quiet", "at", "/r", "work", "p"],
      ["at", "/r", "-quiet", "work", "p"],
      ["at", "/r", "work", "-quiet", "p"],
      ["at", "/r", "work", "p", "-quiet"],
    ]
  ) {
    const { global, at, args } = parse(...words);
    equal(global.quiet, true);
    equal(at, "/r");
    deepStrictEqual(args, ["p"]);
  }
});

Deno.test("-config is -configdir, as in plakar 1.0", () => {
  equal(parse("-config", "/c", "work").global.configdir, "/c");
});

Deno.test("at needs a repository and a command", () => {
  equal(refusal("at").message, "missing plakar repository");
  equal(refusal("at", "/r").message, "missing command");
});

Deno.test("an unknown option is an error, and the nearest one is named", () => {
  const error = refusal("work", "-chekc");
  equal(error.message, 'Unknown option -chekc for "work"');
  equal(error.hint, "did you mean -check?");
  equal(refusal("work", "-quit").hint, "did you mean -quiet?");
  equal(refusal("-nmae").message, 'Unknown option -nmae for "plakar"');
  ok(refusal("work", "-zzzzzzzz").hint?.includes("plakar work -h"));
});

Deno.test("an unknown command is an error, and the nearest one is named", () => {
  equal(refusal("wrok").message, "command not found: wrok");
  equal(refusal("wrok").hint, 'did you mean "work"?');
  equal(refusal("zzzzzz").hint, 'see "plakar help"');
  equal(refusal("thing", "ad").hint, 'did you mean "thing add"?');
  equal(refusal("thing", "zzzzz").hint, "usage: plakar thing [add]");
});

Deno.test("a group needs an action", () => {
  equal(refusal("thing").message, "no action specified");
  equal(refusal("thing", "-quiet").message, "no action specified");
});

Deno.test("commands of several words go by their aliases", () => {
  equal(parse("object", "add", "n").command, ADD);
});

Deno.test("too few and too many arguments are errors that show the usage", () => {
  equal(refusal("thing", "add").message, 'Command "thing add" needs NAME');
  equal(refusal("thing", "add", "a", "b", "c").message, 'Too many arguments for "thing add": "c"');
  equal(refusal("thing", "add").hint, "usage: plakar [at REPOSITORY] thing add NAME [VALUE]");
});

Deno.test("a value that is missing is an error", () => {
  equal(refusal("work", "-name").message, "Option -name needs a value");
});

Deno.test("help can be asked for anywhere before --", () => {
  for (const help of ["-h", "--help", "-help", "--h"]) {
    deepStrictEqual(parseCommandLine([help], TABLE), { kind: "help" });
    deepStrictEqual(parseCommandLine(["thing", "add", help], TABLE), { kind: "help", command: ADD });
    deepStrictEqual(parseCommandLine(["thing", help], TABLE), { kind: "help", command: GROUP });
  }
  deepStrictEqual(parse("work", "--", "-h").args, ["-h"]);
});

Deno.test("an empty command line asks for nothing", () => {
  deepStrictEqual(parseCommandLine([], TABLE), { kind: "nothing", given: new Set() });
  deepStrictEqual(parseCommandLine(["-quiet"], TABLE), { kind: "nothing", given: new Set(["quiet"]) });
});

Deno.test("the guide's command lines are understood", () => {
  const lines: [string, string, string[]][] = [
    ["config remote create mysftp", "config remote create", ["mysftp"]],
    ["config remote set mysftp location sftp://h/p", "config remote set", [
      "mysftp",
      "location",
      "sftp://h/p",
    ]],
    ["at /var/backups create", "create", []],
    ["at /var/backups backup sftp://myserver/etc", "backup", ["sftp://myserver/etc"]],
    ["at /var/backups ls", "ls", []],
    ["at /var/backups restore -to @mysftp fc1b1e94:path/to/file.docx", "restore", [
      "fc1b1e94:path/to/file.docx",
    ]],
  ];
  for (const [line, name, args] of lines) {
    const result = parseCommandLine(line.split(" "), COMMANDS);
    ok(result.kind === "run");
    equal(result.parsed.command.words.join(" "), name);
    deepStrictEqual(result.parsed.args, args);
  }
});

Deno.test("the words of older versions are understood", () => {
  for (
    const line of [
      "create -no-encryption",
      "backup -exclude *.o -excludes f -scan -quiet -concurrency 4 -no-xattr -packfiles memory /x",
      "-no-agent at /r ls",
      "config repo create nas",
      "config repository default nas",
      "info snapshot fc1b1e94",
      "cat -no-decompress fc1b1e94:/x",
    ]
  ) equal(parseCommandLine(line.split(" "), COMMANDS).kind, "run");
});

Deno.test("no two options or commands of the table go by one name", () => {
  const names = COMMANDS.flatMap(({ words, aliases }) => [words, ...aliases ?? []]).map((words) =>
    words.join(" ")
  );
  equal(new Set(names).size, names.length);
  for (const { options } of COMMANDS) {
    const own = Object.entries(options).flatMap(([name, { aliases }]) => [name, ...aliases ?? []]);
    equal(new Set(own).size, own.length);
  }
  throws(() => parseCommandLine(["restore", "a", "b"], COMMANDS), { code: "usage" });
});
