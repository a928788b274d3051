import assert from "node:assert/strict";
import { openSftpExporter } from "../../src/connectors/exporter/sftp.ts";
import { SftpImporter } from "../../src/connectors/importer/sftp.ts";
import { SftpFileReader } from "../../src/connectors/importer/sftp_reader.ts";
import type { SftpLocation } from "../../src/connectors/location.ts";
import type { ChildRecord, DirectoryRecord } from "../../src/connectors/record.ts";
import { MODE_DIRECTORY, MODE_SETUID, MODE_SYMLINK } from "../../src/kloset/file_mode.ts";
import type { ByteString } from "../../src/lib/byte_string.ts";
import { PlakarError } from "../../src/lib/errors.ts";
import { PacketType, StatusCode } from "../../src/sftp/packet_type.ts";
import { type FakeHandler, type FakeName, FakeSftpServer } from "../support/fake_sftp_server.ts";
import { sourceOf } from "../support/sftp_source.ts";
import { infoOf } from "./exporter_contract.ts";
import { childrenOf, walk } from "./importer_contract.ts";

const p = (path: string) => path as ByteString;

function at(path: string): SftpLocation {
  return { protocol: "sftp", host: "server", path: p(path), options: {} };
}

/** One server whose every request a test sees. */
function serve(server: FakeSftpServer) {
  return sourceOf(() => server.pipe);
}

async function list(server: FakeSftpServer, path = "/"): Promise<Map<ByteString, DirectoryRecord>> {
  await using importer = await SftpImporter.open(serve(server), at(path));
  return await walk(importer);
}

/** Lists the root, whatever becomes of it. */
async function listRoot(server: FakeSftpServer): Promise<DirectoryRecord> {
  await using importer = await SftpImporter.open(serve(server), at("/"));
  return await importer.list(p("/"));
}

/** Answers READDIR with these names once, then with the end. */
function listing(server: FakeSftpServer, names: FakeName[]): FakeHandler {
  const listed = new Set<string>();
  return ({ id, handle }) => {
    if (listed.has(handle)) return server.status(id, StatusCode.EOF);
    listed.add(handle);
    server.names(id, names);
  };
}

const FILE = { size: 1, uid: 0, gid: 0, permissions: 0o100644, atime: 1, mtime: 1 };

Deno.test("names that are none are errors, and the good ones are kept", async () => {
  const server = new FakeSftpServer();
  const good = ["new\nline", "\xff".repeat(255), "-rf", " ", "~", "...", "\\", "\x1b[2J"];
  const bad = ["", "a/b", "/", "../../etc/passwd", "nul\0", "/etc/shadow"];
  const names = [".", "..", ...good, ...bad].map((name) => ({ name, attributes: FILE }));
  server.handlers.set(PacketType.READDIR, listing(server, names));
  const record = (await list(server)).get(p("/")) ?? assert.fail();
  assert.deepEqual(record.children.map(({ info }) => info.name), good);
  assert.equal(record.errors.length, bad.length);
  for (const { path, message } of record.errors) {
    assert.equal(path, "/");
    // deno-lint-ignore no-control-regex
    assert.match(message, /^Cannot use name "[^\x00-\x1f]*" in "\/": it is not a file name$/);
  }
});

Deno.test("a name that comes twice is in the snapshot once, with an error", async () => {
  const server = new FakeSftpServer();
  const names = ["a", "b", "a"].map((name, size) => ({ name, attributes: { ...FILE, size } }));
  server.handlers.set(PacketType.READDIR, listing(server, names));
  const record = (await list(server)).get(p("/")) ?? assert.fail();
  assert.deepEqual(record.children.map(({ info }) => [info.name, info.size]), [["a", 0], ["b", 1]]);
  assert.deepEqual(record.errors.map(({ message }) => message), [
    'Cannot use name "a" in "/": the server sent it twice',
  ]);
});

for (const names of [["a", "b"], ["."], [], [""]]) {
  Deno.test(`a listing that repeats ${JSON.stringify(names)} without end is ended`, async () => {
    const server = new FakeSftpServer();
    server.handlers.set(PacketType.READDIR, ({ id }) => {
      server.names(id, names.map((name) => ({ name, attributes: FILE })));
    });
    const record = await listRoot(server);
    assert.deepEqual(
      record.children.map(({ info }) => info.name),
      names.filter((name) => /^[a-z]$/.test(name)),
    );
    assert.ok(record.errors.some(({ message }) => message.endsWith("the server repeats itself without end")));
    assert.ok(record.errors.length < 200);
  });
}

