import assert from "node:assert/strict";
import { MODE_DEVICE, MODE_PIPE, MODE_SETUID, MODE_SOCKET } from "../../../src/kloset/file_mode.ts";
import { ResourceType } from "../../../src/kloset/resource.ts";
import { type ByteString, fromText } from "../../../src/lib/byte_string.ts";
import { encodeTarHeader } from "../../../src/snapshot/archive/tar_header.ts";
import { Snapshot } from "../../../src/snapshot/snapshot.ts";
import { FakeSource } from "../../support/fake_source.ts";
import { peerTest } from "../../support/peers.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { archived, fromPython, python, runOn, snapshotWith } from "./archive_fixture.ts";

const LIST = `
import json, sys, tarfile, io, hashlib
def raw(text): return text.encode("utf-8", "surrogateescape").hex()
archive = tarfile.open(fileobj=io.BytesIO(sys.stdin.buffer.read()), errors="surrogateescape")
for m in archive:
  content = archive.extractfile(m).read() if m.isreg() else b""
  print(json.dumps([raw(m.name), m.type.decode(), m.mode, m.uid, m.gid, str(m.mtime), m.size, raw(m.linkname),
    raw(m.uname), raw(m.gname), content.hex()]))
`;

/** What Python's tarfile reads of an archive. */
async function listed(bytes: Uint8Array) {
  const lines = (await python(LIST, bytes)).trim().split("\n");
  return new Map(lines.map((line) => {
    const [name, type, mode, uid, gid, mtime, size, target, user, group, content] = JSON.parse(line);
    return [fromPython(name), {
      type,
      mode,
      uid,
      gid,
      mtime,
      size,
      target: fromPython(target),
      user: fromPython(user),
      group: fromPython(group),
      content: fromPython(content),
    }];
  }));
}

const LONG = "long-".repeat(40);
const b = (text: string) => text as ByteString;

function everyKind(): FakeSource {
  const source = new FakeSource("/srv/data");
  source.file("plain", "content\n", { mode: 0o640, uid: 1000, gid: 100, mtime: 1_700_000_000_000_000_000n });
  source.file("empty", "").file("block", "x".repeat(512)).file("large", "0123456789".repeat(10_000));
  source.file("setuid", "#!", { mode: (MODE_SETUID | 0o755) >>> 0 });
  source.file("nanoseconds", "", { mtime: 1_700_000_000_123_456_789n });
  source.file("before 1970", "", { mtime: -1_500_000_000n }).file("far", "", {
    mtime: 9_000_000_000_000_000_000n,
  });
  source.file("large ids", "", { uid: 4_294_967_294, gid: 3_000_000 });
  source.file("named", "", { username: b("www-data"), groupname: b("caf\xc3\xa9") });
  source.file("longly named", "", { username: b("u".repeat(40)), groupname: b("g".repeat(31)) });
  source.file(`${LONG}/${LONG}`, "deep").file(`${LONG}/caf\xc3\xa9`, "utf-8").file("caf\xc3\xa9", "utf-8");
  source.file("caf\xe9", "latin-1").file(`${LONG}/caf\xe9`, "latin-1").file("new\nline", "");
  source.link("link", "plain").link("long link", `${LONG}${LONG}`).link("raw link", "\xff\xfe");
  source.link("long raw link", `${LONG}\xff`);
  source.file("one name", "linked", { nlink: 2, ino: 7n, dev: 1n }).file("zz other name", "linked", {
    nlink: 2,
    ino: 7n,
    dev: 1n,
  });
  source.special("pipe", MODE_PIPE);
  source.directory("nothing in it", { mode: (0x80000000 | 0o700) >>> 0 });
  return source;
}

