import assert from "node:assert/strict";
import { SftpImporter } from "../../src/connectors/importer/sftp.ts";
import { SftpFileReader } from "../../src/connectors/importer/sftp_reader.ts";
import type { SftpLocation } from "../../src/connectors/location.ts";
import { type ByteString, fromBytes, fromText } from "../../src/lib/byte_string.ts";
import { peerTest } from "../support/peers.ts";
import { realSource } from "../support/sftp_source.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";
import { childrenOf, type ImporterFixture, testImporter, walk } from "./importer_contract.ts";

function at(path: string, more: Partial<SftpLocation> = {}): SftpLocation {
  return { protocol: "sftp", host: "server", path: fromText(path), options: {}, ...more };
}

async function open(path: string, ...args: string[]): Promise<ImporterFixture> {
  const importer = await SftpImporter.open(realSource(...args), at(path));
  const reader = new SftpFileReader(realSource(...args));
  return {
    importer,
    reader,
    [Symbol.asyncDispose]: async () => {
      await importer[Symbol.asyncDispose]();
      await reader[Symbol.asyncDispose]();
    },
  };
}

const register = (name: string, run: () => Promise<void>) => peerTest(["sftp-server"], name, run);

testImporter("sftp importer", register, (path) => open(path));
testImporter(
  "sftp importer without extensions",
  register,
  (path) => open(path, "-P", "limits,expand-path,statvfs,fsync,posix-rename,lsetstat"),
);

register("sftp importer: names and link targets of any bytes are found, and their files read", async () => {
  await using directory = await temporaryDirectory();
  const script = `cd "$0" && printf 1 > "$(printf 'a\\377')" && printf 2 > "$(printf 'a\\376\\n')" && ` +
    `ln -s "$(printf 'x\\200')" link`;
  const { success } = await new Deno.Command("sh", { args: ["-c", script, directory.path] }).output();
  assert.ok(success);
  await using fixture = await open(directory.path);
  const children = childrenOf(await walk(fixture.importer));
  const root = fromText(directory.path);
  assert.deepEqual([...children.keys()].sort(), [`${root}/a\xfe`, `${root}/a\xff`, `${root}/link`]);
  assert.equal(children.get(`${root}/link` as ByteString)?.target, "x\x80");
  for (const [name, content] of [["a\xff", "1"], ["a\xfe", "2"]]) {
    const path = `${root}/${name}` as ByteString;
    let read = "";
    const child = children.get(path) ?? assert.fail();
    await fixture.reader.read(path, child, (piece) => void (read += fromBytes(piece)));
    assert.equal(read, content);
  }
});

register("sftp importer: what SFTP does not tell is recorded as plakar does, as nothing", async () => {
  await using directory = await temporaryDirectory();
  await Deno.writeTextFile(`${directory.path}/file`, "x");
  await Deno.utime(`${directory.path}/file`, 1, new Date(1_600_000_000_987));
  await using fixture = await open(directory.path);
  const [{ info }] = childrenOf(await walk(fixture.importer)).values();
  const { dev, ino, nlink, username, groupname, mtime } = info;
  assert.deepEqual(
    { dev, ino, nlink, username, groupname, mtime },
    { dev: 0n, ino: 0n, nlink: 0, username: "", groupname: "", mtime: 1_600_000_000_000_000_000n },
  );
});

register("sftp importer: the origin is the host, with the port where it was given", async () => {
  for (
    const [more, origin] of [
      [{}, "server"],
      [{ port: 22 }, "server:22"],
      [{ host: "::1" }, "[::1]"],
      [{ host: "::1", port: 2222 }, "[::1]:2222"],
    ] as const
  ) {
    await using importer = await SftpImporter.open(realSource(), at("/", more));
    assert.equal(importer.type, "sftp");
    assert.equal(importer.origin, origin);
  }
});

register(
  "sftp importer: without a path the root is the login directory, and a relative path is in it",
  async () => {
    const login = await Deno.realPath(".");
    await using importer = await SftpImporter.open(realSource(), at("", { path: undefined }));
    assert.equal(importer.root, fromText(login));
    await using relative = await SftpImporter.open(realSource(), at("src/sftp"));
    assert.equal(relative.root, fromText(`${login}/src/sftp`));
    await assert.rejects(SftpImporter.open(realSource(), at("src/nothing")), {
      code: "not-found",
      message: new RegExp(`^Cannot read ".*/src/nothing" on server: `),
    });
  },
);
