import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { complete, type CompletionNames, type SnapshotQuery } from "../../../src/cli/grammar/complete.ts";
import { COMMANDS } from "../../../src/cli/grammar/table/table.ts";

const asked: SnapshotQuery[] = [];
const NAMES: CompletionNames = {
  entries: (kind) => Promise.resolve([{ word: `my${kind}`, about: "" }, { word: "other", about: "" }]),
  snapshots: (query) => {
    asked.push(query);
    return Promise.resolve([{ word: "fc1b1e94", about: "/etc" }, { word: "264b5738", about: "/srv" }]);
  },
  contents: ({ start }) => Promise.resolve([{ word: `${start}sts`, about: "" }]),
};

async function words(line: string): Promise<string[]> {
  return (await complete(line.split(" "), COMMANDS, NAMES)).words.map(({ word }) => word);
}

Deno.test("commands and actions are completed", async () => {
  deepStrictEqual(await words("res"), ["restore"]);
  deepStrictEqual(await words("at /r res"), ["restore"]);
  deepStrictEqual(await words("config remote s"), ["set"]);
  deepStrictEqual(await words("source un"), ["unset"]);
  ok((await words("")).includes("at"));
  ok(!(await words("")).includes("complete"), "what is hidden is not offered");
});

Deno.test("options of the command and of the program are completed", async () => {
  deepStrictEqual(await words("backup -ig"), ["-ignore", "-ignore-file"]);
  deepStrictEqual(await words("backup -qu"), ["-quiet"]);
  deepStrictEqual(await words("backup --ig"), ["--ignore", "--ignore-file"]);
  deepStrictEqual(await words("create -hashing "), ["BLAKE3", "SHA256"]);
});

Deno.test("names of entries are completed where they mean something", async () => {
  deepStrictEqual(await words("backup @my"), ["@mysource"]);
  deepStrictEqual(await words("restore -to @my"), ["@mydestination"]);
  deepStrictEqual(await words("at @my"), ["@mystore"]);
  deepStrictEqual(await words("store rm my"), ["mystore"]);
});

Deno.test("snapshots are completed from the repository that the line names", async () => {
  asked.length = 0;
  deepStrictEqual(await words("at /r cat -decompress fc"), ["fc1b1e94"]);
  deepStrictEqual(asked, [{ at: "/r", global: {}, start: "fc" }]);
});

Deno.test("paths are completed behind the id of a snapshot, where a command takes them", async () => {
  deepStrictEqual(await words("cat fc1b1e94:/etc/ho"), ["fc1b1e94:/etc/hosts"]);
  deepStrictEqual(await words("diff fc1b1e94 264b5738:ho"), ["264b5738:hosts"]);
  deepStrictEqual(await words("rm fc1b1e94:ho"), []);
});

Deno.test("what something is compared with may be a snapshot, a source or a file", async () => {
  deepStrictEqual(await words("diff fc1b1e94 26"), ["264b5738"]);
  deepStrictEqual(await words("diff fc1b1e94 @my"), ["@mysource"]);
  equal((await complete(["diff", "fc1b1e94", "/e"], COMMANDS, NAMES)).files, true);
  equal((await complete(["diff", "/e"], COMMANDS, NAMES)).files, false);
});

Deno.test("values behind = are completed with their option before them", async () => {
  deepStrictEqual(await words("create -hashing=S"), ["-hashing=SHA256"]);
  deepStrictEqual(await words("restore --to=@my"), ["--to=@mydestination"]);
  equal((await complete(["-keyfile=/e"], COMMANDS, NAMES)).files, true);
  deepStrictEqual(await complete(["ls", "-nothing=/e"], COMMANDS, NAMES), { words: [], files: false });
});

Deno.test("options of the program that stand on the line count for what is looked up", async () => {
  asked.length = 0;
  await words("-keyfile /k -quiet at /r -configdir=/c ls -tag x -since=1d ");
  await words("ls -keyfile /k ");
  deepStrictEqual(asked, [
    { at: "/r", global: { keyfile: "/k", configdir: "/c" }, start: "" },
    { at: undefined, global: { keyfile: "/k" }, start: "" },
  ]);
});

Deno.test("files are left to the shell where a file may stand", async () => {
  equal((await complete(["-keyfile", "/e"], COMMANDS, NAMES)).files, true);
  equal((await complete(["backup", "/e"], COMMANDS, NAMES)).files, true);
  equal((await complete(["ls", ""], COMMANDS, NAMES)).files, false);
});

Deno.test("help is completed with commands", async () => {
  deepStrictEqual(await words("help resto"), ["restore"]);
  deepStrictEqual(await words("help source pi"), ["ping"]);
});
