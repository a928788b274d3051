/** Objects: one content as the list of its chunks. */

import type { ByteString } from "../lib/byte_string.ts";
import { ZERO_MAC } from "../lib/bytes.ts";
import { MsgpackReader } from "./msgpack_reader.ts";
import { MsgpackWriter } from "./msgpack_writer.ts";
import { VERSION_1_0_0 } from "./version.ts";

/** One piece of a content. */
export interface Chunk {
  /** The MAC of its bytes, which is the id of its blob. */
  contentMac: Uint8Array;
  /** How many bytes it has. */
  length: number;
  /** Shannon entropy in bits a byte; 0 for an empty chunk. */
  entropy: number;
}

/** A content. Its id is the MAC of its encoding, not `contentMac`. */
export interface KlosetObject {
  /** The MAC of the whole content. */
  contentMac: Uint8Array;
  /** Its pieces in order. plakar gives an empty content one empty chunk. */
  chunks: Chunk[];
  /** The MIME type, empty if there is none. */
  contentType: ByteString;
  /** The mean entropy of the chunks by length. */
  entropy: number;
}

const FIELDS = ["version", "contentMAC", "chunks", "content_type", "entropy", "flags"] as const;
const CHUNK_FIELDS = ["version", "contentMAC", "length", "entropy", "flags"] as const;

const writer = new MsgpackWriter();

/**
 * Encodes an object byte for byte as plakar does.
 *
 * @param object what to encode
 * @returns the plain blob
 */
export function encodeObject(object: KlosetObject): Uint8Array {
  writer.reset();
  writer.mapHeader(4 + (object.contentType !== "" ? 1 : 0) + (object.entropy !== 0 ? 1 : 0));
  writer.key("version");
  writer.uint32(VERSION_1_0_0);
  writer.key("contentMAC");
  writer.bin(object.contentMac);
  writer.key("chunks");
  if (object.chunks.length === 0) writer.nil();
  else writer.arrayHeader(object.chunks.length);
  for (const chunk of object.chunks) writeChunk(chunk);
  if (object.contentType !== "") {
    writer.key("content_type");
    writer.str(object.contentType);
  }
  if (object.entropy !== 0) {
    writer.key("entropy");
    writer.float64(object.entropy);
  }
  writer.key("flags");
  writer.uint32(0);
  return writer.take();
}

function writeChunk(chunk: Chunk): void {
  writer.mapHeader(CHUNK_FIELDS.length);
  writer.key("version");
  writer.uint32(VERSION_1_0_0);
  writer.key("contentMAC");
  writer.bin(chunk.contentMac);
  writer.key("length");
  writer.uint32(chunk.length);
  writer.key("entropy");
  writer.float64(chunk.entropy);
  writer.key("flags");
  writer.uint32(0);
}

/**
 * Decodes an object.
 *
 * @param bytes the plain blob, of which MACs are views
 * @returns the object
 * @throws {PlakarError} `corrupt` if it is none
 */
export function decodeObject(bytes: Uint8Array): KlosetObject {
  const reader = new MsgpackReader(bytes, "object");
  const object: KlosetObject = {
    contentMac: ZERO_MAC,
    chunks: [],
    contentType: "" as ByteString,
    entropy: 0,
  };
  let chunk: Chunk;
  const visitChunk = (field: string) => {
    switch (field) {
      case "contentMAC":
        chunk.contentMac = reader.mac();
        break;
      case "length":
        chunk.length = reader.uint32();
        break;
      case "entropy":
        chunk.entropy = reader.float64();
        break;
      default:
        reader.skip();
    }
  };
  const readChunk = () => {
    chunk = { contentMac: ZERO_MAC, length: 0, entropy: 0 };
    reader.readMap(CHUNK_FIELDS, visitChunk);
    object.chunks.push(chunk);
  };
  reader.readMap(FIELDS, (field) => {
    switch (field) {
      case "contentMAC":
        object.contentMac = reader.mac();
        break;
      case "chunks":
        object.chunks.length = 0;
        reader.readArray(readChunk);
        break;
      case "content_type":
        object.contentType = reader.str();
        break;
      case "entropy":
        object.entropy = reader.float64();
        break;
      default:
        reader.skip();
    }
  });
  return object;
}
