import assert from "node:assert/strict";
import { openSftpExporter } from "../../src/connectors/exporter/sftp.ts";
import type { SftpLocation } from "../../src/connectors/location.ts";
import { MODE_SYMLINK } from "../../src/kloset/file_mode.ts";
import { type ByteString, fromText } from "../../src/lib/byte_string.ts";
import { peerTest } from "../support/peers.ts";
import { realSource } from "../support/sftp_source.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { infoOf, testExporter } from "./exporter_contract.ts";

function at(path: string): SftpLocation {
  return { protocol: "sftp", host: "server", path: fromText(path), options: {} };
}

const register = (name: string, run: () => Promise<void>) => peerTest(["sftp-server"], name, run);

testExporter("sftp exporter", register, (path, options) => openSftpExporter(realSource(), at(path), options));

register("sftp exporter: names of any bytes are restored", async () => {
  await using directory = await temporaryDirectory();
  await using exporter = await openSftpExporter(realSource(), at(directory.path));
  for (const name of ["/a\xff", "/a\xfe\n"] as ByteString[]) {
    await (await exporter.createFile(name, infoOf(name))).commit();
  }
  const { stdout } = await new Deno.Command("ls", { args: ["-b", directory.path] }).output();
  assert.equal(new TextDecoder().decode(stdout), "a\\376\\n\na\\377\n");
});

register("sftp exporter: what a server cannot do is said once, and the rest is restored", async () => {
  await using directory = await temporaryDirectory();
  await Deno.writeTextFile(`${directory.path}/one`, "old");
  const source = realSource("-P", "limits,fsync,posix-rename,lsetstat,statvfs,expand-path");
  await using exporter = await openSftpExporter(source, at(directory.path));
  for (const name of ["/one", "/two"] as ByteString[]) {
    const writer = await exporter.createFile(name, { ...infoOf(name), mtime: -1_000_000_000n });
    await writer.write(new TextEncoder().encode("new"));
    await writer.commit();
  }
  const link = "/link" as ByteString;
  await exporter.createSymlink(link, "x" as ByteString, infoOf(link, MODE_SYMLINK | 0o777));
  assert.equal(await Deno.readTextFile(`${directory.path}/one`), "new");
  assert.equal(await Deno.readTextFile(`${directory.path}/two`), "new");
  const names = (await Array.fromAsync(Deno.readDir(directory.path))).map(({ name }) => name).sort();
  assert.deepEqual(names, ["link", "one", "two"]);
  assert.deepEqual(
    exporter.degradations.map(({ kind, path, count }) => [kind, path, count]).sort(),
    [["fsync", "/one", 2], ["link-times", "/link", 1], ["owner", "/link", 1], ["times", "/one", 2]],
  );
});
