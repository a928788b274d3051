import assert from "node:assert/strict";
import type { ByteString } from "../../src/lib/byte_string.ts";
import type { Entry } from "../../src/kloset/entry.ts";
import { decodeEntry, encodeEntry, entryPath } from "../../src/kloset/entry.ts";
import { MODE_DIRECTORY, MODE_SYMLINK } from "../../src/kloset/file_mode.ts";
import { MsgpackWriter } from "../../src/kloset/msgpack_writer.ts";
import { decodeSummary, encodeSummary } from "../../src/kloset/summary.ts";
import { fromHex, toHex } from "../../src/lib/bytes.ts";
import { isPlakarError } from "../../src/lib/errors.ts";
import {
  assertBytes,
  assertHostileRefused,
  assertSturdy,
  assertTruncationRefused,
  msgpackVector,
  Random,
  withSeed,
} from "./vectors.ts";

const VECTORS = [
  "entry_file",
  "entry_dir",
  "entry_root_synth",
  "entry_symlink",
  "entry_empty_file",
  "entry_xattrs",
];
const corrupt = (error: unknown) => isPlakarError(error, "corrupt");

function entry(parentPath: string, name: string): Entry {
  return {
    parentPath: parentPath as ByteString,
    info: {
      name: name as ByteString,
      size: 0,
      mode: 0o644,
      mtime: 0n,
      dev: 0n,
      ino: 0n,
      uid: 0,
      gid: 0,
      nlink: 0,
      username: "" as ByteString,
      groupname: "" as ByteString,
    },
    symlinkTarget: "" as ByteString,
    object: undefined,
    contentType: "" as ByteString,
    entropy: 0,
    chunks: 0,
    extendedAttributes: [],
  };
}

Deno.test("entries have the bytes that Go writes, and read back", () => {
  for (const name of VECTORS) {
    assertBytes(encodeEntry(decodeEntry(msgpackVector(name))), msgpackVector(name));
  }
});

Deno.test("an entry holds what Go put in it", () => {
  const file = decodeEntry(msgpackVector("entry_file"));
  assert.equal(entryPath(file), "/home/alice/hello.txt");
  assert.equal(toHex(file.object ?? new Uint8Array()), "44".repeat(32));
  assert.equal(file.chunks, 1);
  const link = decodeEntry(msgpackVector("entry_symlink"));
  assert.equal(link.info.mode, (MODE_SYMLINK | 0o777) >>> 0);
  assert.equal(link.symlinkTarget, "hello.txt");
  assert.equal(link.object, undefined);
  assert.deepEqual(decodeEntry(msgpackVector("entry_xattrs")).extendedAttributes, [
    "security.selinux",
    "user.a",
  ]);
});

Deno.test("the root is its own directory", () => {
  const root = decodeEntry(msgpackVector("entry_root_synth"));
  assert.equal(entryPath(root), "/");
  assert.equal(root.info.mode, (MODE_DIRECTORY | 0o750) >>> 0);
  assert.equal(entryPath(decodeEntry(encodeEntry(entry("", "/")))), "/");
});

function randomEntry(random: Random): Entry {
  const name = () => "n" + String.fromCharCode(...random.bytes(random.below(300))).replaceAll(/[/\0]/g, "_");
  const made = entry(random.pick("/", "/" + name(), `/${name()}/${name()}`), name());
  made.info.size = random.below(2 ** 32) * 1000;
  made.info.mode = random.below(2 ** 32);
  made.info.mtime = random.bits64();
  made.symlinkTarget = random.pick("", name()) as ByteString;
  made.object = random.pick(undefined, new Uint8Array(32).fill(1 + random.below(255)));
  made.contentType = random.pick("", "text/plain") as ByteString;
  made.entropy = random.pick(0, 0.1, 8);
  made.chunks = random.pick(0, 1, 2 ** 40);
  made.extendedAttributes = Array.from({ length: random.pick(0, 0, 3, 40) }, () => name() as ByteString);
  return made;
}

