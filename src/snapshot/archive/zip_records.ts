/**
 * The records of zip archives (PKWARE's APPNOTE 6.3, and the extra fields of Info-ZIP for times and owners). Sizes
 * and offsets that do not fit into 32 bits are in zip64 fields.
 */

import { goToPosix } from "../../kloset/file_mode.ts";
import type { FileInfo } from "../../kloset/file_info.ts";
import { type ByteString, toBytes, toText } from "../../lib/byte_string.ts";
import { concat } from "../../lib/bytes.ts";

/** What the records say of a member. */
export interface ZipMember {
  /** Its path, with a slash at the end of a directory. */
  name: ByteString;
  /** Its mode, owner and time. */
  info: FileInfo;
  /** Whether its content is compressed. */
  isDeflated: boolean;
  /** Whether sizes and checksum come after the content, because they were not known before it. */
  isStreamed: boolean;
  /** Whether sizes may need more than 32 bits. */
  isLarge: boolean;
  /** The checksum of the content. */
  crc: number;
  /** Bytes in the archive. */
  compressedSize: number;
  /** Bytes of content. */
  size: number;
  /** Where its local header is. */
  offset: number;
}

const LOCAL_HEADER = 0x04034b50;
const DESCRIPTOR = 0x08074b50;
const CENTRAL_HEADER = 0x02014b50;
const ZIP64_END = 0x06064b50;
const ZIP64_LOCATOR = 0x07064b50;
const END = 0x06054b50;

const VERSION_DEFLATE = 20;
const VERSION_ZIP64 = 45;
const MADE_ON_UNIX = 3 << 8;
const FLAG_STREAMED = 1 << 3;
const FLAG_UTF8 = 1 << 11;
const METHOD_DEFLATE = 8;
const MAX_16 = 0xffff;
const MAX_32 = 0xffffffff;
const DIRECTORY = 0x10;

const EXTRA_ZIP64 = 0x0001;
const EXTRA_TIMES = 0x5455;
const EXTRA_OWNER = 0x7875;
const HAS_MTIME = 1;

/** Little-endian fields, one after another. */
class Fields {
  readonly #bytes: number[] = [];

  u8(value: number): this {
    this.#bytes.push(value & 0xff);
    return this;
  }

  u16(value: number): this {
    return this.u8(value).u8(value >>> 8);
  }

  u32(value: number): this {
    return this.u16(value & MAX_16).u16(value >>> 16);
  }

  u64(value: number): this {
    return this.u32(value % 2 ** 32).u32(Math.floor(value / 2 ** 32));
  }