Deno.test("a directory of 100 000 names is listed whole", async () => {
  const server = new FakeSftpServer();
  let next = 0;
  server.handlers.set(PacketType.READDIR, ({ id }) => {
    if (next === 100_000) return server.status(id, StatusCode.EOF);
    server.names(id, Array.from({ length: 1000 }, () => ({ name: `${next++}`, attributes: FILE })));
  });
  const record = (await list(server)).get(p("/")) ?? assert.fail();
  assert.equal(record.children.length, 100_000);
  assert.deepEqual(record.errors, []);
});

Deno.test("what READDIR leaves out is asked for", async () => {
  const server = new FakeSftpServer();
  server.directory("/dir");
  server.file("/dir/file", "content");
  server.link("/link", "dir");
  const some = [{}, { size: 7 }, { permissions: 0o100644 }, { uid: 1, gid: 1, mtime: 1, atime: 1 }];
  for (const attributes of some) {
    const fresh = new FakeSftpServer();
    for (const [path, node] of server.tree) fresh.tree.set(path, node);
    fresh.handlers.set(PacketType.READDIR, ({ id, path, handle }) => {
      const open = fresh.handles.get(handle) ?? assert.fail();
      if (open.unlisted) return fresh.status(id, StatusCode.EOF);
      open.unlisted = [];
      const names = path === "/" ? ["dir", "link"] : ["file"];
      fresh.names(id, names.map((name) => ({ name, attributes: name === "file" ? attributes : {} })));
    });
    const children = childrenOf(await list(fresh));
    assert.deepEqual([...children.keys()].sort(), ["/dir", "/dir/file", "/link"]);
    const { info } = children.get(p("/dir/file")) ?? assert.fail();
    assert.deepEqual([info.size, info.mode, info.uid, info.mtime], [
      7,
      0o644,
      1000,
      1_700_000_000_000_000_000n,
    ]);
    assert.equal(children.get(p("/link"))?.target, "dir");
  }
});

Deno.test("a server that never says what something is gets an error for it", async () => {
  const server = new FakeSftpServer();
  server.handlers.set(PacketType.READDIR, listing(server, [{ name: "x" }]));
  server.handlers.set(
    PacketType.LSTAT,
    ({ id, path }, next) => path === "/x" ? server.attrs(id, { size: 1 }) : next(),
  );
  const record = await listRoot(server);
  assert.deepEqual(record.children, []);
  assert.deepEqual(record.errors, [{
    path: "/x",
    message: 'Cannot examine "/x": the server does not say what it is',
  }]);
});

Deno.test("sizes and times of any value are taken as they are", async () => {
  const server = new FakeSftpServer();
  server.file("/future", "", { mtime: 0xffff_ffff, size: Number.MAX_SAFE_INTEGER });
  server.file("/epoch", "", { mtime: 0 });
  const children = childrenOf(await list(server));
  const future = children.get(p("/future"))?.info ?? assert.fail();
  assert.deepEqual([future.mtime, future.size], [4_294_967_295_000_000_000n, Number.MAX_SAFE_INTEGER]);
  assert.equal(children.get(p("/epoch"))?.info.mtime, 0n);
});

Deno.test("links of any length lead nowhere, and those that cannot be read are errors", async () => {
  const server = new FakeSftpServer();
  const long = "x/".repeat(2047) + "\xff";
  server.link("/long", long);
  server.link("/absolute", "/etc/passwd");
  server.link("/self", "self");
  server.link("/unreadable", "x");
  server.handlers.set(PacketType.READLINK, ({ id, path }, next) => {
    if (path === "/unreadable") server.status(id, StatusCode.PERMISSION_DENIED, "no");
    else next();
  });
  const records = await list(server);
  const children = childrenOf(records);
  assert.equal(children.get(p("/long"))?.target, long);
  assert.equal(children.get(p("/absolute"))?.target, "/etc/passwd");
  assert.equal(children.get(p("/self"))?.target, "self");
  assert.deepEqual(records.get(p("/"))?.errors.map(({ path }) => path), ["/unreadable"]);
});

