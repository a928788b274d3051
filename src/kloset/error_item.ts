/** Error items: what went wrong with one path during a backup. */

import type { ByteString } from "../lib/byte_string.ts";
import { MsgpackReader } from "./msgpack_reader.ts";
import { MsgpackWriter } from "./msgpack_writer.ts";
import { VERSION_1_0_0 } from "./version.ts";

/** What went wrong with one path. */
export interface ErrorItem {
  /** The absolute path. */
  path: ByteString;
  /** What went wrong, for people. */
  message: string;
}

const FIELDS = ["version", "name", "error"] as const;

/**
 * Encodes an error item.
 *
 * @param item what to encode
 * @returns the plain blob
 */
export function encodeErrorItem(item: ErrorItem): Uint8Array {
  const writer = new MsgpackWriter();
  writer.mapHeader(FIELDS.length);
  writer.key("version");
  writer.uint32(VERSION_1_0_0);
  writer.key("name");
  writer.str(item.path);
  writer.key("error");
  writer.text(item.message);
  return writer.take();
}

/**
 * Decodes an error item.
 *
 * @param bytes the plain blob
 * @returns the error item
 * @throws {PlakarError} `corrupt` if it is none
 */
export function decodeErrorItem(bytes: Uint8Array): ErrorItem {
  const reader = new MsgpackReader(bytes, "error item");
  const item: ErrorItem = { path: "" as ByteString, message: "" };
  reader.readMap(FIELDS, (field) => {
    if (field === "name") item.path = reader.str();
    else if (field === "error") item.message = reader.text();
    else reader.skip();
  });
  return item;
}
