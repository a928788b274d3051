/** Writes states, an entry at a time, into one growing buffer. */

import { ZERO_MAC } from "../lib/bytes.ts";
import { GrowableBuffer } from "./growable_buffer.ts";
import { MAC_SIZE } from "./mac.ts";
import type { DeletableEntryType, StateMetadata, StateVisitor } from "./state.ts";
import { STATE_ENTRY_SIZE, STATE_METADATA_SIZE, StateEntryType } from "./state.ts";
import { VERSION_1_1_0 } from "./version.ts";

const TWO_32 = 0x1_0000_0000;
const ENTRY_HEADER_SIZE = 5;

/**
 * A state of version 1.1.0 that is being written. It takes what {@linkcode decodeState} hands over, so that a
 * state can be copied by reading it into a writer. Deletions belong before the entries of the same name.
 */
export class StateWriter implements Required<StateVisitor> {
  readonly #out = new GrowableBuffer();
  #entries = 0;

  /**
   * A state without entries.
   *
   * @param parent the newest state that was read before this one was begun, if any was
   */
  constructor(parent: Uint8Array = ZERO_MAC) {
    this.#out.append(parent);
  }

  /**
   * Begins another state in the memory of the one before, which must not be looked at any more.
   *
   * @param parent the state that was read or written before this one
   */
  restart(parent: Uint8Array): void {
    this.#out.reset();
    this.#out.append(parent);
    this.#entries = 0;
  }

  /** How many entries were written. */
  get entries(): number {
    return this.#entries;
  }

  /** How many bytes were written. */
  get length(): number {
    return this.#out.length;
  }

  #begin(type: number, size: number): number {
    this.#entries++;
    const at = this.#out.reserve(ENTRY_HEADER_SIZE + size);
    this.#out.bytes[at] = type;
    this.#out.view.setUint32(at + 1, size, true);
    return at + ENTRY_HEADER_SIZE;
  }

  /**
   * Says where a blob is.
   *
   * @param type the number of its resource type
   * @param version the version of its format
   * @param mac its MAC, or the identifier of the snapshot
   * @param packfile the packfile that holds it
   * @param offset where it begins in the area of blobs
   * @param length how many bytes it takes there
   */
  location(
    type: number,
    version: number,
    mac: Uint8Array,
    packfile: Uint8Array,
    offset: number,
    length: number,
  ): void {
    const at = this.#begin(StateEntryType.location, STATE_ENTRY_SIZE.location);
    const { bytes, view } = this.#out;
    bytes[at] = type;
    view.setUint32(at + 1, version, true);
    bytes.set(mac, at + 5);
    bytes.set(packfile, at + 37);
    view.setUint32(at + 69, offset, true);
    view.setUint32(at + 73, Math.floor(offset / TWO_32), true);
    view.setUint32(at + 77, length, true);
    view.setUint32(at + 81, 0, true);
  }

  /**
   * Marks something as deleted.
   *
   * @param type the number of its resource type: a snapshot or a packfile
   * @param mac its MAC, or the identifier of the snapshot
   * @param when since when, in nanoseconds since 1970
   */
  coloured(type: number, mac: Uint8Array, when: bigint): void {
    const at = this.#begin(StateEntryType.coloured, STATE_ENTRY_SIZE.coloured);
    const { bytes, view } = this.#out;
    bytes[at] = type;
    bytes.set(mac, at + 1);
    view.setBigInt64(at + 33, when, true);
  }

  /**
   * Says that a packfile exists.
   *
   * @param packfile its MAC
   * @param state the id of this very state
   * @param timestamp when it was written, in nanoseconds since 1970
   */
  packfile(packfile: Uint8Array, state: Uint8Array, timestamp: bigint): void {
    const at = this.#begin(StateEntryType.packfile, STATE_ENTRY_SIZE.packfile);
    const { bytes, view } = this.#out;
    bytes.set(packfile, at);
    bytes.set(state, at + 32);
    view.setBigInt64(at + 64, timestamp, true);
  }

  /**
   * Takes back an earlier entry.
   *
   * @param entryType the type of that entry
   * @param blobType the type of what it is about; 0 for a packfile
   * @param mac the MAC of what it is about; zero for a packfile
   * @param packfile the packfile of a location, or the packfile itself; zero for a colour
   */
  deleted(entryType: DeletableEntryType, blobType: number, mac: Uint8Array, packfile: Uint8Array): void {
    const at = this.#begin(StateEntryType.deleted, STATE_ENTRY_SIZE.deleted);
    const { bytes } = this.#out;
    bytes[at] = entryType;
    bytes[at + 1] = blobType;
    bytes.set(mac, at + 2);
    bytes.set(packfile, at + 2 + MAC_SIZE);
  }

  /**
   * Ends the state.
   *
   * @param metadata its time and serial
   * @returns the plain state: a view of the writer, valid until that is restarted
   */
  finish(metadata: StateMetadata): Uint8Array {
    const at = this.#out.reserve(1 + STATE_METADATA_SIZE);
    const { bytes, view } = this.#out;
    bytes[at] = StateEntryType.metadata;
    view.setUint32(at + 1, VERSION_1_1_0, true);
    view.setBigInt64(at + 5, metadata.timestamp, true);
    bytes.set(metadata.serial, at + 13);
    return this.#out.peek();
  }
}
