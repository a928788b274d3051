import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { MODE_PIPE } from "../../../src/kloset/file_mode.ts";
import type { ByteString } from "../../../src/lib/byte_string.ts";
import { concat } from "../../../src/lib/bytes.ts";
import {
  encodeCentralHeader,
  encodeDescriptor,
  encodeLocalHeader,
  encodeZipEnd,
} from "../../../src/snapshot/archive/zip_records.ts";
import { ZipWriter } from "../../../src/snapshot/archive/zip_writer.ts";
import { FakeSource } from "../../support/fake_source.ts";
import { peerTest } from "../../support/peers.ts";
import { temporaryDirectory } from "../../support/temporary_directory.ts";
import { archived, python, runOn, snapshotWith } from "./archive_fixture.ts";

const LIST = `
import json, sys, zipfile, io
archive = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))
assert archive.testzip() is None
for m in archive.infolist():
  print(json.dumps([m.filename, oct(m.external_attr >> 16), m.date_time, m.file_size, m.compress_type,
    archive.read(m).decode("latin-1") if m.file_size < 1000 else ""]))
`;

async function listed(bytes: Uint8Array): Promise<Map<string, unknown[]>> {
  const lines = (await python(LIST, bytes)).trim().split("\n");
  return new Map(lines.map((line) => {
    const [name, ...rest] = JSON.parse(line);
    return [name, rest];
  }));
}

const TEXT = "0123456789".repeat(300_000);
const NOISE = crypto.getRandomValues(new Uint8Array(60_000));

function everyKind(): FakeSource {
  const time = { mtime: 1_750_000_001_500_000_000n, uid: 70_000, gid: 100 };
  return new FakeSource("/srv/data").directory(".", time).file("plain", "content\n", { mode: 0o640, ...time })
    .file("empty", "", time).file("large", TEXT, time).file("noise", NOISE, time).link("link", "plain", time)
    .file("sub/caf\xc3\xa9", "utf-8", time).file("old", "", { mtime: 0n }).file("future", "", {
      mtime: 1n << 62n,
    })
    .directory("sub", { ...time, mode: (0x80000000 | 0o711) >>> 0 });
}

peerTest(["python3"], "Python reads a zip archive with modes, times, links and contents", async () => {
  const { bytes, failed, skipped, members } = await archived(await snapshotWith(everyKind()), {
    format: "zip",
  });
  assert.deepEqual([failed, skipped], [[], []]);
  const found = await listed(bytes);
  assert.equal(found.size, members);
  const time = [2025, 6, 15, 15, 6, 40];
  assert.deepEqual(found.get("plain"), ["0o100640", time, 8, 0, "content\n"]);
  assert.deepEqual(found.get("empty"), ["0o100644", time, 0, 0, ""]);
  assert.deepEqual(found.get("large"), ["0o100644", time, TEXT.length, 8, ""]);
  assert.deepEqual(found.get("noise"), ["0o100644", time, NOISE.length, 0, ""]);
  assert.deepEqual(found.get("link"), ["0o120777", time, 5, 0, "plain"]);
  assert.deepEqual(found.get("sub/"), ["0o40711", time, 0, 0, ""]);
  assert.deepEqual(found.get("sub/café"), ["0o100644", time, 5, 0, "utf-8"]);
  assert.deepEqual(found.get("old")?.[1], [1980, 1, 1, 0, 0, 0]);
  assert.deepEqual(found.get("future")?.[1], [2107, 12, 31, 23, 59, 58]);
});

peerTest(["unzip"], "unzip unpacks it", async () => {
  await using directory = await temporaryDirectory();
  const { bytes } = await archived(await snapshotWith(everyKind()), { format: "zip" });
  await Deno.writeFile(`${directory.path}/a.zip`, bytes);
  await runOn("unzip", ["-q", "-d", `${directory.path}/out`, `${directory.path}/a.zip`]);
  const at = (name: string) => `${directory.path}/out/${name}`;
  assert.equal(await Deno.readTextFile(at("large")), TEXT);
  assert.deepEqual(await Deno.readFile(at("noise")), NOISE);
  assert.equal(await Deno.readTextFile(at("sub/café")), "utf-8");
  assert.equal(await Deno.readLink(at("link")), "plain");
  const { mode, mtime } = await Deno.lstat(at("plain"));
  assert.deepEqual([(mode ?? 0) & 0o777, mtime?.getTime()], [0o640, 1_750_000_001_000]);
});

Deno.test("what zip has no place for is left out and told", async () => {
  const source = new FakeSource("/srv").special("pipe", MODE_PIPE).file("f", "");
  const { skipped, members } = await archived(await snapshotWith(source), { format: "zip" });
  assert.deepEqual(skipped, ["/srv/pipe"]);
  assert.equal(members, 2);
});

const INFO = new FakeSource("/srv").file("f", "").node("f").record.info;

peerTest(["python3"], "more than 65 535 members are counted", async () => {
  const pieces: Uint8Array[] = [];
  const writer = new ZipWriter((bytes) => {
    pieces.push(bytes);
    return Promise.resolve();
  });
  for (let i = 0; i < 66_000; i++) {
    await writer.begin({
      name: `${i}` as ByteString,
      type: "file",
      info: INFO,
      target: "" as ByteString,
      size: 0,
    });
    await writer.end();
  }
  await writer.finish();
  const script = "import sys, zipfile, io\n" +
    "print(len(zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read())).infolist()))";
  assert.equal((await python(script, Buffer.concat(pieces))).trim(), "66000");
});

peerTest(["python3"], "sizes and places beyond 4 GiB have fields of 64 bits", async () => {
  const script = `
import sys, zipfile, io
archive = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))
for m in archive.infolist(): print(m.filename, m.file_size, m.compress_size, m.header_offset)
print(archive.read("stored"))
`;
  const member = {
    info: INFO,
    isDeflated: false,
    isStreamed: true,
    isLarge: true,
    crc: 0x2144df1c,
    compressedSize: 4,
    size: 4,
    offset: 0,
    name: "stored" as ByteString,
  };
  const far = {
    ...member,
    name: "far" as ByteString,
    size: 5 * 2 ** 32,
    compressedSize: 2 ** 33,
    offset: 2 ** 34,
  };
  const beginning = concat(encodeLocalHeader(member), new Uint8Array(4), encodeDescriptor(member));
  const directory = concat(encodeCentralHeader(member), encodeCentralHeader(far));
  const bytes = concat(beginning, directory, encodeZipEnd(2, beginning.length, directory.length));
  assert.equal(
    await python(script, bytes),
    `stored 4 4 0\nfar ${5 * 2 ** 32} ${2 ** 33} ${2 ** 34}\nb'\\x00\\x00\\x00\\x00'\n`,
  );
});
