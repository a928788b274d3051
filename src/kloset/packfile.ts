/**
 * The two tables at the end of a packfile: its index, which says where each blob is, and its footer, which
 * says where the index is. A packfile's payload is
 *
 * ```
 * blobs || encoded index || encoded footer || u32 LE length of the encoded footer
 * ```
 */

import { viewOf } from "../lib/bytes.ts";
import { PlakarError } from "../lib/errors.ts";
import { GrowableBuffer } from "./growable_buffer.ts";
import { MAC_SIZE } from "./mac.ts";
import { VERSION_1_0_0 } from "./version.ts";

/** Bytes of one record of an index. */
export const BLOB_RECORD_SIZE = 56;
/** Bytes of a footer. */
export const PACKFILE_FOOTER_SIZE = 56;

const TWO_32 = 0x1_0000_0000;

/** Where one blob is. */
export interface BlobRecord {
  /** The number of its resource type. */
  type: number;
  /** The version of its format. */
  version: number;
  /** Its MAC, or the identifier of the snapshot. */
  mac: Uint8Array;
  /** Where it begins in the area of blobs. */
  offset: number;
  /** How many bytes it takes there. */
  length: number;
}

/** What a packfile says of itself. */
export interface PackfileFooter {
  /** When it was begun, in nanoseconds since 1970; in seconds if plakar 1.0 wrote it. */
  timestamp: bigint;
  /** How many blobs it has. */
  count: number;
  /** Size of the area of blobs, behind which the index is. */
  indexOffset: number;
  /** The MAC of the plain index. */
  indexMac: Uint8Array;
}

/** An index that is appended to while its packfile grows. */
export class PackfileIndexWriter {
  readonly #out = new GrowableBuffer(BLOB_RECORD_SIZE * 64);

  /** How many records it has. */
  get count(): number {
    return this.#out.length / BLOB_RECORD_SIZE;
  }

  /**
   * Appends the record of one blob.
   *
   * @param type the number of its resource type
   * @param mac its MAC
   * @param offset where it begins in the area of blobs
   * @param length how many bytes it takes there
   * @param version the version of its format
   */
  add(type: number, mac: Uint8Array, offset: number, length: number, version: number = VERSION_1_0_0): void {
    const at = this.#out.reserve(BLOB_RECORD_SIZE);
    const view = this.#out.view;
    view.setUint32(at, type, true);
    view.setUint32(at + 4, version, true);
    this.#out.bytes.set(mac, at + 8);
    view.setUint32(at + 40, offset, true);
    view.setUint32(at + 44, Math.floor(offset / TWO_32), true);
    view.setUint32(at + 48, length, true);
    view.setUint32(at + 52, 0, true);
  }

  /**
   * The plain index, after which the writer is empty.
   *
   * @returns its bytes
   */
  take(): Uint8Array {
    return this.#out.take();
  }
}

/**
 * Encodes an index.
 *
 * @param records the blobs in the order in which they lie
 * @returns the plain index
 */
export function encodePackfileIndex(records: Iterable<BlobRecord>): Uint8Array {
  const writer = new PackfileIndexWriter();
  for (const { type, mac, offset, length, version } of records) {
    writer.add(type, mac, offset, length, version);
  }
  return writer.take();
}

/**
 * Decodes an index.
 *
 * @param bytes the plain index
 * @param indexOffset the size of the area of blobs, which no blob may leave
 * @returns its records, with MACs that are views of the bytes
 * @throws {PlakarError} `corrupt` if it is none
 */
export function decodePackfileIndex(bytes: Uint8Array, indexOffset: number): BlobRecord[] {
  if (bytes.length % BLOB_RECORD_SIZE !== 0) {
    throw corrupt("index", `its ${bytes.length} bytes are no whole records`);
  }
  const view = viewOf(bytes);
  const records: BlobRecord[] = [];
  for (let at = 0; at < bytes.length; at += BLOB_RECORD_SIZE) {
    const offset = view.getUint32(at + 44, true) * TWO_32 + view.getUint32(at + 40, true);
    const length = view.getUint32(at + 48, true);
    if (offset > indexOffset - length) {
      throw corrupt("index", `blob ${records.length} ends past the ${indexOffset} bytes of blobs`);
    }
    records.push({
      type: view.getUint32(at, true),
      version: view.getUint32(at + 4, true),
      mac: bytes.subarray(at + 8, at + 8 + MAC_SIZE),
      offset,
      length,
    });
  }
  return records;
}

/**
 * Encodes a footer.
 *
 * @param footer what to encode
 * @returns the plain footer
 */
export function encodePackfileFooter(footer: PackfileFooter): Uint8Array {
  const bytes = new Uint8Array(PACKFILE_FOOTER_SIZE);
  const view = viewOf(bytes);
  view.setBigInt64(0, footer.timestamp, true);
  view.setUint32(8, footer.count, true);
  view.setBigUint64(12, BigInt(footer.indexOffset), true);
  bytes.set(footer.indexMac, 20);
  return bytes;
}

/**
 * Decodes a footer.
 *
 * @param bytes the plain footer
 * @returns the footer
 * @throws {PlakarError} `corrupt` if it is none
 */
export function decodePackfileFooter(bytes: Uint8Array): PackfileFooter {
  if (bytes.length !== PACKFILE_FOOTER_SIZE) {
    throw corrupt("footer", `it has ${bytes.length} bytes instead of ${PACKFILE_FOOTER_SIZE}`);
  }
  const view = viewOf(bytes);
  const indexOffset = view.getUint32(16, true) * TWO_32 + view.getUint32(12, true);
  if (!Number.isSafeInteger(indexOffset)) throw corrupt("footer", `the index is at ${indexOffset}`);
  return {
    timestamp: view.getBigInt64(0, true),
    count: view.getUint32(8, true),
    indexOffset,
    indexMac: bytes.subarray(20, 20 + MAC_SIZE),
  };
}

/**
 * Finds the encoded footer at the end of a packfile.
 *
 * @param payload the packfile without its wrapper
 * @returns a view of the encoded footer
 * @throws {PlakarError} `corrupt` if there is none
 */
export function encodedFooterOf(payload: Uint8Array): Uint8Array {
  const end = payload.length - 4;
  if (end < 0) throw corrupt("packfile", `it has only ${payload.length} bytes`);
  const length = viewOf(payload).getUint32(end, true);
  if (length > end) throw corrupt("packfile", `a footer of ${length} bytes does not fit in ${end}`);
  return payload.subarray(end - length, end);
}

/**
 * Finds the encoded index of a packfile.
 *
 * @param payload the packfile without its wrapper
 * @param footer its footer
 * @returns a view of the encoded index
 * @throws {PlakarError} `corrupt` if it is not there
 */
export function encodedIndexOf(payload: Uint8Array, footer: PackfileFooter): Uint8Array {
  const end = payload.length - 4 - encodedFooterOf(payload).length;
  if (footer.indexOffset > end) {
    throw corrupt("packfile", `the index is at ${footer.indexOffset}, the footer at ${end}`);
  }
  return payload.subarray(footer.indexOffset, end);
}

function corrupt(what: string, state: string): PlakarError {
  return new PlakarError(
    "corrupt",
    `Cannot decode packfile${what === "packfile" ? "" : ` ${what}`}: ${state}`,
  );
}
