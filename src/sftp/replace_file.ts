/** Renaming over an existing file, also where a server has no extension for it. */

import type { ByteString } from "../lib/byte_string.ts";
import { FileType, fileType } from "./attributes.ts";
import type { SftpClient } from "./client.ts";
import { Extension } from "./extensions.ts";
import { StatusCode } from "./packet_type.ts";
import { statusOf } from "./status.ts";

/**
 * Renames a file over what may be there. It is atomic where the server offers `posix-rename@openssh.com`;
 * elsewhere a file that is in the way is moved aside first, and back if that did not help.
 *
 * @param client where
 * @param from the present name, a temporary one
 * @param to the new name
 */
export async function replaceFile(client: SftpClient, from: ByteString, to: ByteString): Promise<void> {
  try {
    return await client.rename(from, to);
  } catch (error) {
    const status = statusOf(error);
    if (client.offers(Extension.POSIX_RENAME) || status === undefined) throw error;
    if (status === StatusCode.NO_SUCH_FILE || status === StatusCode.PERMISSION_DENIED) throw error;
    // The refusal does not say why: only what is there tells whether something is in the way.
    const there = await client.lstat(to).catch(() => undefined);
    if (there === undefined || fileType(there) === FileType.DIRECTORY) throw error;
  }
  const aside = from + ".old" as ByteString;
  await client.rename(to, aside);
  try {
    await client.rename(from, to);
  } catch (error) {
    await client.rename(aside, to);
    throw error;
  }
  await client.remove(aside);
}
