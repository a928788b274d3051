/** Listing a directory with two requests in flight. */

import type { ByteString } from "../lib/byte_string.ts";
import type { SftpClient } from "./client.ts";
import type { DirectoryEntry } from "./directory_entry.ts";

/** While one answer is worked on, the next is on its way. */
const IN_FLIGHT = 2;

/**
 * Lists a directory as the server sends it: in any order, with `.` and `..`, nothing checked.
 *
 * @param client where the directory is
 * @param path the directory
 * @param receive takes each batch of names; what it throws ends the listing
 */
export async function listDirectory(
  client: SftpClient,
  path: ByteString,
  receive: (entries: DirectoryEntry[]) => void,
): Promise<void> {
  const handle = await client.openDirectory(path);
  let failure: { error: unknown } | undefined;
  let ended = false;
  const run = async () => {
    while (!ended && !failure) {
      try {
        const entries = await client.readDirectory(handle, path);
        if (entries === undefined) ended = true;
        else if (!failure) receive(entries);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, run));
  if (!client.failure) client.forgetHandle(handle);
  if (failure) throw failure.error;
}
