/** Archives of test snapshots, and what other programs read in them. */

import assert from "node:assert/strict";
import type { ByteString } from "../../../src/lib/byte_string.ts";
import { concat } from "../../../src/lib/bytes.ts";
import { archive, type ArchiveOptions } from "../../../src/snapshot/archive/archive.ts";
import type { Snapshot } from "../../../src/snapshot/snapshot.ts";
import type { FakeSource } from "../../support/fake_source.ts";
import { MemoryStorage } from "../../support/memory_storage.ts";
import { findProgram } from "../../support/peers.ts";
import { makeBackup, snapshotOf } from "../../support/snapshots.ts";
import { newTestRepository } from "../../support/test_repository.ts";

/** An archive, and what was told while it was written. */
export interface WrittenArchive {
  bytes: Uint8Array;
  failed: string[];
  skipped: string[];
  members: number;
}

/** A snapshot of a source, in a repository of small chunks. */
export async function snapshotWith(source: FakeSource): Promise<Snapshot> {
  const repository = await newTestRepository(new MemoryStorage(), { chunkSizes: [64, 1024, 4096] });
  return await snapshotOf(repository, await makeBackup(repository, source));
}

/** Writes an archive into memory. */
export async function archived(
  snapshot: Snapshot,
  options: Partial<ArchiveOptions> = {},
): Promise<WrittenArchive> {
  const pieces: Uint8Array[] = [];
  const failed: string[] = [];
  const skipped: string[] = [];
  const { members } = await archive({
    snapshot,
    path: snapshot.directory,
    format: "tar",
    rebase: true,
    sink: (bytes) => {
      pieces.push(bytes);
      return Promise.resolve();
    },
    failed: (path, error) => void failed.push(`${path} ${error.code}`),
    skipped: (path) => void skipped.push(path),
    ...options,
  });
  return { bytes: concat(...pieces), failed, skipped, members };
}

/** Runs a program on bytes and returns what it prints. */
export async function runOn(program: string, args: string[], input?: Uint8Array): Promise<Uint8Array> {
  const child = new Deno.Command(findProgram(program) ?? program, {
    args,
    stdin: input ? "piped" : "null",
    stdout: "piped",
    stderr: "piped",
    env: { LC_ALL: "C.UTF-8", TZ: "UTC" },
  }).spawn();
  const feed = async () => {
    if (!input) return;
    const writer = child.stdin.getWriter();
    // A program may have seen enough before the end.
    await writer.write(input).then(() => writer.close()).catch(() => {});
  };
  const [, { success, stdout, stderr }] = await Promise.all([feed(), child.output()]);
  assert.ok(success, `${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  assert.equal(new TextDecoder().decode(stderr), "");
  return stdout;
}

/** What Python prints of a script that is given the archive. */
export async function python(script: string, input: Uint8Array): Promise<string> {
  return new TextDecoder().decode(await runOn("python3", ["-c", script], input));
}

/** Bytes from Python, which prints them in hexadecimal digits. */
export function fromPython(hex: string): ByteString {
  return (hex.match(/../g) ?? []).map((byte) => String.fromCharCode(parseInt(byte, 16))).join(
    "",
  ) as ByteString;
}