Deno.test("a root that is a circle of links is refused", async () => {
  const server = new FakeSftpServer();
  server.link("/a", "/b");
  server.link("/b", "/a");
  server.handlers.set(PacketType.REALPATH, ({ id, path }) => server.names(id, [{ name: path }]));
  await assert.rejects(SftpImporter.open(serve(server), at("/a")), { code: "io", message: /in a circle/ });
});

for (const answer of ["", "relative", "/a\0b", "C:\\"]) {
  Deno.test(`a real path of ${JSON.stringify(answer)} is refused`, async () => {
    const server = new FakeSftpServer();
    server.handlers.set(PacketType.REALPATH, ({ id }) => server.names(id, [{ name: answer }]));
    await assert.rejects(SftpImporter.open(serve(server), at("/x")), { code: "protocol" });
  });
}

Deno.test("a directory that contains itself without end is left at some depth, with an error", async () => {
  const server = new FakeSftpServer();
  const directory = { ...FILE, permissions: 0o040755 };
  server.handlers.set(PacketType.OPENDIR, ({ id, path }) => {
    server.handles.set(path, { path });
    server.send(PacketType.HANDLE, id, (writer) => writer.string(p(`${path.length}`.slice(0, 8))));
  });
  server.handlers.set(PacketType.CLOSE, ({ id }) => server.status(id, StatusCode.OK));
  let turn = 0;
  server.handlers.set(PacketType.READDIR, ({ id }) => {
    if (turn++ % 2 === 1) server.status(id, StatusCode.EOF);
    else server.names(id, [{ name: "d", attributes: directory }]);
  });
  const records = [...(await list(server)).values()];
  const last = records[records.length - 1];
  assert.ok(records.length > 1000 && records.length < 5000);
  assert.deepEqual(last.children, []);
  assert.match(last.errors[0].message, /: it is too deep$/);
});

Deno.test("what may not be read is an error of that path, and the rest is there", async () => {
  const server = new FakeSftpServer();
  server.directory("/closed");
  server.directory("/open");
  server.file("/open/file", "x");
  server.directory("/broken");
  server.handlers.set(PacketType.OPENDIR, ({ id, path }, next) => {
    if (path === "/closed") server.status(id, StatusCode.PERMISSION_DENIED, "Permission denied");
    else next();
  });
  server.handlers.set(PacketType.READDIR, ({ id, path }, next) => {
    if (path === "/broken") server.status(id, StatusCode.FAILURE, "Input/output error");
    else next();
  });
  const records = await list(server);
  assert.deepEqual([...childrenOf(records).keys()].sort(), ["/broken", "/closed", "/open", "/open/file"]);
  assert.deepEqual(records.get(p("/closed"))?.errors, [{
    path: "/closed",
    message: 'Cannot list directory "/closed": the server answered "Permission denied" (status 3)',
  }]);
  assert.match(records.get(p("/broken"))?.errors[0].message ?? "", /Input\/output error/);
});

Deno.test("a root that may not be listed ends the walk; one that may not be examined is refused", async () => {
  const server = new FakeSftpServer();
  server.handlers.set(PacketType.OPENDIR, ({ id }) => server.status(id, StatusCode.PERMISSION_DENIED));
  await assert.rejects(list(server), {
    code: "io",
    message: /^Cannot list directory "\/": .*Permission denied/,
  });

  const closed = new FakeSftpServer();
  closed.handlers.set(PacketType.LSTAT, ({ id }) => closed.status(id, StatusCode.PERMISSION_DENIED));
  await assert.rejects(SftpImporter.open(serve(closed), at("/")), {
    code: "permission",
    message: /on server/,
  });
});

Deno.test("ancestors that cannot be examined are left out", async () => {
  const server = new FakeSftpServer();
  for (const path of ["/a", "/a/b", "/a/b/c"]) server.directory(path);
  server.handlers.set(PacketType.LSTAT, ({ id, path }, next) => {
    if (path === "/a") server.status(id, StatusCode.PERMISSION_DENIED);
    else next();
  });
  await using importer = await SftpImporter.open(serve(server), at("/a/b/c"));
  assert.deepEqual((await importer.ancestors()).map(({ path }) => path), ["/a/b/c", "/a/b", "/"]);
});

