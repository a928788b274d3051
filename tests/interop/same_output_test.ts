import assert from "node:assert/strict";
import { plakarTest } from "../support/plakar.ts";
import { nameOf, newSharedStore, type StoreSettings } from "./shared_store.ts";
import { sourceTree } from "./source_tree.ts";

const SETTINGS: StoreSettings[] = [
  { encrypted: true, compression: "LZ4", hashing: "BLAKE3" },
  { encrypted: false, compression: "none", hashing: "SHA256" },
];

for (const settings of SETTINGS) {
  plakarTest(`both print the same of the same repository, byte for byte (${nameOf(settings)})`, async () => {
    const { path } = await sourceTree();
    await using store = await newSharedStore(settings, "cheap");
    assert.equal(await store.ours("ls"), await store.theirs("ls"));
    const labels = ["-name", "n", "-category", "c", "-environment", "e", "-perimeter", "p", "-job", "j"];
    await store.ours("backup", "-tag", "one,two", ...labels, path);
    await store.theirs("backup", "-tag", "three", ...labels, path);
    await store.ours("backup", `${path}/many`);
    const ids = await store.snapshots();
    const commands = [
      ["ls"],
      ["ls", "-tags"],
      ["ls", "-uuid"],
      ["ls", "-uuid", "-tags"],
      ["ls", "-latest"],
      ["ls", "-tag", "three"],
      ["info"],
      ...ids.flatMap((id) => [
        ["ls", id],
        ["ls", "-recursive", id],
        ["ls", `${id}:/`],
        ["info", id],
        ["info", "-errors", id],
      ]),
      ["ls", `${ids[1]}:deep/down`],
      ["ls", `${ids[1]}:empty`],
      ["ls", "-recursive", `${ids[1]}:empty`],
      ["locate", "-snapshot", ids[1], "*"],
      ["digest", `${ids[1]}:many`],
    ];
    for (const command of commands) {
      const expected = await store.theirs(...command);
      assert.equal(await store.ours(...command), expected, command.join(" "));
    }
  });
}
