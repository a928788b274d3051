/** What `plakar diff` compares: how its arguments become the two sides. */

import type { Importer } from "../connectors/importer/importer.ts";
import { openImporter } from "../connectors/importer/open_importer.ts";
import { toLocalPath } from "../connectors/local/local_path.ts";
import type { Location } from "../connectors/location.ts";
import { join } from "../lib/byte_path.ts";
import { type ByteString, display } from "../lib/byte_string.ts";
import type { Repository } from "../repository/repository.ts";
import type { ComparedSide } from "../snapshot/diff/compared_side.ts";
import { LiveSide } from "../snapshot/diff/live_side.ts";
import { SnapshotSide } from "../snapshot/diff/snapshot_side.ts";
import type { Snapshot } from "../snapshot/snapshot.ts";
import { findSnapshot } from "../snapshot/snapshot_list.ts";
import { locationOf } from "./configuration_of.ts";
import { printableName } from "./format/printable_name.ts";
import { isIdPrefix, parseSnapshotReference } from "./format/snapshot_reference.ts";
import type { DIFF_OPTIONS } from "./grammar/table/contents.ts";
import type { Invocation } from "./invocation.ts";
import { connectEnvironment } from "./machine.ts";

/** One side, and how its paths are shown. */
export interface DiffOperand extends AsyncDisposable {
  /** The side. */
  readonly side: ComparedSide;
  /** What it is, for JSON lines: a snapshot's id, a host, or nothing for this machine. */
  readonly label: Readonly<Record<string, unknown>>;
  /** A path in messages. */
  readonly shown: (path: ByteString) => string;
  /** A path in the first lines of a unified diff. */
  readonly header: (path: ByteString) => string;
}

/** The two sides. */
export type DiffOperands = readonly [DiffOperand, DiffOperand];

/**
 * Opens what is compared.
 *
 * @param repository the repository of the snapshots
 * @param invocation the command's run
 * @returns the first side, a snapshot, and the second
 */
export async function openDiffOperands(
  repository: Repository,
  invocation: Invocation<typeof DIFF_OPTIONS>,
): Promise<DiffOperands> {
  const { args: [first, second] } = invocation;
  const one = parseSnapshotReference(first);
  const snapshot = await findSnapshot(repository, one.prefix);
  if (second !== undefined && isSnapshotReference(second)) {
    const other = parseSnapshotReference(second);
    const otherSnapshot = await findSnapshot(repository, other.prefix);
    return [
      await snapshotOperand(snapshot, snapshot.resolve(one.path)),
      await snapshotOperand(otherSnapshot, otherSnapshot.resolve(other.path)),
    ];
  }
  const path = snapshot.resolve(one.path);
  if (second === undefined) {
    const live = await openImporter(
      { protocol: "fs", path: toLocalPath(path) },
      connectEnvironment(invocation),
    );
    return await withSnapshot(() => snapshotOperand(snapshot, path), live, invocation);
  }
  const { location } = await locationOf(invocation, "source", second, invocation.options.o);
  const importer = await openImporter(withPathOf(location, path), connectEnvironment(invocation));
  const there = importer.only === undefined ? importer.root : join(importer.root, importer.only);
  const open = async () => {
    if (one.path !== undefined || !(await has(snapshot, there))) return await snapshotOperand(snapshot, path);
    return await snapshotOperand(snapshot, there);
  };
  return await withSnapshot(open, importer, invocation);
}

/** A snapshot begins with hexadecimal digits or a colon; what begins otherwise is a place. */
function isSnapshotReference(text: string): boolean {
  const colon = text.indexOf(":");
  return colon === 0 || isIdPrefix(colon < 0 ? text : text.slice(0, colon));
}

/** A location without a path means the path of the snapshot. */
function withPathOf(location: Location, path: ByteString): Location {
  return location.protocol === "sftp" && location.path === undefined ? { ...location, path } : location;
}

async function has(snapshot: Snapshot, path: ByteString): Promise<boolean> {
  return await snapshot.entry(path) !== undefined;
}

async function snapshotOperand(snapshot: Snapshot, path: ByteString): Promise<DiffOperand> {
  return {
    side: await SnapshotSide.open(snapshot, path),
    label: { snapshot: snapshot.shortId },
    shown: printableName,
    header: (path) => `${snapshot.shortId}:${printableName(path)}`,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Opens the snapshot's side beside an importer, which is closed if that fails. */
async function withSnapshot(
  open: () => Promise<DiffOperand>,
  importer: Importer,
  { output }: Pick<Invocation, "output">,
): Promise<DiffOperands> {
  try {
    const one = await open();
    const side = await LiveSide.open({ importer, warn: (message) => output.warn(message) });
    const host = importer.type === "fs" ? "" : `${display(importer.origin as ByteString)}:`;
    const shown = (path: ByteString) => host + printableName(path);
    const label = importer.type === "fs" ? {} : { origin: importer.origin };
    const dispose = async () => {
      await side[Symbol.asyncDispose]();
      await importer[Symbol.asyncDispose]();
    };
    return [one, { side, label, shown, header: shown, [Symbol.asyncDispose]: dispose }];
  } catch (error) {
    await importer[Symbol.asyncDispose]();
    throw error;
  }
}
