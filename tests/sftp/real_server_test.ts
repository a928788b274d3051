import assert from "node:assert/strict";
import { type ByteString, fromBytes, fromText, toBytes } from "../../src/lib/byte_string.ts";
import { listDirectory } from "../../src/sftp/list_directory.ts";
import { readFile } from "../../src/sftp/read_file.ts";
import { replaceFile } from "../../src/sftp/replace_file.ts";
import { Upload } from "../../src/sftp/upload.ts";
import { peerTest } from "../support/peers.ts";
import { startSftpServer } from "../support/sftp_server.ts";
import { temporaryDirectory } from "../support/temporary_directory.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

function pattern(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >> 8) * 7) & 0xff;
  return bytes;
}

for (const length of [0, 1, 32 * 1024, 255 * 1024 - 1, 255 * 1024, 255 * 1024 + 1, 9_000_000]) {
  peerTest(["sftp-server"], `a file of ${length} bytes goes up and comes down again`, async () => {
    await using directory = await temporaryDirectory();
    await using server = await startSftpServer();
    const { client } = server;
    const path = fromText(`${directory.path}/file`);
    const content = pattern(length);

    const upload = await Upload.create(client, path, 0o600);
    for (let at = 0; at < length; at += 1_000_000) await upload.write(content.slice(at, at + 1_000_000));
    const attributes = upload.setAttributes({ permissions: 0o640, atime: 5, mtime: 1_600_000_000 });
    const flushed = upload.flush();
    await upload.close();
    await Promise.all([attributes, flushed]);
    assert.deepEqual(new Uint8Array(await Deno.readFile(`${directory.path}/file`)), content);

    for (const hint of [length, 0, length * 2 + 1, Number.MAX_SAFE_INTEGER]) {
      const pieces: Uint8Array[] = [];
      const result = await readFile(client, path, hint, (piece) => {
        pieces.push(piece.slice());
      });
      assert.equal(result.size, length);
      assert.equal(result.attributes.size, length);
      assert.equal(result.attributes.mtime, 1_600_000_000);
      assert.equal((result.attributes.permissions ?? 0) & 0o7777, 0o640);
      assert.ok(
        new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer()).every((v, i) => v === content[i]),
      );
    }
  });
}

peerTest(["sftp-server"], "a slow reader gets the same bytes", async () => {
  await using directory = await temporaryDirectory();
  await using server = await startSftpServer();
  const content = pattern(3_000_000);
  await Deno.writeFile(`${directory.path}/file`, content);
  let at = 0;
  await readFile(server.client, fromText(`${directory.path}/file`), content.length, async (piece) => {
    const copy = piece.slice();
    await Promise.resolve();
    assert.deepEqual(copy, content.subarray(at, at + copy.length));
    at += copy.length;
  });
  assert.equal(at, content.length);
});

peerTest(["sftp-server"], "a server without extensions is enough", async () => {
  await using directory = await temporaryDirectory();
  await using server = await startSftpServer(
    "-P",
    "posix-rename,fsync,limits,statvfs,lsetstat,expand-path",
  );
  const { client } = server;
  const path = fromText(`${directory.path}/file`);
  const content = pattern(700_000);
  const upload = await Upload.create(client, path, 0o600);
  await upload.write(content);
  await upload.close();
  let size = 0;
  await readFile(client, path, content.length, (piece) => void (size += piece.length));
  assert.equal(size, content.length);
});

