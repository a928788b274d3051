/** Locks: who works on a repository, and whether others may write beside them. */

import { MsgpackReader, ZERO_TIME } from "./msgpack_reader.ts";
import { MsgpackWriter } from "./msgpack_writer.ts";
import { VERSION_1_0_0 } from "./version.ts";

/** A lock. */
export interface Lock {
  /** When it was taken or last refreshed, in nanoseconds since 1970. */
  timestamp: bigint;
  /** The host that holds it. */
  hostname: string;
  /** Whether nobody else may write. */
  exclusive: boolean;
}

const FIELDS = ["version", "timestamp", "hostname", "exclusive"] as const;

/**
 * Encodes a lock.
 *
 * @param lock what to encode
 * @returns the plain lock
 */
export function encodeLock(lock: Lock): Uint8Array {
  const writer = new MsgpackWriter();
  writer.mapHeader(FIELDS.length);
  writer.key("version");
  writer.uint32(VERSION_1_0_0);
  writer.key("timestamp");
  writer.time(lock.timestamp);
  writer.key("hostname");
  writer.text(lock.hostname);
  writer.key("exclusive");
  writer.bool(lock.exclusive);
  return writer.take();
}

/**
 * Decodes a lock.
 *
 * @param bytes the plain lock
 * @returns the lock
 * @throws {PlakarError} `corrupt` if it is none
 */
export function decodeLock(bytes: Uint8Array): Lock {
  const reader = new MsgpackReader(bytes, "lock");
  const lock: Lock = { timestamp: ZERO_TIME, hostname: "", exclusive: false };
  reader.readMap(FIELDS, (field) => {
    switch (field) {
      case "timestamp":
        lock.timestamp = reader.time();
        break;
      case "hostname":
        lock.hostname = reader.text();
        break;
      case "exclusive":
        lock.exclusive = reader.bool();
        break;
      default:
        reader.skip();
    }
  });
  return lock;
}
