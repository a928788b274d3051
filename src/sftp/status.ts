/** What a server's refusal means. */

import { type ByteString, display } from "../lib/byte_string.ts";
import { type ErrorCode, PlakarError } from "../lib/errors.ts";
import type { PacketReader } from "./packet_reader.ts";
import { StatusCode } from "./packet_type.ts";

/** A decoded STATUS packet. */
export interface Status {
  /** One of `StatusCode`, or another server's own. */
  code: number;
  /** What the server said, empty where it said nothing. */
  text: ByteString;
}

const CODES: Readonly<Record<number, ErrorCode>> = {
  [StatusCode.NO_SUCH_FILE]: "not-found",
  [StatusCode.PERMISSION_DENIED]: "permission",
  [StatusCode.BAD_MESSAGE]: "protocol",
  [StatusCode.NO_CONNECTION]: "network",
  [StatusCode.CONNECTION_LOST]: "network",
  [StatusCode.OP_UNSUPPORTED]: "unsupported",
};

const NAMES = [
  "OK",
  "End of file",
  "No such file",
  "Permission denied",
  "Failure",
  "Bad message",
  "No connection",
  "Connection lost",
  "Operation unsupported",
];

const LONGEST_TEXT = 300;

/**
 * Reads a status; servers older than version 3 leave out the text.
 *
 * @param reader a packet, at its status code
 * @returns code and text
 */
export function decodeStatus(reader: PacketReader): Status {
  const code = reader.uint32();
  return { code, text: reader.remaining > 0 ? reader.string() : "" as ByteString };
}

/**
 * The error that a refusal is reported as.
 *
 * @param operation what was tried, to stand after "Cannot"
 * @param path what it was tried on
 * @param status what the server answered
 * @returns an error with `data.status`
 */
export function statusError(operation: string, path: ByteString | undefined, status: Status): PlakarError {
  const subject = path === undefined ? "" : ` "${display(path)}"`;
  const text = status.text === "" ? "" as ByteString : status.text.slice(0, LONGEST_TEXT) as ByteString;
  const said = text === "" ? NAMES[status.code] ?? "unknown status" : display(text);
  return new PlakarError(
    CODES[status.code] ?? "io",
    `Cannot ${operation}${subject}: the server answered "${said}" (status ${status.code})`,
    { data: { status: status.code, operation, path } },
  );
}

/**
 * The status code an error carries.
 *
 * @param error what was caught
 * @returns the code, or `undefined` if no server answered it
 */
export function statusOf(error: unknown): number | undefined {
  const status = error instanceof PlakarError ? error.data?.status : undefined;
  return typeof status === "number" ? status : undefined;
}
