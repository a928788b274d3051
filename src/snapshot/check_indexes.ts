/**
 * Checking what a snapshot's header leads to beside the contents of files: its six trees, and every entry,
 * directory, attribute, error and summary in them. A restore does without most of it, but searching,
 * comparing, the next backup and maintenance do not.
 */

import { decodeEntry, entryPath } from "../kloset/entry.ts";
import { decodeErrorItem } from "../kloset/error_item.ts";
import { DirpackReader } from "../kloset/dirpack.ts";
import { compareBytes, comparePaths } from "../kloset/path_order.ts";
import { resourceName, ResourceType } from "../kloset/resource.ts";
import { decodeSummary } from "../kloset/summary.ts";
import { decodeXattr } from "../kloset/xattr.ts";
import { type ByteString, display, ROOT } from "../lib/byte_string.ts";
import { equal, toHex } from "../lib/bytes.ts";
import { forEachBounded } from "../lib/concurrency.ts";
import { PlakarError } from "../lib/errors.ts";
import { checkContent } from "./check_content.ts";
import { readWholeTree, type StoredTree } from "./check_tree.ts";
import type { Snapshot } from "./snapshot.ts";
import type { VerifiedBlobs } from "./verified_blobs.ts";

/** What {@linkcode checkIndexes} works with. */
export interface IndexCheck {
  /** The snapshot. */
  snapshot: Snapshot;
  /** Only whether everything is there, not whether it is intact. */
  fast: boolean;
  /** What was verified before. */
  verified: VerifiedBlobs;
  /** Told what is damaged, under the path that it is about. */
  failed: (path: ByteString, error: unknown) => void;
  /** Stops the check. */
  signal?: AbortSignal;
}

const BLOBS_IN_FLIGHT = 16;

/** A tree, and what its keys and values are. */
interface CheckedTree extends StoredTree {
  /** The path that a key is about; the key itself if omitted. */
  pathOf?: (key: ByteString) => ByteString;
  /** Checks what a key leads to and returns how many entries that holds. */
  check: (check: IndexCheck, path: ByteString, value: Uint8Array) => Promise<number>;
}

/**
 * Checks all trees of a snapshot.
 *
 * @param check the snapshot and how deep to look
 */
export async function checkIndexes(check: IndexCheck): Promise<void> {
  const { header, repository } = check.snapshot;
  let failures = 0;
  const failed = (path: ByteString, error: unknown) => {
    failures++;
    check.failed(path, error);
  };
  const entries = new Map<string, number>();
  for (const tree of treesOf(check.snapshot)) {
    if (check.verified.isIntactTree(tree.rootType, tree.root)) continue;
    const before = failures;
    entries.set(tree.name, await checkTree({ ...check, failed }, tree));
    if (failures === before) check.verified.addIntactTree(tree.rootType, tree.root);
  }
  const [listed, packed] = [entries.get(ENTRIES), entries.get(DIRECTORIES)];
  // Only the entry of the root is in no directory.
  if (
    failures === 0 && !check.fast && listed !== undefined && packed !== undefined && listed !== packed + 1
  ) {
    failed(ROOT, corrupt(`${ENTRIES} has ${listed} paths, ${DIRECTORIES} ${packed + 1}`));
  }
  if (header.identity.identifier.some((byte) => byte !== 0)) {
    await repository.readBlob(ResourceType.signature, header.identifier).catch((error) =>
      failed(ROOT, error)
    );
  }
}

/** Checks a tree and returns how many entries its values hold. */
async function checkTree(check: IndexCheck, tree: CheckedTree): Promise<number> {
  let entries = 0;
  const pairs = readWholeTree(check.snapshot.repository, tree, (error) => check.failed(ROOT, error));
  await forEachBounded(pairs, BLOBS_IN_FLIGHT, async ([key, value]) => {
    check.signal?.throwIfAborted();
    const path = tree.pathOf?.(key) ?? key;
    try {
      const held = await tree.check(check, path, value);
      entries += held;
    } catch (error) {
      check.failed(path, error);
    }
  });
  return entries;
}

const ENTRIES = "the tree of entries";
const DIRECTORIES = "the index of directories";

