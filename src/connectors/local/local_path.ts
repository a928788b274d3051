/** Paths of this machine, which the runtime knows only as text. */

import { type ByteString, display, toText } from "../../lib/byte_string.ts";
import { PlakarError } from "../../lib/errors.ts";

/** Why a name cannot be used here, for messages. */
export const NOT_UTF8: string =
  "the name is not valid UTF-8, which cannot be used in local paths; reach it over SFTP instead";

/**
 * A path as the runtime takes it.
 *
 * @param path the bytes of the path
 * @returns its text
 * @throws {PlakarError} `unsupported` if the bytes are not UTF-8
 */
export function toLocalPath(path: ByteString): string {
  const text = toText(path);
  if (text === undefined) throw new PlakarError("unsupported", `Cannot use "${display(path)}": ${NOT_UTF8}`);
  return text;
}
