/**
 * Headers of tar archives: ustar (POSIX.1-1988), with extended headers (pax, POSIX.1-2001) for what does not fit.
 * A name that is too long and not UTF-8, which pax cannot hold, gets a header of GNU tar.
 */

import { goToPosix } from "../../kloset/file_mode.ts";
import { type ByteString, fromText, toBytes, toText } from "../../lib/byte_string.ts";
import { concat } from "../../lib/bytes.ts";
import type { ArchiveMember, MemberType } from "./archive_writer.ts";

/** Everything in a tar archive is a multiple of this long. */
export const TAR_BLOCK = 512;

/** The letters of types. */
const TYPE_FLAGS: Readonly<Record<MemberType, string>> = {
  file: "0",
  hardlink: "1",
  symlink: "2",
  directory: "5",
  pipe: "6",
};
const PAX_HEADER = "x";
const GNU_LONG_NAME = "L";
const GNU_LONG_TARGET = "K";

const NAME_SIZE = 100;
const OWNER_SIZE = 31;
const NANOSECONDS = 1_000_000_000n;

/** The fields of one header block, as they fit. */
interface HeaderFields {
  name: ByteString;
  target?: ByteString;
  typeFlag: string;
  mode: number;
  uid?: number;
  gid?: number;
  size: number;
  mtime?: bigint;
  userName?: ByteString;
  groupName?: ByteString;
}

/**
 * Encodes everything that stands before the content of a member.
 *
 * @param member the member
 * @returns whole blocks
 */
export function encodeTarHeader(member: ArchiveMember): Uint8Array {
  const { type, info, target, size } = member;
  const name = (type === "directory" ? `${member.name}/` : member.name) as ByteString;
  const seconds = floorDivide(info.mtime, NANOSECONDS);
  const records = new Map<string, ByteString>();
  const blocks: Uint8Array[] = [];
  const text = (key: string, gnuType: string | undefined, value: ByteString, room: number) => {
    // deno-lint-ignore no-control-regex
    if (value.length <= room && /^[\x00-\x7f]*$/.test(value)) return;
    if (toText(value) !== undefined) records.set(key, value);
    else if (gnuType !== undefined && value.length > room) blocks.push(...gnuHeader(gnuType, value));
  };
  text("path", GNU_LONG_NAME, name, NAME_SIZE);
  text("linkpath", GNU_LONG_TARGET, target, NAME_SIZE);
  text("uname", undefined, info.username, OWNER_SIZE);
  text("gname", undefined, info.groupname, OWNER_SIZE);
  const number = (key: string, value: number | bigint, largest: bigint, shown = String(value)) => {
    if (BigInt(value) < 0n || BigInt(value) > largest || shown !== String(value)) {
      records.set(key, shown as ByteString);
    }
  };
  number("uid", info.uid, 0o7777777n);
  number("gid", info.gid, 0o7777777n);
  number("size", size, 0o77777777777n);
  number("mtime", seconds, 0o77777777777n, paxTime(info.mtime));
  if (records.size > 0) blocks.push(...paxHeader(records));
  blocks.push(headerBlock({
    name,
    target,
    typeFlag: TYPE_FLAGS[type],
    mode: goToPosix(info.mode) & 0o7777,
    uid: info.uid,
    gid: info.gid,
    size,
    mtime: seconds,
    userName: info.username,
    groupName: info.groupname,
  }));
  return concat(...blocks);
}

/**
 * The zeros between the end of a content and the next block.
 *
 * @param size how long the content is
 * @returns fewer than {@linkcode TAR_BLOCK} zeros
 */
export function tarPadding(size: number): Uint8Array {
  return new Uint8Array((TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK);
}

/** What does not fit into its field is cut off there: an extended header before it says the whole. */
function headerBlock(fields: HeaderFields): Uint8Array {
  const block = new Uint8Array(TAR_BLOCK);
  const put = (at: number, room: number, value: ByteString = "" as ByteString) =>
    block.set(toBytes(value.slice(0, room) as ByteString), at);
  const octal = (at: number, digits: number, value: number | bigint = 0) => {
    const largest = 8n ** BigInt(digits) - 1n;
    const whole = BigInt(value);
    const fitting = whole < 0n ? 0n : whole > largest ? largest : whole;
    put(at, digits, fitting.toString(8).padStart(digits, "0") as ByteString);
  };
  put(0, NAME_SIZE, fields.name);
  octal(100, 7, fields.mode);
  octal(108, 7, fields.uid);
  octal(116, 7, fields.gid);
  octal(124, 11, fields.size);
  octal(136, 11, fields.mtime);
  put(156, 1, fields.typeFlag as ByteString);
  put(157, NAME_SIZE, fields.target);
  put(257, 8, "ustar\x0000" as ByteString);
  put(265, OWNER_SIZE, fields.userName);
  put(297, OWNER_SIZE, fields.groupName);
  octal(329, 7);
  octal(337, 7);
  block.fill(0x20, 148, 156);
  const sum = block.reduce((sum, byte) => sum + byte, 0);
  put(148, 8, `${sum.toString(8).padStart(6, "0")}\0 ` as ByteString);
  return block;
}

function paxHeader(records: ReadonlyMap<string, ByteString>): Uint8Array[] {
  const content = [...records].map(([key, value]) => paxRecord(key, value)).join("") as ByteString;
  return extraHeader("././@PaxHeader" as ByteString, PAX_HEADER, content);
}

function gnuHeader(typeFlag: string, value: ByteString): Uint8Array[] {
  return extraHeader("././@LongLink" as ByteString, typeFlag, `${value}\0` as ByteString);
}

function extraHeader(name: ByteString, typeFlag: string, content: ByteString): Uint8Array[] {
  const header = headerBlock({ name, typeFlag, mode: 0o644, size: content.length });
  return [header, toBytes(content), tarPadding(content.length)];
}

/** A record begins with its own length in decimal digits, which count as well. */
function paxRecord(key: string, value: ByteString): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${length}${rest}`;
}

/** Seconds since 1970, with a fraction where there is one. */
function paxTime(nanoseconds: bigint): string {
  const isNegative = nanoseconds < 0n;
  const size = isNegative ? -nanoseconds : nanoseconds;
  const fraction = String(size % NANOSECONDS).padStart(9, "0").replace(/0+$/, "");
  return fromText(`${isNegative ? "-" : ""}${size / NANOSECONDS}${fraction === "" ? "" : `.${fraction}`}`);
}

function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value % divisor < 0n ? quotient - 1n : quotient;
}