Deno.test("any entry survives", () => {
  withSeed((random) => {
    for (let i = 0; i < 300; i++) {
      const made = randomEntry(random);
      assert.deepEqual(decodeEntry(encodeEntry(made)), made);
    }
  });
});

/** An entry as another program might write it, with every field that this one never fills. */
function foreignEntry(values: Record<string, string>): Uint8Array {
  const own = encodeEntry(entry("/d", "f"));
  const writer = new MsgpackWriter();
  const fields = Object.entries(values);
  writer.mapHeader(5 + fields.length);
  writer.raw(own.subarray(1));
  for (const [field, hex] of fields) {
    writer.key(field);
    writer.raw(fromHex(hex));
  }
  return writer.take();
}

Deno.test("fields that are never filled are kept, so that the entry keeps its bytes", () => {
  const foreign = foreignEntry({
    alternate_data_streams: "91a161",
    security_descriptor: "c40101",
    file_attributes: "ce00000020",
    extended_attributes: "91a178",
    classifications: "9183a8616e616c797a6572a161a7636c617373657390a673636f72657390",
    custom_metadata: "9182a36b6579a16ba576616c7565c40161",
    tags: "91a174",
  });
  const decoded = decodeEntry(foreign);
  assert.equal(decoded.unused?.size, 6);
  assertBytes(encodeEntry(decoded), foreign);
});

Deno.test("unused fields that are empty are left out, as Go leaves them out", () => {
  const foreign = foreignEntry({
    alternate_data_streams: "90",
    security_descriptor: "c400",
    file_attributes: "ce00000000",
    tags: "c0",
  });
  assert.equal(decodeEntry(foreign).unused, undefined);
  assertBytes(encodeEntry(decodeEntry(foreign)), encodeEntry(entry("/d", "f")));
});

Deno.test("unknown fields are skipped", () => {
  const foreign = foreignEntry({ something_new: "9301a1610a" });
  assert.deepEqual(decodeEntry(foreign), entry("/d", "f"));
});

Deno.test("the summary that plakar 1.0 kept in a directory's entry is kept and readable", () => {
  const summary = msgpackVector("summary_child");
  const directory = { ...entry("/", "d"), unused: new Map([["summary" as const, summary]]) };
  const decoded = decodeEntry(encodeEntry(directory));
  assertBytes(encodeSummary(decodeSummary(decoded.unused?.get("summary") ?? new Uint8Array())), summary);
  assertBytes(encodeEntry(decoded), encodeEntry(directory));
});

Deno.test("a name that could lead elsewhere is corruption", () => {
  for (const name of ["", ".", "..", "a/b", "/a", "a\0b", "../x"]) {
    assert.throws(() => decodeEntry(encodeEntry(entry("/d", name))), corrupt, name);
  }
  assert.throws(() => decodeEntry(encodeEntry(entry("/d", "/"))), corrupt);
  assert.equal(entryPath(decodeEntry(encodeEntry(entry("/d", "...")))), "/d/...");
});

Deno.test("a directory that is not absolute and clean is corruption", () => {
  for (const parent of ["", "d", "/d/", "//d", "/d/../e", "/./d", "/..", "/d\0"]) {
    assert.throws(() => decodeEntry(encodeEntry(entry(parent, "f"))), corrupt, parent);
  }
});

Deno.test("an entry without file info is corruption", () => {
  assert.throws(() => decodeEntry(fromHex("80")), corrupt);
  assert.throws(() => decodeEntry(fromHex("c0")), corrupt);
});

Deno.test("damage to an entry is an error that says so", () => {
  for (const name of ["entry_xattrs", "entry_symlink"]) {
    assertTruncationRefused(msgpackVector(name), decodeEntry);
    assertSturdy(msgpackVector(name), decodeEntry);
  }
  assertHostileRefused(decodeEntry);
});
