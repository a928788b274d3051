/**
 * The wrapper around every file of a store:
 *
 * ```
 * "_KLOSET_" (8) || type u32 LE || version u32 LE || payload || MAC (32) of all before
 * ```
 */

import { equal, viewOf } from "../lib/bytes.ts";
import { PlakarError } from "../lib/errors.ts";
import type { Room } from "../lib/room.ts";
import type { MacFunction } from "./mac.ts";
import { MAC_SIZE } from "./mac.ts";
import type { ResourceType } from "./resource.ts";
import { currentVersion, resourceName } from "./resource.ts";
import { formatVersion } from "./version.ts";

/** Bytes before the payload. */
export const WRAPPER_HEADER_SIZE = 16;
/** Bytes after the payload. */
export const WRAPPER_FOOTER_SIZE: number = MAC_SIZE;

const MAGIC_SIZE = 8;
const MAGIC = new TextEncoder().encode("_KLOSET_");
/** What repositories from before the release begin with. */
const OLD_MAGIC = new TextEncoder().encode("_PLAKAR_");

/** The parts of a wrapped file, of which nothing has been verified. */
export interface Wrapped {
  /** The number of the resource type. */
  type: number;
  /** The version of the payload's format. */
  version: number;
  /** A view of the payload. */
  payload: Uint8Array;
  /** A view of what the MAC is computed over. */
  authenticated: Uint8Array;
  /** A view of the MAC. */
  mac: Uint8Array;
}

/** A payload whose wrapper was verified. */
export interface Unwrapped {
  /** The version of the payload's format. */
  version: number;
  /** A view of the payload. */
  payload: Uint8Array;
}

/**
 * The sixteen bytes before a payload, for who writes the payload and the MAC bit by bit.
 *
 * @param type what is wrapped
 * @param version the version of its format
 * @returns the header
 */
export function encodeWrapperHeader(type: ResourceType, version: number = currentVersion(type)): Uint8Array {
  const header = new Uint8Array(WRAPPER_HEADER_SIZE);
  header.set(MAGIC);
  const view = viewOf(header);
  view.setUint32(MAGIC_SIZE, type, true);
  view.setUint32(MAGIC_SIZE + 4, version, true);
  return header;
}

/**
 * Wraps a payload.
 *
 * @param type what it is
 * @param payload the payload
 * @param mac the MAC of the repository, or of `CONFIG` for that file
 * @param version the version of its format
 * @returns the bytes of the file
 */
export function wrap(
  type: ResourceType,
  payload: Uint8Array,
  mac: MacFunction,
  version: number = currentVersion(type),
): Uint8Array {
  return wrapEncoded(type, (room) => room(payload.length).set(payload), mac, version);
}

/**
 * Wraps a payload that is written to where it lies in the file.
 *
 * @param type what it is
 * @param encode writes the payload to the room that it asks for, once
 * @param mac the MAC of the repository
 * @param version the version of its format
 * @returns the bytes of the file
 */
export function wrapEncoded(
  type: ResourceType,
  encode: (room: Room) => void,
  mac: MacFunction,
  version: number = currentVersion(type),
): Uint8Array {
  const header = encodeWrapperHeader(type, version);
  let file = header;
  encode((length) => {
    file = new Uint8Array(WRAPPER_HEADER_SIZE + length + WRAPPER_FOOTER_SIZE);
    file.set(header);
    return file.subarray(WRAPPER_HEADER_SIZE, -WRAPPER_FOOTER_SIZE);
  });
  const end = file.length - WRAPPER_FOOTER_SIZE;
  file.set(mac(file.subarray(0, end)), end);
  return file;
}

/**
 * Takes a wrapped file apart without verifying anything: `CONFIG` must be read before its MAC can be computed.
 *
 * @param bytes the whole file
 * @param type what it should be, for errors
 * @returns its parts
 * @throws {PlakarError} `corrupt` if it is too short to be one
 */
export function splitWrapper(bytes: Uint8Array, type: ResourceType): Wrapped {
  const end = bytes.length - WRAPPER_FOOTER_SIZE;
  if (end < WRAPPER_HEADER_SIZE) throw corrupt(type, `the file has only ${bytes.length} bytes`);
  const view = viewOf(bytes);
  return {
    type: view.getUint32(MAGIC_SIZE, true),
    version: view.getUint32(MAGIC_SIZE + 4, true),
    payload: bytes.subarray(WRAPPER_HEADER_SIZE, end),
    authenticated: bytes.subarray(0, end),
    mac: bytes.subarray(end),
  };
}

/**
 * Whether bytes begin as a wrapped file does.
 *
 * @param bytes any bytes
 * @returns true if the magic is there, also that from before the release
 */
export function isWrapped(bytes: Uint8Array): boolean {
  const magic = bytes.subarray(0, MAGIC_SIZE);
  return equal(magic, MAGIC) || equal(magic, OLD_MAGIC);
}

/**
 * Verifies a wrapped file, its MAC before anything else.
 *
 * @param bytes the whole file
 * @param type what it must be
 * @param mac the MAC of the repository, or of `CONFIG` for that file
 * @returns the payload and its version
 * @throws {PlakarError} `corrupt` if it is not that, `version` if a newer program wrote it
 */
export function unwrap(bytes: Uint8Array, type: ResourceType, mac: MacFunction): Unwrapped {
  const wrapped = splitWrapper(bytes, type);
  if (!equal(mac(wrapped.authenticated), wrapped.mac)) throw corrupt(type, "its MAC does not match");
  if (!isWrapped(bytes)) throw corrupt(type, "it is not a Kloset file");
  if (wrapped.type !== type) throw corrupt(type, `it holds a ${resourceName(wrapped.type)}`);
  if (wrapped.version > currentVersion(type)) {
    throw new PlakarError(
      "version",
      `Cannot read ${resourceName(type)}: its version ${formatVersion(wrapped.version)} is newer than ` +
        formatVersion(currentVersion(type)),
      { hint: "Use a newer release of plakar to open this repository" },
    );
  }
  return { version: wrapped.version, payload: wrapped.payload };
}

function corrupt(type: ResourceType, state: string): PlakarError {
  return new PlakarError("corrupt", `Cannot unwrap ${resourceName(type)}: ${state}`);
}