Deno.test("a listing goes on over a new connection when the first is lost", async () => {
  const servers: FakeSftpServer[] = [];
  const source = sourceOf(() => {
    const server = new FakeSftpServer();
    for (let i = 0; i < 20; i++) {
      server.directory(`/d${i}`);
      server.file(`/d${i}/file`);
    }
    let left = servers.push(server) === 1 ? 5 : Infinity;
    server.handlers.set(PacketType.OPENDIR, (_, next) => {
      if (--left === 0) server.disconnect();
      else next();
    });
    return server.pipe;
  });
  await using importer = await SftpImporter.open(source, at("/"));
  assert.equal(childrenOf(await walk(importer)).size, 40);
  assert.ok(servers.length > 1);
});

function childOf(server: FakeSftpServer, path: string): ChildRecord {
  const { size = 0, mtime = 0 } = server.tree.get(path)?.attributes ?? {};
  return { info: { ...infoOf(p(path)), size, mtime: BigInt(mtime) * 1_000_000_000n } };
}

/** A source whose first connection breaks at the given READ. */
function breakingAt(
  offset: number,
  content: Uint8Array,
  change: (server: FakeSftpServer) => void = () => {},
) {
  let connections = 0;
  const make = () => {
    const server = new FakeSftpServer();
    server.file("/file", content);
    if (connections++ === 0) {
      server.handlers.set(PacketType.READ, (request, next) => {
        if (request.offset >= offset) server.disconnect();
        else next();
      });
    } else change(server);
    return server;
  };
  const first = make();
  const servers = [first];
  const source = sourceOf(() => {
    const server = servers.pop() ?? make();
    return server.pipe;
  });
  return { source, child: childOf(first, "/file"), connections: () => connections };
}

