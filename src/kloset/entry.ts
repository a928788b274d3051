/** Entries: what a snapshot keeps of one path. */

import { isClean, isValidName, join } from "../lib/byte_path.ts";
import type { ByteString } from "../lib/byte_string.ts";
import { display, ROOT } from "../lib/byte_string.ts";
import { equal, ZERO_MAC } from "../lib/bytes.ts";
import type { FileInfo } from "./file_info.ts";
import { emptyFileInfo, readFileInfo, writeFileInfo } from "./file_info.ts";
import { MsgpackReader } from "./msgpack_reader.ts";
import { MsgpackWriter } from "./msgpack_writer.ts";
import { VERSION_1_0_0 } from "./version.ts";

/** Fields that this program never fills, in the order of Go. */
export type UnusedField =
  | "summary"
  | "alternate_data_streams"
  | "security_descriptor"
  | "file_attributes"
  | "classifications"
  | "custom_metadata"
  | "tags";

/** What a snapshot keeps of one path. */
export interface Entry {
  /** The directory it is in; `/` for `/` itself. */
  parentPath: ByteString;
  /** Its metadata, beginning with its name. */
  info: FileInfo;
  /** Where a symbolic link points, as it was read; empty for everything else. */
  symlinkTarget: ByteString;
  /** The id of the object with its content. Regular files have one, nothing else has. */
  object: Uint8Array | undefined;
  /** The MIME type of the content, empty for directories. */
  contentType: ByteString;
  /** The entropy of the content in bits a byte. */
  entropy: number;
  /** How many chunks the content has. */
  chunks: number;
  /** The names of the extended attributes, sorted. */
  extendedAttributes: ByteString[];
  /** Values of unused fields as MessagePack, so that an entry of another program encodes to its own bytes. */
  unused?: ReadonlyMap<UnusedField, Uint8Array>;
}

const FIELDS = [
  "version",
  "parent_path",
  "file_info",
  "summary",
  "symlink_target",
  "object",
  "content_type",
  "entropy",
  "chunks",
  "alternate_data_streams",
  "security_descriptor",
  "file_attributes",
  "extended_attributes",
  "classifications",
  "custom_metadata",
  "tags",
] as const;

const UNUSED_BEFORE_ATTRIBUTES = [
  "alternate_data_streams",
  "security_descriptor",
  "file_attributes",
] as const satisfies UnusedField[];
const UNUSED_AFTER_ATTRIBUTES = [
  "classifications",
  "custom_metadata",
  "tags",
] as const satisfies UnusedField[];
const UNUSED: ReadonlySet<string> = new Set([
  "summary",
  ...UNUSED_BEFORE_ATTRIBUTES,
  ...UNUSED_AFTER_ATTRIBUTES,
]);

/** Fields that every entry has: version, parent path, file info, summary and object. */
const ALWAYS = 5;

/** The file info of an entry that has none: its empty name makes the entry invalid. */
const NO_INFO: FileInfo = emptyFileInfo();

const writer = new MsgpackWriter();

/**
 * The path of an entry.
 *
 * @param entry any entry
 * @returns its absolute path
 */
export function entryPath(entry: Entry): ByteString {
  return entry.info.name === ROOT ? ROOT : join(entry.parentPath, entry.info.name);
}

/**
 * Encodes an entry byte for byte as plakar does, on which the id of the next snapshot's entry depends.
 *
 * @param entry what to encode
 * @returns the plain blob
 */