peerTest(["sftp-server"], "names of any bytes are listed, read and written", async () => {
  await using directory = await temporaryDirectory();
  await using server = await startSftpServer();
  const { client } = server;
  const names = [
    fromBytes(new Uint8Array([0x80, 0xff, 0x0a])),
    fromBytes(new Uint8Array([0x61, 0xfe])),
    fromText("é"),
    "a".repeat(255) as ByteString,
  ];
  const inDirectory = (name: ByteString) => `${fromText(directory.path)}/${name}` as ByteString;
  for (const name of names) {
    const upload = await Upload.create(client, inDirectory(name), 0o600);
    await upload.write(toBytes(name));
    await upload.close();
  }
  const listed = new Set<ByteString>();
  await listDirectory(client, fromText(directory.path), (entries) => {
    for (const { name, attributes } of entries) {
      if (name !== "." && name !== "..") assert.equal(attributes.size, name.length);
      listed.add(name);
    }
  });
  assert.deepEqual([...listed].sort(), [".", "..", ...names].sort());
  for (const name of names) {
    let content = "";
    await readFile(client, inDirectory(name), 1, (piece) => void (content += fromBytes(piece)));
    assert.equal(content, name);
  }
});

peerTest(["sftp-server"], "a file of /proc has content although its size is said to be 0", async () => {
  await using server = await startSftpServer();
  let size = 0;
  const path = fromText("/proc/self/status");
  const result = await readFile(server.client, path, 0, (piece) => void (size += piece.length));
  assert.ok(size > 100);
  assert.equal(result.size, size);
});

peerTest(["sftp-server"], "a directory and a missing file cannot be read as files", async () => {
  await using directory = await temporaryDirectory();
  await using server = await startSftpServer();
  const path = fromText(directory.path);
  await assert.rejects(readFile(server.client, path, 10, () => {}), {
    code: "io",
    message: `Cannot read "${directory.path}": it is not a regular file any more`,
  });
  await assert.rejects(readFile(server.client, `${path}/none` as ByteString, 10, () => {}), {
    code: "not-found",
    message: `Cannot open "${directory.path}/none": the server answered "No such file" (status 2)`,
  });
});

for (const extensions of ["", "posix-rename"]) {
  peerTest(
    ["sftp-server"],
    `a file is replaced with ${extensions || "all"} extensions withheld`,
    async () => {
      await using directory = await temporaryDirectory();
      await using server = await startSftpServer("-P", extensions || "copy-data");
      await Deno.writeTextFile(`${directory.path}/a`, "new");
      await Deno.writeTextFile(`${directory.path}/b`, "old");
      const [a, b] = ["a", "b"].map((name) => fromText(`${directory.path}/${name}`));
      await replaceFile(server.client, a, b);
      assert.equal(await Deno.readTextFile(`${directory.path}/b`), "new");
      await assert.rejects(replaceFile(server.client, a, b), { code: "not-found" });
      assert.equal(await Deno.readTextFile(`${directory.path}/b`), "new");
    },
  );
}

peerTest(["sftp-server"], "links are created, read, examined and their times set", async () => {
  await using directory = await temporaryDirectory();
  await using server = await startSftpServer();
  const { client } = server;
  const link = fromText(`${directory.path}/link`);
  const target = fromBytes(utf8("../nowhere/\u00e9"));
  await client.symlink(link, target);
  assert.equal(await client.readlink(link), target);
  await client.lsetstat(link, { atime: 7, mtime: 1234 });
  const attributes = await client.lstat(link);
  assert.equal(attributes.mtime, 1234);
  assert.equal((attributes.permissions ?? 0) & 0o170000, 0o120000);
  await client.remove(link);
  await assert.rejects(client.lstat(link), { code: "not-found" });
});

peerTest(["sftp-server"], "free space is known", async () => {
  await using directory = await temporaryDirectory();
  await using server = await startSftpServer();
  const { available, id } = await server.client.statvfs(fromText(directory.path));
  assert.ok(available > 0n);
  assert.equal((await server.client.statvfs(fromText(`${directory.path}/..`))).id, id);
});

peerTest(["sftp-server"], "a relative path is found from the login directory", async () => {
  await using server = await startSftpServer();
  const login = await server.client.realpath(fromText("."));
  assert.equal(await server.client.realpath(fromText("./.")), login);
  assert.equal(await server.client.expandPath(fromText("~root")), fromText("/root"));
});
