/** What a local exporter does with directories that their owner may not read: a script for an ordinary user. */

import assert from "node:assert/strict";
import { openFsExporter } from "../../src/connectors/exporter/fs.ts";
import { MODE_DIRECTORY } from "../../src/kloset/file_mode.ts";
import { fromText } from "../../src/lib/byte_string.ts";
import { becomeOrdinaryUser } from "../support/ordinary_user.ts";
import { infoOf } from "./exporter_contract.ts";

const [directory] = Deno.args;
becomeOrdinaryUser();
const { uid, gid } = Deno.lstatSync(directory);
await using exporter = await openFsExporter({ protocol: "fs", path: `${directory}/root` });
const path = fromText("/dir");
const finish = (mode: number) =>
  exporter.finishDirectory(path, { ...infoOf(path, MODE_DIRECTORY | mode), uid: uid ?? 0, gid: gid ?? 0 });
const modeNow = () => (Deno.lstatSync(`${directory}/root/dir`).mode ?? 0) & 0o777;

await exporter.createDirectory(path);
await finish(0o300);
assert.deepEqual(exporter.degradations, []);
assert.equal(modeNow(), 0o300);
// One that was there before cannot even be opened.
await finish(0o755);
assert.deepEqual(exporter.degradations.map(({ kind, path }) => [kind, path]), [["fsync", "/dir"]]);
assert.equal(modeNow(), 0o755);
