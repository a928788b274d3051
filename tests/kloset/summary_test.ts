import assert from "node:assert/strict";
import type { ByteString } from "../../src/lib/byte_string.ts";
import type { Entry } from "../../src/kloset/entry.ts";
import { decodeEntry } from "../../src/kloset/entry.ts";
import * as mode from "../../src/kloset/file_mode.ts";
import type { SummaryCounters } from "../../src/kloset/summary.ts";
import { decodeSummary, encodeSummary, noCounters } from "../../src/kloset/summary.ts";
import { SummaryBuilder } from "../../src/kloset/summary_builder.ts";
import {
  assertBytes,
  assertHostileRefused,
  assertSturdy,
  assertTruncationRefused,
  msgpackVector,
  withSeed,
} from "./vectors.ts";

const NAMES = ["summary_empty", "summary_one_file", "summary_child", "summary_nested"];
const SECOND = 1_000_000_000n;

/** The file of the vectors, changed where wanted. */
function file(changes: { size?: number; mode?: number; seconds?: bigint } & Partial<Entry> = {}): Entry {
  const { size, mode: bits, seconds, ...rest } = changes;
  const entry = { ...decodeEntry(msgpackVector("entry_file")), ...rest };
  entry.info.size = size ?? 5;
  entry.info.mode = bits ?? 0o644;
  entry.info.mtime = (seconds ?? 1_700_000_000n) * SECOND + 999n;
  return entry;
}

const symlink = (seconds: bigint) =>
  file({
    mode: (mode.MODE_SYMLINK | 0o777) >>> 0,
    size: 9,
    seconds,
    object: undefined,
    chunks: 0,
    entropy: 0,
    contentType: "application/x-not-regular-file" as ByteString,
  });

function childSummary() {
  const child = new SummaryBuilder();
  child.addFile(file({
    mode: mode.MODE_SETUID | 0o755,
    size: 100,
    chunks: 2,
    seconds: 1_600_000_000n,
    entropy: 7.5,
    contentType: "image/png" as ByteString,
  }));
  return child.finish();
}

Deno.test("summaries have the bytes that Go writes, and read back", () => {
  for (const name of NAMES) {
    assertBytes(encodeSummary(decodeSummary(msgpackVector(name))), msgpackVector(name));
  }
});

Deno.test("an empty directory, one file and a directory below add up as plakar adds them", () => {
  assertBytes(encodeSummary(new SummaryBuilder().finish()), msgpackVector("summary_empty"));
  const one = new SummaryBuilder();
  one.addFile(file());
  assertBytes(encodeSummary(one.finish()), msgpackVector("summary_one_file"));
  assertBytes(encodeSummary(childSummary()), msgpackVector("summary_child"));
});

Deno.test("a directory of everything adds up as plakar adds it", () => {
  const nested = new SummaryBuilder();
  nested.addFile(file());
  nested.addFile(symlink(1_700_000_001n));
  nested.addDirectory(childSummary());
  nested.addDirectory(new SummaryBuilder().finish());
  nested.addErrors(2);
  assertBytes(encodeSummary(nested.finish()), msgpackVector("summary_nested"));
});

Deno.test("every kind of file has its counter", () => {
  const kinds: [bits: number, counter: keyof SummaryCounters][] = [
    [0o644, "files"],
    [mode.MODE_SYMLINK, "symlinks"],
    [mode.MODE_DEVICE | mode.MODE_CHARACTER, "devices"],
    [mode.MODE_PIPE, "pipes"],
    [mode.MODE_SOCKET, "sockets"],
    [mode.MODE_IRREGULAR, "files"],
    [mode.MODE_SETGID, "setgid"],
    [mode.MODE_STICKY, "sticky"],
  ];
  for (const [bits, counter] of kinds) {
    const builder = new SummaryBuilder();
    builder.addFile(file({ mode: bits }));
    const { directory } = builder.finish();
    assert.equal(directory[counter], 1, counter);
    assert.equal(directory.children, 1);
  }
});

Deno.test("every family of content types has its counter", () => {
  const types: [contentType: string, counter: keyof SummaryCounters][] = [
    ["text/plain", "mimeText"],
    ["image/png", "mimeImage"],
    ["audio/mpeg", "mimeAudio"],
    ["video/mp4", "mimeVideo"],
    ["application/pdf", "mimeApplication"],
    ["font/woff", "mimeOther"],
    ["", "mimeOther"],
  ];
  for (const [contentType, counter] of types) {
    const builder = new SummaryBuilder();
    builder.addFile(file({ contentType: contentType as ByteString }));
    assert.equal(builder.finish().directory[counter], 1, contentType);
  }
});

Deno.test("times before 1970 are rounded down", () => {
  const builder = new SummaryBuilder();
  builder.addFile(file({ seconds: -2n }));
  assert.equal(builder.finish().directory.minModTime, -2);
});

Deno.test("errors of a directory below are counted once", () => {
  const child = new SummaryBuilder();
  child.addErrors(3);
  const parent = new SummaryBuilder();
  parent.addDirectory(child.finish());
  parent.addErrors();
  assert.equal(parent.finish().below.errors, 4);
});

Deno.test("any summary survives", () => {
  withSeed((random) => {
    for (let i = 0; i < 100; i++) {
      const counters = (): SummaryCounters => {
        const made = noCounters();
        for (const name of Object.keys(made) as (keyof SummaryCounters)[]) {
          made[name] = random.pick(0, random.below(2 ** 32));
        }
        return made;
      };
      const below = { ...counters(), avgSize: 0, sumEntropy: 0, avgEntropy: 0 };
      const summary = { directory: counters(), below };
      assert.deepEqual(decodeSummary(encodeSummary(summary)), summary);
    }
  });
});

Deno.test("damage to a summary is an error that says so", () => {
  assertTruncationRefused(msgpackVector("summary_nested"), decodeSummary);
  assertSturdy(msgpackVector("summary_nested"), decodeSummary);
  assertHostileRefused(decodeSummary);
});