peerTest(["python3"], "everything that a snapshot keeps of a file is in the archive", async () => {
  const source = everyKind();
  const { bytes, failed, skipped, members } = await archived(await snapshotWith(source));
  assert.deepEqual([failed, skipped], [[], []]);
  const found = await listed(bytes);
  assert.equal(found.size, members);
  const plain = {
    type: "0",
    mode: 0o640,
    uid: 1000,
    gid: 100,
    size: 8,
    target: "",
    user: "alice",
    group: "users",
  };
  assert.deepEqual(found.get(b("plain")), { ...plain, mtime: "1700000000", content: "content\n" });
  const of = (name: string) => found.get(b(name)) ?? assert.fail(`${name} is missing`);
  assert.equal(of("large").content, "0123456789".repeat(10_000));
  assert.equal(of("block").content, "x".repeat(512));
  assert.equal(of("setuid").mode, 0o4755);
  assert.equal(of("nanoseconds").mtime, "1700000000.1234567");
  assert.equal(of("before 1970").mtime, "-1.5");
  assert.equal(Number(of("far").mtime), 9_000_000_000);
  assert.deepEqual([of("large ids").uid, of("large ids").gid], [4_294_967_294, 3_000_000]);
  assert.deepEqual([of("named").user, of("named").group], ["www-data", "caf\xc3\xa9"]);
  assert.deepEqual([of("longly named").user, of("longly named").group], ["u".repeat(40), "g".repeat(31)]);
  assert.equal(of(`${LONG}/${LONG}`).content, "deep");
  for (const name of ["caf\xc3\xa9", `${LONG}/caf\xc3\xa9`]) assert.equal(of(name).content, "utf-8");
  for (const name of ["caf\xe9", `${LONG}/caf\xe9`]) assert.equal(of(name).content, "latin-1");
  const links = ["link", "long link", "raw link", "long raw link"].map((name) => of(name).target);
  assert.deepEqual(links, ["plain", `${LONG}${LONG}`, "\xff\xfe", `${LONG}\xff`]);
  assert.equal(of("one name").content, "linked");
  assert.deepEqual([of("zz other name").type, of("zz other name").target], ["1", "one name"]);
  assert.equal(of("pipe").type, "6");
  assert.deepEqual([of("nothing in it").type, of("nothing in it").mode], ["5", 0o700]);
  assert.equal(of(".").type, "5");
});

peerTest(["tar"], "GNU tar unpacks what was backed up, names of any bytes included", async () => {
  await using directory = await temporaryDirectory();
  const source = everyKind();
  const { bytes } = await archived(await snapshotWith(source));
  await runOn("tar", ["-x", "-p", "--no-same-owner", "--warning=no-timestamp", "-C", directory.path], bytes);
  const at = (name: string) => `${directory.path}/${name}`;
  assert.equal(await Deno.readTextFile(at("large")), "0123456789".repeat(10_000));
  assert.equal(await Deno.readTextFile(at(`${LONG}/${LONG}`)), "deep");
  assert.equal(await Deno.readTextFile(at(`${LONG}/café`)), "utf-8");
  assert.equal(await Deno.readLink(at("long link")), LONG + LONG);
  const plain = await Deno.lstat(at("plain"));
  assert.deepEqual([(plain.mode ?? 0) & 0o7777, plain.mtime?.getTime()], [0o640, 1_700_000_000_000]);
  assert.equal((await Deno.lstat(at("before 1970"))).mtime?.getTime(), -1500);
  assert.equal((await Deno.lstat(at("one name"))).ino, (await Deno.lstat(at("zz other name"))).ino);
  const names = await runOn("find", [directory.path, "-printf", "%P\\0"]);
  const raw = new TextDecoder("latin1").decode(names).split("\0");
  for (const name of ["caf\xe9", `${LONG}/caf\xe9`, "new\nline"]) assert.ok(raw.includes(name), name);
});

peerTest(
  ["tar", "python3"],
  "tarballs are compressed, and names begin at / unless they are rebased",
  async () => {
    const snapshot = await snapshotWith(new FakeSource("/srv/data").file("a/file", "x").link("to a", "a"));
    const names = async (path: string, rebase: boolean) => {
      const { bytes } = await archived(snapshot, { path: fromText(path), rebase, format: "tarball" });
      return new TextDecoder().decode(await runOn("tar", ["-tz"], bytes)).trim().split("\n");
    };
    assert.deepEqual(await names("/srv/data", false), [
      "srv/data/",
      "srv/data/a/",
      "srv/data/a/file",
      "srv/data/to a",
    ]);
    assert.deepEqual(await names("/srv/data/a", true), ["./", "file"]);
    assert.deepEqual(await names("/srv/data/to a", true), ["./", "file"]);
    assert.deepEqual(await names("/srv/data/a/file", true), ["file"]);
    assert.deepEqual(await names("/srv/data/a/file", false), ["srv/data/a/file"]);
    assert.deepEqual(await names("/", true), [
      "./",
      "srv/",
      "srv/data/",
      "srv/data/a/",
      "srv/data/a/file",
      "srv/data/to a",
    ]);
  },
);