  take(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

/**
 * What stands before a content.
 *
 * @param member the member; of a streamed one, sizes and checksum do not matter
 * @returns the local header
 */
export function encodeLocalHeader(member: ZipMember): Uint8Array {
  const { isStreamed, isLarge, crc, compressedSize, size } = member;
  const zip64 = new Fields();
  if (isLarge) zip64.u16(EXTRA_ZIP64).u16(16).u64(isStreamed ? 0 : size).u64(isStreamed ? 0 : compressedSize);
  const extra = concat(zip64.take(), timesField(member.info), ownerField(member.info));
  const name = toBytes(member.name);
  const fields = new Fields().u32(LOCAL_HEADER).u16(isLarge ? VERSION_ZIP64 : VERSION_DEFLATE);
  commonFields(fields, member);
  fields.u32(isStreamed ? 0 : crc);
  fields.u32(isLarge ? MAX_32 : isStreamed ? 0 : compressedSize);
  fields.u32(isLarge ? MAX_32 : isStreamed ? 0 : size);
  fields.u16(name.length).u16(extra.length);
  return concat(fields.take(), name, extra);
}

/**
 * What stands after a content whose sizes were not known before it.
 *
 * @param member the member
 * @returns the data descriptor
 */
export function encodeDescriptor({ crc, compressedSize, size, isLarge }: ZipMember): Uint8Array {
  const fields = new Fields().u32(DESCRIPTOR).u32(crc);
  if (isLarge) fields.u64(compressedSize).u64(size);
  else fields.u32(compressedSize).u32(size);
  return fields.take();
}

/**
 * What the directory at the end of the archive says of a member.
 *
 * @param member the member
 * @returns the central header
 */
export function encodeCentralHeader(member: ZipMember): Uint8Array {
  const { info, isLarge, compressedSize, size, offset } = member;
  const isFar = offset >= MAX_32;
  const zip64 = new Fields();
  if (isLarge || isFar) zip64.u16(EXTRA_ZIP64).u16((isLarge ? 16 : 0) + (isFar ? 8 : 0));
  if (isLarge) zip64.u64(size).u64(compressedSize);
  if (isFar) zip64.u64(offset);
  const extra = concat(zip64.take(), timesField(info), ownerField(info));
  const name = toBytes(member.name);
  const mode = goToPosix(info.mode);
  const version = isLarge || isFar ? VERSION_ZIP64 : VERSION_DEFLATE;
  const fields = new Fields().u32(CENTRAL_HEADER).u16(MADE_ON_UNIX | version).u16(version);
  commonFields(fields, member);
  fields.u32(member.crc).u32(isLarge ? MAX_32 : compressedSize).u32(isLarge ? MAX_32 : size);
  fields.u16(name.length).u16(extra.length).u16(0).u16(0).u16(0);
  fields.u16(member.name.endsWith("/") ? DIRECTORY : 0).u16(mode).u32(isFar ? MAX_32 : offset);
  return concat(fields.take(), name, extra);
}

/**
 * The end of an archive.
 *
 * @param count how many members it has
 * @param offset where the central headers begin
 * @param size how many bytes they take
 * @returns the last records
 */
export function encodeZipEnd(count: number, offset: number, size: number): Uint8Array {
  const fields = new Fields();
  if (count >= MAX_16 || offset >= MAX_32 || size >= MAX_32) {
    fields.u32(ZIP64_END).u64(44).u16(MADE_ON_UNIX | VERSION_ZIP64).u16(VERSION_ZIP64).u32(0).u32(0);
    fields.u64(count).u64(count).u64(size).u64(offset);
    fields.u32(ZIP64_LOCATOR).u32(0).u64(offset + size).u32(1);
  }
  const shown = Math.min(count, MAX_16);
  fields.u32(END).u16(0).u16(0).u16(shown).u16(shown);
  return fields.u32(Math.min(size, MAX_32)).u32(Math.min(offset, MAX_32)).u16(0).take();
}

/** The fields that local and central headers have alike: flags, method, time. */
function commonFields(fields: Fields, { name, info, isDeflated, isStreamed }: ZipMember): void {
  // deno-lint-ignore no-control-regex
  const isUtf8 = !/^[\x00-\x7f]*$/.test(name) && toText(name) !== undefined;
  fields.u16((isStreamed ? FLAG_STREAMED : 0) | (isUtf8 ? FLAG_UTF8 : 0));
  fields.u16(isDeflated ? METHOD_DEFLATE : 0);
  const date = new Date(Number(info.mtime / 1_000_000n));
  const year = date.getUTCFullYear();
  if (!(year >= 1980)) fields.u16(0).u16(1 << 5 | 1);
  else if (year > 2107) fields.u16(23 << 11 | 59 << 5 | 29).u16(127 << 9 | 12 << 5 | 31);
  else {
    fields.u16(date.getUTCHours() << 11 | date.getUTCMinutes() << 5 | date.getUTCSeconds() >> 1);
    fields.u16(year - 1980 << 9 | date.getUTCMonth() + 1 << 5 | date.getUTCDate());
  }
}

/** The time in seconds; beyond 2038 only the field in MS-DOS's format says it. */
function timesField({ mtime }: FileInfo): Uint8Array {
  const seconds = Number(mtime / 1_000_000_000n);
  if (seconds !== (seconds | 0)) return new Uint8Array(0);
  return new Fields().u16(EXTRA_TIMES).u16(5).u8(HAS_MTIME).u32(seconds).take();
}

function ownerField({ uid, gid }: FileInfo): Uint8Array {
  return new Fields().u16(EXTRA_OWNER).u16(11).u8(1).u8(4).u32(uid).u8(4).u32(gid).take();
}
