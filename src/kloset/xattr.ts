/** Extended attributes of files. */

import type { ByteString } from "../lib/byte_string.ts";
import { ZERO_MAC } from "../lib/bytes.ts";
import { MsgpackReader } from "./msgpack_reader.ts";
import { MsgpackWriter } from "./msgpack_writer.ts";
import { VERSION_1_0_0 } from "./version.ts";

/** The kinds of attributes. */
export const XattrType = {
  /** An extended attribute. */
  extended: 0,
  /** An alternate data stream. */
  alternateDataStream: 1,
  /** An attribute of an importer's own. */
  custom: 2,
} as const;

/** One attribute of one file. */
export interface Xattr {
  /** The path of the file. */
  path: ByteString;
  /** The name of the attribute. */
  name: ByteString;
  /** Bytes of the value. */
  size: number;
  /** Its kind, one of {@linkcode XattrType}. */
  type: number;
  /** The id of the object that holds the value. */
  object: Uint8Array;
}

const FIELDS = ["version", "path", "name", "size", "type", "object"] as const;

/**
 * The key of an attribute in the tree of attributes: nothing stands between path and name.
 *
 * @param xattr the attribute
 * @returns its key
 */
export function xattrKey(xattr: Xattr): ByteString {
  return (xattr.path + xattr.name + (":@%"[xattr.type] ?? "#")) as ByteString;
}

/**
 * Encodes an attribute.
 *
 * @param xattr what to encode
 * @returns the plain blob
 */
export function encodeXattr(xattr: Xattr): Uint8Array {
  const writer = new MsgpackWriter();
  writer.mapHeader(FIELDS.length);
  writer.key("version");
  writer.uint32(VERSION_1_0_0);
  writer.key("path");
  writer.str(xattr.path);
  writer.key("name");
  writer.str(xattr.name);
  writer.key("size");
  writer.int64(xattr.size);
  writer.key("type");
  writer.uint8(xattr.type);
  writer.key("object");
  writer.bin(xattr.object);
  return writer.take();
}

/**
 * Decodes an attribute.
 *
 * @param bytes the plain blob, of which the MAC is a view
 * @returns the attribute
 * @throws {PlakarError} `corrupt` if it is none
 */
export function decodeXattr(bytes: Uint8Array): Xattr {
  const reader = new MsgpackReader(bytes, "extended attribute");
  const xattr: Xattr = { path: "" as ByteString, name: "" as ByteString, size: 0, type: 0, object: ZERO_MAC };
  reader.readMap(FIELDS, (field) => {
    if (field === "path") xattr.path = reader.str();
    else if (field === "name") xattr.name = reader.str();
    else if (field === "size") xattr.size = reader.integer();
    else if (field === "type") xattr.type = reader.uint32() & 0xff;
    else if (field === "object") xattr.object = reader.mac();
    else reader.skip();
  });
  return xattr;
}