peerTest(["python3"], "files of more than 8 GiB have their size", async () => {
  const info = (await snapshotWith(new FakeSource("/srv"))).header &&
    new FakeSource("/srv").node(".").record.info;
  for (const size of [8_589_934_591, 8_589_934_592, 2 ** 45]) {
    const member = {
      name: b("f"),
      type: "file" as const,
      info: { ...info, mode: 0o644 },
      target: b(""),
      size,
    };
    const script = "import sys, tarfile, io\n" +
      "print(tarfile.open(fileobj=io.BytesIO(sys.stdin.buffer.read()), mode='r:').next().size)";
    assert.equal((await python(script, encodeTarHeader(member))).trim(), String(size));
  }
});

Deno.test("names of one file whose contents differ in the snapshot are files of their own", async () => {
  const link = { nlink: 2, ino: 7n, dev: 1n };
  const source = new FakeSource("/srv").file("a", "before", link).file("b", "after!", link);
  const { bytes } = await archived(await snapshotWith(source));
  const text = new TextDecoder("latin1").decode(bytes);
  assert.ok(text.includes("before") && text.includes("after!"));
});

Deno.test("devices and sockets are left out and told", async () => {
  const source = new FakeSource("/srv").special("disk", MODE_DEVICE).special("socket", MODE_SOCKET).file(
    "f",
    "",
  );
  const { skipped, members } = await archived(await snapshotWith(source));
  assert.deepEqual(skipped, ["/srv/disk", "/srv/socket"]);
  assert.equal(members, 2);
});

peerTest(["python3"], "a file that breaks off is told, and what follows can be read", async () => {
  const content = "0123456789abcdef".repeat(2000);
  const snapshot = await snapshotWith(
    new FakeSource("/srv").file("a", content).file("b", "intact").file("c", "x"),
  );
  const { blobs, storage } = snapshot.repository;
  const damage = async (name: string, chunk: (count: number) => number) => {
    const entry = await snapshot.entry(fromText(`/srv/${name}`));
    const { chunks } = await snapshot.object(entry?.object ?? assert.fail());
    const { contentMac } = chunks[chunk(chunks.length)];
    const [{ packfile, offset }] = blobs.all(ResourceType.chunk, contentMac);
    const bytes = await storage.get("packfile", packfile);
    bytes[16 + offset] ^= 1;
    await storage.delete("packfile", packfile);
    await storage.put("packfile", packfile, bytes);
  };
  await damage("a", (count) => count - 1);
  await damage("c", () => 0);
  const again = await Snapshot.load(await snapshot.repository.reload(), snapshot.header.identifier);
  const { bytes, failed } = await archived(again);
  assert.deepEqual(failed, ["/srv/a corrupt", "/srv/c corrupt"]);
  const found = await listed(bytes);
  assert.deepEqual([...found.keys()], [".", "a", "b"]);
  assert.equal(found.get(b("b"))?.content, "intact");
  const broken = found.get(b("a"))?.content ?? assert.fail();
  assert.equal(broken.length, content.length);
  assert.ok(content.startsWith(broken.replace(/\0+$/, "")));
});

Deno.test("a sink that fails ends the archive with its error, compressed or not", async () => {
  const snapshot = await snapshotWith(new FakeSource("/srv").file("f", crypto.randomUUID().repeat(50_000)));
  for (const format of ["tar", "tarball", "zip"] as const) {
    let room = 10_000;
    const sink = (bytes: Uint8Array) => {
      room -= bytes.length;
      return room < 0 ? Promise.reject(new Error("disk full")) : Promise.resolve();
    };
    await assert.rejects(archived(snapshot, { format, sink }), /disk full/);
  }
});

Deno.test("an archive can be stopped", async () => {
  const snapshot = await snapshotWith(new FakeSource("/srv").file("f", "x"));
  await assert.rejects(archived(snapshot, { signal: AbortSignal.abort(new Error("stopped")) }), /stopped/);
});
