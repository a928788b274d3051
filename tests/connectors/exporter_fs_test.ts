import assert from "node:assert/strict";
import { openFsExporter } from "../../src/connectors/exporter/fs.ts";
import { fromBytes } from "../../src/lib/byte_string.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { infoOf, testExporter } from "./exporter_contract.ts";

testExporter(
  "fs exporter",
  (name, run) => Deno.test(name, run),
  (path, options) => openFsExporter({ protocol: "fs", path }, options),
);

Deno.test("fs exporter: a name that is not UTF-8 is refused, not changed", async () => {
  await using directory = await temporaryDirectory();
  await using exporter = await openFsExporter({ protocol: "fs", path: directory.path });
  const path = fromBytes(new Uint8Array([0x2f, 0x61, 0xff]));
  const link = fromBytes(new Uint8Array([0x2f, 0x62]));
  await assert.rejects(exporter.createDirectory(path), { code: "unsupported" });
  const writer = await exporter.createFile(path, infoOf(path));
  await assert.rejects(writer.commit(), { code: "unsupported" });
  await writer.abort();
  await assert.rejects(exporter.createSymlink(link, path, infoOf(link)), { code: "unsupported" });
  assert.deepEqual(await Array.fromAsync(Deno.readDir(directory.path)), []);
});
