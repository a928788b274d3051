/** How much a server takes and gives at once (`limits@openssh.com`, OpenSSH's PROTOCOL file, section 4.8). */

import { Extension } from "./extensions.ts";
import type { PacketReader } from "./packet_reader.ts";
import type { Requests } from "./requests.ts";
import { statusOf } from "./status.ts";

/** How much a server takes and gives at once. */
export interface Limits {
  /** Longest piece a READ is answered with. */
  read: number;
  /** Longest piece a WRITE may carry. */
  write: number;
  /** Handles that may be open at once, `Infinity` where the server does not say. */
  handles: number;
}

/** What holds for servers that do not say: every one must take packets of 34 000 bytes. */
export const DEFAULT_LIMITS: Limits = { read: 32 * 1024, write: 32 * 1024, handles: Infinity };

/** What fits into a packet of 256 KiB beside its other fields. */
const LARGEST_PIECE = 255 * 1024;
const SMALLEST_PIECE = 1024;

/**
 * Asks a server for its limits.
 *
 * @param ask asks the server
 * @returns the limits; those that hold everywhere if the server does not say
 */
export async function askLimits(ask: Requests): Promise<Limits> {
  try {
    return await ask.extended({ operation: "ask for limits" }, Extension.LIMITS, () => {}, decodeLimits);
  } catch (error) {
    if (statusOf(error) === undefined) throw error;
    return DEFAULT_LIMITS;
  }
}

/** Reads the answer, kept to what this client can use. A zero means that the server does not say. */
function decodeLimits(reader: PacketReader): Limits {
  reader.uint64();
  const piece = (value: number, otherwise: number) =>
    value === 0 ? otherwise : Math.max(SMALLEST_PIECE, Math.min(value, LARGEST_PIECE));
  const read = piece(reader.uint64(), DEFAULT_LIMITS.read);
  const write = piece(reader.uint64(), DEFAULT_LIMITS.write);
  return { read, write, handles: reader.uint64() || Infinity };
}
