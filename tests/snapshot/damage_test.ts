/** Every byte of a small repository changed, every file of it cut off: detected, never a crash, never wrong data. */

import assert from "node:assert/strict";
import { ResourceType } from "../../src/kloset/resource.ts";
import {
  decodePackfileFooter,
  decodePackfileIndex,
  encodedFooterOf,
  encodedIndexOf,
} from "../../src/kloset/packfile.ts";
import { encodeHeader } from "../../src/kloset/header.ts";
import { unwrap } from "../../src/kloset/wrapper.ts";
import { toHex } from "../../src/lib/bytes.ts";
import { PlakarError } from "../../src/lib/errors.ts";
import type { Repository } from "../../src/repository/repository.ts";
import { Snapshot } from "../../src/snapshot/snapshot.ts";
import { FakeSource } from "../support/fake_source.ts";
import { MemoryStorage } from "../support/memory_storage.ts";
import { checkAll, makeBackup, treeOf } from "../support/snapshots.ts";
import {
  newTestRepository,
  openTestRepository,
  type TestRepositoryOptions,
} from "../support/test_repository.ts";

interface Sight {
  /** What a restore would read, and the header. */
  tree?: string;
  /** What went wrong when the snapshot was made. */
  errors?: string;
  /** Why the one or the other could not be read. */
  failure?: unknown;
}

/** What a person can see of a snapshot, or what they are told instead. */
async function look(storage: MemoryStorage, id: Uint8Array): Promise<Sight> {
  const sight: Sight = {};
  try {
    const snapshot = await Snapshot.load(await openTestRepository(storage), id);
    sight.errors = JSON.stringify(await Array.fromAsync(snapshot.errors()));
    sight.tree = JSON.stringify([[...await treeOf(snapshot)], toHex(encodeHeader(snapshot.header))]);
  } catch (error) {
    assert.ok(error instanceof PlakarError, `${error}`);
    sight.failure = error;
  }
  return sight;
}

/** Whether opening or a deep check finds anything wrong. */
async function isDetected(storage: MemoryStorage, id: Uint8Array): Promise<boolean> {
  try {
    const repository = await openTestRepository(storage);
    assert.deepEqual(repository.state.snapshots.map(toHex), [toHex(id)]);
    return (await checkAll(await Snapshot.load(repository, id))).errors > 0;
  } catch (error) {
    assert.ok(error instanceof PlakarError, `${error}`);
    return true;
  }
}

/** The bytes of a packfile that are padding, which nobody ever reads, but for the first and last of each. */
function isSkipped({ codec }: Repository, file: Uint8Array): (at: number) => boolean {
  const { payload } = unwrap(file, ResourceType.packfile, (data) => codec.mac.mac(data));
  const footer = decodePackfileFooter(codec.decode(encodedFooterOf(payload), 100));
  const index = decodePackfileIndex(codec.decode(encodedIndexOf(payload, footer), 1e6), footer.indexOffset);
  const padding = index.filter(({ type }) => type === ResourceType.random);
  return (at) => padding.some(({ offset, length }) => at > offset + 16 && at < offset + 15 + length);
}

async function setUp(options: TestRepositoryOptions) {
  const storage = new MemoryStorage();
  const repository = await newTestRepository(storage, options);
  const source = new FakeSource("/r").file("file", "some text").link("link", "file").file("bad", "");
  source.failRead("bad", "Permission denied");
  const { header } = await makeBackup(repository, source);
  const before = await look(storage, header.identifier);
  assert.ok(before.tree && before.errors?.includes("Permission denied"));
  return { storage, repository, id: header.identifier, before };
}

const SETTINGS = [
  { step: 1, options: {} },
  { step: 5, options: { compression: "LZ4" } },
  { step: 7, options: { compression: "GZIP", hashing: "SHA256" } },
  { step: 11, options: { compression: "LZ4", encrypted: true } },
] as const;

for (const { step, options } of SETTINGS) {
  Deno.test(`a changed byte changes nothing that is read, or is found: ${JSON.stringify(options)}`, async () => {
    const { storage, repository, id, before } = await setUp(options);
    let detected = 0;
    for (const kind of ["state", "packfile"] as const) {
      for (const [name, file] of storage.files[kind]) {
        const skipped = kind === "packfile" ? isSkipped(repository, file) : () => false;
        for (let at = 0; at < file.length; at += step) {
          if (skipped(at)) continue;
          const damaged = file.slice();
          damaged[at] ^= 1 << at % 8;
          storage.files[kind].set(name, damaged);
          const what = `byte ${at} of ${kind} ${name}`;
          const { tree, errors, failure } = await look(storage, id);
          if (errors !== undefined) assert.equal(errors, before.errors, what);
          if (errors === undefined && kind === "packfile") continue;
          if (tree === before.tree) continue;
          assert.ok(await isDetected(storage, id), `${what}: ${failure}`);
          detected++;
        }
        storage.files[kind].set(name, file);
      }
    }
    assert.ok(detected * step > 2000, `${detected} changes were found`);
  });
}

Deno.test("a file cut off anywhere is found, or what was cut off is never read", async () => {
  const { storage, id, before } = await setUp({ compression: "LZ4" });
  for (const kind of ["state", "packfile"] as const) {
    for (const [name, file] of storage.files[kind]) {
      const step = kind === "state" ? 1 : 97;
      for (let length = 0; length < file.length; length += step) {
        storage.files[kind].set(name, file.slice(0, length));
        const { tree } = await look(storage, id);
        const what = `${kind} ${name} of ${length} bytes`;
        if (tree !== undefined) assert.equal(tree, before.tree, what);
        if (tree === undefined || kind === "state") assert.ok(await isDetected(storage, id), what);
      }
      storage.files[kind].set(name, file);
    }
  }
});

Deno.test("files that changed places are found", async () => {
  const { storage, id } = await setUp({});
  const { packfile } = storage.files;
  const [[one, first], [two, second]] = packfile;
  packfile.set(one, second).set(two, first);
  assert.equal(await isDetected(storage, id), true);
  packfile.set(one, first).set(two, second);
  assert.equal(await isDetected(storage, id), false);
  const [[state, bytes]] = storage.files.state;
  storage.files.state.set(state, first);
  assert.equal(await isDetected(storage, id), true);
  storage.files.state.set(state, bytes);
  packfile.set(one, bytes);
  assert.equal(await isDetected(storage, id), true);
});