export function encodeEntry(entry: Entry): Uint8Array {
  const { symlinkTarget, contentType, entropy, chunks, extendedAttributes, unused } = entry;
  let fields = ALWAYS;
  if (symlinkTarget !== "") fields++;
  if (contentType !== "") fields++;
  if (entropy !== 0) fields++;
  if (chunks !== 0) fields++;
  if (extendedAttributes.length !== 0) fields++;
  if (unused !== undefined) fields += unused.size - (unused.has("summary") ? 1 : 0);

  writer.reset();
  writer.mapHeader(fields);
  writer.key("version");
  writer.uint32(VERSION_1_0_0);
  writer.key("parent_path");
  writer.str(entry.parentPath);
  writer.key("file_info");
  writeFileInfo(writer, entry.info);
  writer.key("summary");
  const summary = unused?.get("summary");
  if (summary === undefined) writer.nil();
  else writer.raw(summary);
  if (symlinkTarget !== "") {
    writer.key("symlink_target");
    writer.str(symlinkTarget);
  }
  writer.key("object");
  writer.bin(entry.object ?? ZERO_MAC);
  if (contentType !== "") {
    writer.key("content_type");
    writer.str(contentType);
  }
  if (entropy !== 0) {
    writer.key("entropy");
    writer.float64(entropy);
  }
  if (chunks !== 0) {
    writer.key("chunks");
    writer.uint64(chunks);
  }
  writeUnused(unused, UNUSED_BEFORE_ATTRIBUTES);
  if (extendedAttributes.length !== 0) {
    writer.key("extended_attributes");
    writer.arrayHeader(extendedAttributes.length);
    for (const name of extendedAttributes) writer.str(name);
  }
  writeUnused(unused, UNUSED_AFTER_ATTRIBUTES);
  return writer.take();
}

function writeUnused(unused: Entry["unused"], fields: readonly UnusedField[]): void {
  if (unused === undefined) return;
  for (const field of fields) {
    const value = unused.get(field);
    if (value === undefined) continue;
    writer.key(field);
    writer.raw(value);
  }
}

/**
 * Decodes an entry.
 *
 * @param bytes the plain blob, of which MACs are views; what follows the entry is ignored
 * @returns the entry, whose name is one component and whose parent path is absolute and clean
 * @throws {PlakarError} `corrupt` if it is none, or if its path could lead elsewhere
 */
export function decodeEntry(bytes: Uint8Array): Entry {
  const reader = new MsgpackReader(bytes, "entry");
  let unused: Map<UnusedField, Uint8Array> | undefined;
  const entry: Entry = {
    parentPath: "" as ByteString,
    info: NO_INFO,
    symlinkTarget: "" as ByteString,
    object: undefined,
    contentType: "" as ByteString,
    entropy: 0,
    chunks: 0,
    extendedAttributes: [],
  };
  reader.readMap(FIELDS, (field) => {
    switch (field) {
      case "parent_path":
        entry.parentPath = reader.str();
        break;
      case "file_info":
        entry.info = readFileInfo(reader);
        break;
      case "symlink_target":
        entry.symlinkTarget = reader.str();
        break;
      case "object": {
        const object = reader.mac();
        entry.object = equal(object, ZERO_MAC) ? undefined : object;
        break;
      }
      case "content_type":
        entry.contentType = reader.str();
        break;
      case "entropy":
        entry.entropy = reader.float64();
        break;
      case "chunks":
        entry.chunks = reader.integer();
        break;
      case "extended_attributes":
        entry.extendedAttributes = reader.strings();
        break;
      default: {
        const value = reader.raw();
        if (isUnused(field) && !isEmpty(value)) (unused ??= new Map()).set(field, value);
      }
    }
  });
  checkPath(reader, entry.parentPath, entry.info.name);
  if (unused !== undefined) entry.unused = unused;
  return entry;
}

function isUnused(field: string): field is UnusedField {
  return UNUSED.has(field);
}

/** Whether Go would leave the field out: nil, an empty array, string or bytes, or the number 0. */
function isEmpty(value: Uint8Array): boolean {
  const code = value[0];
  if (value.length === 1) return code === 0xc0 || code === 0x90 || code === 0xa0 || code === 0;
  for (let i = 1; i < value.length; i++) if (value[i] !== 0) return false;
  return code >= 0xc4;
}

function checkPath(reader: MsgpackReader, parent: ByteString, name: ByteString): void {
  if (name === ROOT && (parent === ROOT || parent === "")) return;
  if (!isValidName(name)) throw reader.error(`its name is "${display(name)}"`);
  if (!isClean(parent)) throw reader.error(`the path of its directory is "${display(parent)}"`);
}
