/** What the path of an SFTP location means on its server. */

import { clean, isClean } from "../../lib/byte_path.ts";
import { type ByteString, display } from "../../lib/byte_string.ts";
import { PlakarError } from "../../lib/errors.ts";
import type { SftpClient } from "../../sftp/client.ts";
import { Extension } from "../../sftp/extensions.ts";
import { statusOf } from "../../sftp/status.ts";

const LOGIN_DIRECTORY = "." as ByteString;

/**
 * The real path of a location: absolute, links resolved as far as the server resolves them. If nothing is
 * there, it is the path as it was given, made absolute.
 *
 * @param client where
 * @param path the location's path; `undefined` is the login directory, a relative path is relative to it, and
 * `~user` another's, where the server knows it
 * @returns an absolute, clean path
 */
export async function resolveRemotePath(
  client: SftpClient,
  path: ByteString | undefined,
): Promise<ByteString> {
  if (path === undefined) return checked(await client.realpath(LOGIN_DIRECTORY));
  const expands = path.startsWith("~") && client.offers(Extension.EXPAND_PATH);
  try {
    return checked(await (expands ? client.expandPath(path) : client.realpath(path)));
  } catch (error) {
    if (statusOf(error) === undefined) throw error;
    if (path.startsWith("/")) return clean(path);
    return clean(path, checked(await client.realpath(LOGIN_DIRECTORY)));
  }
}

function checked(path: ByteString): ByteString {
  if (isClean(path)) return path;
  const cleaned = clean(path);
  if (path.startsWith("/") && isClean(cleaned)) return cleaned;
  throw new PlakarError(
    "protocol",
    `Server answered with "${display(path)}" where an absolute path was asked for`,
  );
}
