/** The names of a directory, as a NAME packet carries them (draft-ietf-secsh-filexfer-02, section 7). */

import type { ByteString } from "../lib/byte_string.ts";
import { PlakarError } from "../lib/errors.ts";
import { type Attributes, decodeAttributes } from "./attributes.ts";
import type { PacketReader } from "./packet_reader.ts";
import { PacketType, StatusCode } from "./packet_type.ts";
import { expect } from "./requests.ts";
import { decodeStatus, statusError } from "./status.ts";

/** One name of a directory. */
export interface DirectoryEntry {
  /** The name, whatever the server sent. */
  name: ByteString;
  /** What the server said about it. */
  attributes: Attributes;
}

/** Name, long name and flags take four bytes each at least. */
const SMALLEST_ENTRY = 12;

/**
 * Reads the answer of READDIR.
 *
 * @param type the type of the answer
 * @param reader the answer, at its fields
 * @param path the directory, for messages
 * @returns the entries in the order sent, or `undefined` after the last
 * @throws {PlakarError} what the server answered instead
 */
export function decodeListing(
  type: number,
  reader: PacketReader,
  path: ByteString,
): DirectoryEntry[] | undefined {
  if (type === PacketType.NAME) return decodeNames(reader);
  const subject = { operation: "list directory", path };
  const status = decodeStatus(expect(subject, type, PacketType.STATUS, reader));
  if (status.code === StatusCode.EOF) return undefined;
  throw statusError(subject.operation, path, status);
}

/** Reads names; the long names, which are for people, are passed over. */
function decodeNames(reader: PacketReader): DirectoryEntry[] {
  const count = reader.uint32();
  if (count > reader.remaining / SMALLEST_ENTRY) {
    throw new PlakarError("protocol", `Cannot read SFTP names: ${count} of them cannot be in one packet`);
  }
  const entries: DirectoryEntry[] = [];
  for (let i = 0; i < count; i++) {
    const name = reader.string();
    reader.skipString();
    entries.push({ name, attributes: decodeAttributes(reader) });
  }
  return entries;
}
