/** The snapshots of a repository, and how a person names one of them. */

import { type ByteString, fromText } from "../lib/byte_string.ts";
import { toHex } from "../lib/bytes.ts";
import { forEachBounded } from "../lib/concurrency.ts";
import { messageOf, PlakarError } from "../lib/errors.ts";
import type { Repository } from "../repository/repository.ts";
import { Snapshot } from "./snapshot.ts";

const HEADERS_IN_FLIGHT = 16;

/**
 * All live snapshots, newest first.
 *
 * @param repository the repository
 * @param warn told of snapshots whose header cannot be read
 * @returns the snapshots that can
 */
export async function listSnapshots(
  repository: Repository,
  warn: (message: string) => void,
): Promise<Snapshot[]> {
  const snapshots: Snapshot[] = [];
  await forEachBounded(repository.state.snapshots, HEADERS_IN_FLIGHT, async (id) => {
    try {
      snapshots.push(await Snapshot.load(repository, id));
    } catch (error) {
      warn(`Cannot read snapshot ${toHex(id).slice(0, 8)}: ${messageOf(error)}`);
    }
  });
  return snapshots.sort((a, b) => Number(b.header.timestamp - a.header.timestamp));
}

/** A snapshot and a path in it, as given on the command line: `PREFIX[:PATH]` or `/PATH`. */
export interface SnapshotReference {
  /** The first digits of its identifier, perhaps none. */
  prefix: string;
  /** The path, perhaps empty: relative to the directory the snapshot was made from, or absolute. */
  path: ByteString;
}

/**
 * Takes a reference apart.
 *
 * @param text what the person gave
 * @returns prefix and path
 */
export function parseReference(text: string): SnapshotReference {
  if (text.startsWith("/")) return { prefix: "", path: fromText(text) };
  const colon = text.indexOf(":");
  const prefix = colon < 0 ? text : text.slice(0, colon);
  if (!/^[0-9a-f]*$/.test(prefix)) {
    throw new PlakarError(
      "usage",
      `Invalid snapshot prefix "${prefix}": it must be lower-case hexadecimal digits`,
      {
        hint: "`plakar ls` lists the snapshots",
      },
    );
  }
  return { prefix, path: fromText(colon < 0 ? "" : text.slice(colon + 1)) };
}

/**
 * The one snapshot that a prefix names.
 *
 * @param repository the repository
 * @param prefix the first digits of its identifier
 * @returns the snapshot
 * @throws {PlakarError} `not-found` or `ambiguous`
 */
export async function findSnapshot(repository: Repository, prefix: string): Promise<Snapshot> {
  const matching = repository.state.snapshots.filter((id) => toHex(id).startsWith(prefix));
  if (matching.length === 0) {
    throw new PlakarError("not-found", `no snapshot has prefix: ${prefix}`, {
      hint: "`plakar ls` lists the snapshots",
    });
  }
  if (matching.length > 1) {
    throw new PlakarError(
      "ambiguous",
      `snapshot ID is ambiguous: ${prefix} (matches ${matching.length} snapshots)`,
      {
        hint: "Give more digits of the identifier; `plakar ls -uuid` shows all of them",
      },
    );
  }
  return await Snapshot.load(repository, matching[0]);
}