Deno.test("a file is read on where the connection was lost", async () => {
  const content = Uint8Array.from({ length: 2_000_000 }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
  for (const offset of [0, 32 * 1024, 1_000_000 & ~0x7fff]) {
    const { source, child, connections } = breakingAt(offset, content);
    await using reader = new SftpFileReader(source);
    let at = 0;
    const result = await reader.read(p("/file"), child, async (piece) => {
      const copy = piece.slice();
      await Promise.resolve();
      assert.deepEqual(copy, content.subarray(at, at + copy.length));
      at += copy.length;
    });
    assert.deepEqual(result, { size: content.length, changed: false });
    assert.equal(at, content.length);
    assert.equal(connections(), 2);
  }
});

Deno.test("a file that changed while the connection was lost is an error, not a mixture", async () => {
  const { source, child } = breakingAt(64 * 1024, new Uint8Array(500_000), (server) => {
    server.file("/file", new Uint8Array(500_000).fill(1), { mtime: 1_700_000_001 });
  });
  await using reader = new SftpFileReader(source);
  await assert.rejects(reader.read(p("/file"), child, () => {}), { code: "io", message: /the file changed/ });
});

Deno.test("a server that is gone for good is an error in the end", async () => {
  const server = new FakeSftpServer();
  server.file("/file", "x");
  server.handlers.set(PacketType.OPEN, () => server.disconnect());
  let opened = 0;
  const source = sourceOf(() => {
    if (opened++ > 0) throw new PlakarError("network", "Cannot connect");
    return server.pipe;
  });
  await using reader = new SftpFileReader(source);
  const reading = () => reader.read(p("/file"), childOf(server, "/file"), () => {});
  await assert.rejects(reading(), { code: "network", message: "Cannot connect" });
  await assert.rejects(reading(), { code: "network" });
});

Deno.test("a server that allows one channel only is read over that one", async () => {
  const server = new FakeSftpServer();
  for (let i = 0; i < 200; i++) server.file(`/${i}`, `${i}`);
  let opened = 0;
  const source = sourceOf(() => {
    if (opened++ > 0) throw new PlakarError("network", "no more sessions");
    return server.pipe;
  });
  await using reader = new SftpFileReader(source);
  const sizes = await Promise.all(
    Array.from({ length: 200 }, (_, i) => reader.read(p(`/${i}`), childOf(server, `/${i}`), () => {})),
  );
  assert.ok(sizes.every(({ size }, i) => size === `${i}`.length));
});

Deno.test("a user who may not change owners loses owners and setuid, said once, and nothing else", async () => {
  const server = new FakeSftpServer();
  server.extensions = [["posix-rename@openssh.com", "1"], ["lsetstat@openssh.com", "1"], [
    "fsync@openssh.com",
    "1",
  ]];
  const refuseOwner: FakeHandler = ({ id, attributes }, next) => {
    if (attributes.uid !== undefined) {
      server.status(id, StatusCode.PERMISSION_DENIED, "Operation not permitted");
    } else next();
  };
  for (const type of [PacketType.SETSTAT, PacketType.FSETSTAT, PacketType.EXTENDED]) {
    server.handlers.set(type, refuseOwner);
  }
  await using exporter = await openSftpExporter(serve(server), at("/"));
  for (const name of ["/a", "/b"]) {
    const writer = await exporter.createFile(p(name), infoOf(p(name), MODE_SETUID | 0o755));
    await writer.write(new Uint8Array(10));
    await writer.commit();
  }
  await exporter.createSymlink(p("/l"), p("x"), infoOf(p("/l"), MODE_SYMLINK | 0o777));
  await exporter.createDirectory(p("/d"));
  await exporter.finishDirectory(p("/d"), infoOf(p("/d"), MODE_DIRECTORY | 0o711));
  assert.equal(server.tree.get("/a")?.attributes.permissions, 0o100755);
  assert.equal(server.tree.get("/d")?.attributes.permissions, 0o040711);
  assert.equal(server.tree.get("/a")?.attributes.mtime, 1_600_000_000);
  assert.equal(server.tree.get("/l")?.attributes.mtime, 1_600_000_000);
  assert.deepEqual(
    exporter.degradations.map(({ kind, path, count }) => [kind, path, count]),
    [["owner", "/a", 4], ["mode", "/a", 2]],
  );
});

Deno.test("flushing that is announced and refused is a loss, not a failure", async () => {
  const server = new FakeSftpServer();
  server.extensions = [["fsync@openssh.com", "1"]];
  server.handlers.set(PacketType.EXTENDED, ({ id }) => server.status(id, StatusCode.FAILURE, "Failure"));
  await using exporter = await openSftpExporter(serve(server), at("/"));
  await (await exporter.createFile(p("/a"), infoOf(p("/a")))).commit();
  assert.ok(server.tree.has("/a"));
  assert.deepEqual(exporter.degradations.map(({ kind }) => kind), ["fsync"]);
});

Deno.test("a small file costs three turns to the server and back: open, everything, rename", async () => {
  const server = new FakeSftpServer();
  server.extensions = [["posix-rename@openssh.com", "1"], ["fsync@openssh.com", "1"]];
  await using exporter = await openSftpExporter(serve(server), at("/"));
  const waiting: (() => void)[] = [];
  let turns = 0;
  const types = [
    PacketType.OPEN,
    PacketType.WRITE,
    PacketType.FSETSTAT,
    PacketType.CLOSE,
    PacketType.EXTENDED,
  ];
  for (const type of types) {
    server.handlers.set(type, (_, next) => {
      if (waiting.push(next) > 1) return;
      // Later than whatever the client sends without waiting.
      setTimeout(() => {
        turns++;
        for (const answer of waiting.splice(0)) answer();
      });
    });
  }
  const writer = await exporter.createFile(p("/a"), infoOf(p("/a")));
  await writer.write(new Uint8Array(100));
  await writer.commit();
  assert.equal(turns, 3);
});

Deno.test("a file whose writing fails is not there, under no name", async () => {
  const server = new FakeSftpServer();
  server.handlers.set(PacketType.WRITE, ({ id }) => server.status(id, StatusCode.FAILURE, "Failure"));
  await using exporter = await openSftpExporter(serve(server), at("/"));
  const writer = await exporter.createFile(p("/a"), infoOf(p("/a")));
  await writer.write(new Uint8Array(100));
  await assert.rejects(writer.commit(), { code: "io" });
  await writer.abort();
  assert.deepEqual([...server.tree.keys()], ["/"]);
  assert.equal(server.handles.size, 0);
});