function treesOf({ header }: Snapshot): CheckedTree[] {
  const [{ root, indexes }] = header.sources;
  const { vfsBtree, vfsNode, errorBtree, errorNode, xattrBtree, xattrNode, btreeRoot, btreeNode } =
    ResourceType;
  const trees: CheckedTree[] = [
    {
      name: ENTRIES,
      rootType: vfsBtree,
      nodeType: vfsNode,
      root: root.root,
      compare: comparePaths,
      check: checkEntry,
    },
    {
      name: "the tree of errors",
      rootType: errorBtree,
      nodeType: errorNode,
      root: root.errors,
      compare: compareBytes,
      check: checkErrorItem,
    },
    {
      name: "the tree of attributes",
      rootType: xattrBtree,
      nodeType: xattrNode,
      root: root.xattrs,
      // plakar writes it in another order than it reads it in: nobody looks a single key up.
      compare: undefined,
      check: checkXattr,
    },
  ];
  for (const { name, value } of indexes) {
    const index = INDEXES[name];
    if (!index) continue;
    trees.push({ ...index, rootType: btreeRoot, nodeType: btreeNode, root: value, compare: compareBytes });
  }
  return trees;
}

const INDEXES: Record<string, Pick<CheckedTree, "name" | "check" | "pathOf"> | undefined> = {
  "dirpack": { name: DIRECTORIES, check: checkDirpack },
  "content-type": {
    name: "the index of content types",
    check: checkEntry,
    // A key is `/`, the content type with its slash, and the path.
    pathOf: (key) => key.slice(key.indexOf("/", key.indexOf("/", 1) + 1)) as ByteString,
  },
  "summary": { name: "the index of summaries", check: checkSummary },
};

async function checkEntry(check: IndexCheck, path: ByteString, mac: Uint8Array): Promise<number> {
  await checkBlob(check, ResourceType.vfsEntry, mac, (bytes) => {
    const found = entryPath(decodeEntry(bytes));
    if (found !== path) throw corrupt(`the entry of "${display(path)}" is that of "${display(found)}"`);
  });
  return 1;
}

async function checkErrorItem(check: IndexCheck, _: ByteString, mac: Uint8Array): Promise<number> {
  await checkBlob(check, ResourceType.errorEntry, mac, decodeErrorItem);
  return 0;
}

async function checkSummary(check: IndexCheck, _: ByteString, mac: Uint8Array): Promise<number> {
  await checkBlob(check, ResourceType.vfsSummary, mac, decodeSummary);
  return 0;
}

async function checkXattr(check: IndexCheck, _: ByteString, mac: Uint8Array): Promise<number> {
  const { snapshot, verified, fast, signal } = check;
  const { object } = decodeXattr(await snapshot.repository.readBlob(ResourceType.xattrEntry, mac));
  await verified.content(object, () => checkContent({ snapshot, fast, signal }, object));
  return 0;
}

async function checkDirpack(check: IndexCheck, path: ByteString, object: Uint8Array): Promise<number> {
  const { snapshot, verified, fast, signal } = check;
  if (!fast) return await verified.dirpack(object, () => checkFrames(check, path, object));
  await verified.content(object, () => checkContent({ snapshot, fast, signal }, object));
  return 0;
}

/** Checks the copies of entries that a directory has, and returns how many there are. */
async function checkFrames(check: IndexCheck, path: ByteString, object: Uint8Array): Promise<number> {
  const { snapshot } = check;
  const { codec } = snapshot.repository;
  const frames = new DirpackReader();
  let count = 0;
  for await (const piece of snapshot.content(await snapshot.object(object))) {
    for (const { entry, mac } of frames.push(piece)) {
      count++;
      const { info, parentPath } = decodeEntry(entry);
      const name = `"${display(info.name)}" in the directory "${display(path)}"`;
      if (parentPath !== path) throw corrupt(`${name} belongs to "${display(parentPath)}"`);
      if (!equal(codec.mac.mac(entry), mac)) throw corrupt(`${name} does not match its MAC`);
      await checkBlob(check, ResourceType.vfsEntry, mac, decodeEntry);
    }
  }
  frames.finish();
  return count;
}

/** Reads and decodes a blob, or only looks whether it is there. */
async function checkBlob(
  { snapshot: { repository }, verified, fast }: IndexCheck,
  type: ResourceType,
  mac: Uint8Array,
  decode: (bytes: Uint8Array) => unknown,
): Promise<void> {
  if (!fast) {
    return await verified.blob(type, mac, async () => void decode(await repository.readBlob(type, mac)));
  }
  if (!repository.blobs.has(type, mac)) {
    const name = `${resourceName(type)} ${toHex(mac)}`;
    throw new PlakarError("corrupt", `Cannot find ${name}: no packfile of the repository holds it`);
  }
}

function corrupt(state: string): PlakarError {
  return new PlakarError("corrupt", `The snapshot contradicts itself: ${state}`);
}
