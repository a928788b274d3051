import assert from "node:assert/strict";
import { plakarTest } from "../support/plakar.ts";
import { nameOf, newSharedStore, type StoreSettings } from "./shared_store.ts";

const CASES: ["ours" | "theirs", StoreSettings][] = [
  ["ours", { encrypted: true, compression: "LZ4", hashing: "BLAKE3" }],
  ["ours", { encrypted: true, compression: "GZIP", hashing: "SHA256" }],
  ["theirs", { encrypted: true, compression: "LZ4", hashing: "BLAKE3" }],
  ["theirs", { encrypted: true, compression: "none", hashing: "SHA256" }],
];

for (const [creator, settings] of CASES) {
  const whose = creator === "ours" ? "we create" : "plakar creates";
  plakarTest(`either unlocks what ${whose} (${nameOf(settings)})`, async () => {
    await using store = await newSharedStore(settings, creator);
    const source = `${store.directory}/source`;
    await Deno.mkdir(source);
    await Deno.writeTextFile(`${source}/file`, "content\n");
    const [itself, other] = creator === "ours" ? [store.ours, store.theirs] : [store.theirs, store.ours];
    await other("backup", source);
    const [, id] = (await itself("ls")).split(/\s+/);
    assert.equal(await itself("cat", `${id}:file`), "content\n");
    const description = await other("info");
    for (const line of [" - KDF: ARGON2ID", "   - Time: 4", "   - Memory: 262144", "   - Thread: 1"]) {
      assert.ok(description.includes(`${line}\n`), description);
    }
  });
}
