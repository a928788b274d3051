/**
 * States: the append-only log of which blobs, packfiles and snapshots a repository has.
 *
 * ```
 * parent MAC (32, since 1.1.0)
 * repeat: entry type u8 || length u32 LE || entry
 * 1 u8 || version u32 LE || timestamp i64 LE || serial (16)
 * ```
 */

import { viewOf, ZERO_MAC } from "../lib/bytes.ts";
import { PlakarError } from "../lib/errors.ts";
import { MAC_SIZE } from "./mac.ts";
import { VERSION_1_1_0 } from "./version.ts";

/** The numbers of the entry types. */
export const StateEntryType = {
  /** The end of the state. */
  metadata: 1,
  /** A blob is at a place in a packfile. */
  location: 2,
  /** Something is marked as deleted. */
  coloured: 3,
  /** A packfile exists. */
  packfile: 4,
  /** Never written, skipped when read: no plakar can open a repository that has one. */
  configuration: 5,
  /** An earlier entry is taken back. */
  deleted: 6,
} as const;

/** The number of an entry type that a deletion can take back. */
export type DeletableEntryType = 2 | 3 | 4;

/** Bytes of the entries that have a fixed size. */
export const STATE_ENTRY_SIZE = {
  /** Of a location. */
  location: 85,
  /** Of a coloured entry. */
  coloured: 41,
  /** Of a packfile entry. */
  packfile: 72,
  /** Of a deletion. */
  deleted: 66,
} as const;

/** Bytes after the last entry. */
export const STATE_METADATA_SIZE = 28;

/** The end of a state. */
export interface StateMetadata {
  /** When it was made, in nanoseconds since 1970. */
  timestamp: bigint;
  /** Sixteen bytes that nobody compares. */
  serial: Uint8Array;
}

/** What a state says of itself. */
export interface StateFrame {
  /** The state that was the newest when this one was begun; 32 zero bytes if none was. */
  parent: Uint8Array;
  /** Its end. */
  metadata: StateMetadata;
}

/** Takes the entries of a state as they are met. All arrays are views of the stream. */
export interface StateVisitor {
  /** A blob of this type and version is at this place of a packfile. */
  location?(
    type: number,
    version: number,
    mac: Uint8Array,
    packfile: Uint8Array,
    offset: number,
    length: number,
  ): void;
  /** Something of this type is marked as deleted since a time in nanoseconds. */
  coloured?(type: number, mac: Uint8Array, when: bigint): void;
  /** A packfile exists, written by a state at a time in nanoseconds. */
  packfile?(packfile: Uint8Array, state: Uint8Array, timestamp: bigint): void;
  /** An earlier entry is taken back; what does not name it is zero. */
  deleted?(entryType: DeletableEntryType, blobType: number, mac: Uint8Array, packfile: Uint8Array): void;
}

const TWO_32 = 0x1_0000_0000;

/**
 * Reads a state and hands over its entries one by one. Entries of unknown types are skipped.
 *
 * @param stream the plain state
 * @param version the version that its wrapper gives
 * @param visitor takes the entries
 * @returns its parent and its end
 * @throws {PlakarError} `corrupt` if it is none; entries before the damage were handed over
 */
export function decodeState(stream: Uint8Array, version: number, visitor: StateVisitor): StateFrame {
  const view = viewOf(stream);
  let at = 0;
  const advance = (size: number, what: string): number => {
    if (size > stream.length - at) {
      throw corrupt(`the ${what} at byte ${at} ends past the ${stream.length} bytes`);
    }
    at += size;
    return at - size;
  };
  const macAt = (from: number) => stream.subarray(from, from + MAC_SIZE);

  let parent = ZERO_MAC;
  if (version >= VERSION_1_1_0) parent = macAt(advance(MAC_SIZE, "parent"));
  for (;;) {
    const type = stream[advance(1, "entry")];
    if (type === StateEntryType.metadata) break;
    const length = view.getUint32(advance(4, "length"), true);
    const entry = advance(length, "entry");
    const expected = FIXED_SIZES[type];
    if (expected !== undefined && length !== expected) {
      throw corrupt(`the entry of type ${type} at byte ${entry} has ${length} bytes instead of ${expected}`);
    }
    switch (type) {
      case StateEntryType.location: {
        const offset = view.getUint32(entry + 73, true) * TWO_32 + view.getUint32(entry + 69, true);
        if (!Number.isSafeInteger(offset)) throw corrupt(`the location at byte ${entry} is out of range`);
        visitor.location?.(
          stream[entry],
          view.getUint32(entry + 1, true),
          macAt(entry + 5),
          macAt(entry + 37),
          offset,
          view.getUint32(entry + 77, true),
        );
        break;
      }
      case StateEntryType.coloured:
        visitor.coloured?.(stream[entry], macAt(entry + 1), view.getBigInt64(entry + 33, true));
        break;
      case StateEntryType.packfile:
        visitor.packfile?.(macAt(entry), macAt(entry + 32), view.getBigInt64(entry + 64, true));
        break;
      case StateEntryType.deleted: {
        const deleted = stream[entry];
        if (!isDeletable(deleted)) throw corrupt(`an entry of type ${deleted} cannot be deleted`);
        visitor.deleted?.(deleted, stream[entry + 1], macAt(entry + 2), macAt(entry + 34));
      }
    }
  }
  // The version in the metadata only repeats what the wrapper says.
  const end = advance(STATE_METADATA_SIZE, "metadata");
  return {
    parent,
    metadata: {
      timestamp: view.getBigInt64(end + 4, true),
      serial: stream.subarray(end + 12, end + STATE_METADATA_SIZE),
    },
  };
}

const FIXED_SIZES: Readonly<Record<number, number>> = {
  [StateEntryType.location]: STATE_ENTRY_SIZE.location,
  [StateEntryType.coloured]: STATE_ENTRY_SIZE.coloured,
  [StateEntryType.packfile]: STATE_ENTRY_SIZE.packfile,
  [StateEntryType.deleted]: STATE_ENTRY_SIZE.deleted,
};

function isDeletable(type: number): type is DeletableEntryType {
  return type === StateEntryType.location || type === StateEntryType.coloured ||
    type === StateEntryType.packfile;
}

function corrupt(state: string): PlakarError {
  return new PlakarError("corrupt", `Cannot decode state: ${state}`);
}
