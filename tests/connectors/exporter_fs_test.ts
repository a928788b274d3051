import assert from "node:assert/strict";
import { openFsExporter } from "../../src/connectors/exporter/fs.ts";
import { MODE_DIRECTORY } from "../../src/kloset/file_mode.ts";
import { fromBytes, fromText } from "../../src/lib/byte_string.ts";
import { DiskLog } from "../support/disk_log.ts";
import { runAsOrdinaryUser } from "../support/ordinary_user.ts";
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

Deno.test("fs exporter: what is restored stays there after a power failure", async () => {
  await using directory = await temporaryDirectory();
  for (const [root, above] of [["", []], ["/new/root", ["flush /", "flush /new"]]] as const) {
    using disk = new DiskLog(directory.path);
    await using exporter = await openFsExporter({ protocol: "fs", path: directory.path + root });
    assert.deepEqual(disk.lines.splice(0), above);
    await exporter.createDirectory(fromText("/dir"));
    const writer = await exporter.createFile(fromText("/dir/file"), infoOf(fromText("/dir/file")));
    await writer.commit();
    await exporter.finishDirectory(fromText("/dir"), infoOf(fromText("/dir"), MODE_DIRECTORY | 0o755));
    await exporter.finishDirectory(fromText("/"));
    assert.deepEqual(disk.lines, [
      `flush ${root}/dir/.plakar-*`,
      `rename ${root}/dir/.plakar-* ${root}/dir/file`,
      `flush ${root}/dir`,
      `flush ${root || "/"}`,
    ]);
  }
});

Deno.test("fs exporter: directories that their owner may not read are restored all the same", async () => {
  await using directory = await temporaryDirectory();
  await runAsOrdinaryUser(new URL("unreadable_directories.ts", import.meta.url), directory.path);
});
