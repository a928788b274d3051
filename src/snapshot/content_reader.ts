/** Reading a file's content out of a snapshot: verified chunk by chunk, and as a whole at its end. */

import type { KlosetObject } from "../kloset/object.ts";
import { equal, toHex } from "../lib/bytes.ts";
import { PlakarError } from "../lib/errors.ts";
import type { Snapshot } from "./snapshot.ts";

/**
 * The chunks of a content, with the next one already on its way while one is used.
 *
 * @param snapshot where it is
 * @param object the content
 * @yields the bytes of each chunk, not to be changed
 * @throws {PlakarError} `corrupt` or `unreadable`, after the last chunk too if they do not add up
 */
export async function* readContent(snapshot: Snapshot, object: KlosetObject): AsyncGenerator<Uint8Array> {
  const chunks = snapshot.read(object);
  // The MAC of the only chunk, verified when it was read, is the MAC of the whole.
  const mac = object.chunks.length === 1 ? undefined : snapshot.repository.codec.mac.stream();
  let upcoming = chunks.next();
  try {
    for (;;) {
      const current = await upcoming;
      if (current.done) break;
      upcoming = chunks.next();
      // Whoever stops early must not leave a failure behind that nobody waits for.
      upcoming.catch(() => {});
      mac?.update(current.value);
      yield current.value;
    }
  } finally {
    await chunks.return(undefined);
  }
  const found = mac ? mac.digest() : object.chunks[0].contentMac;
  if (!equal(found, object.contentMac)) {
    throw new PlakarError(
      "corrupt",
      `The content does not match its MAC ${toHex(object.contentMac)}, though every chunk does`,
    );
  }
}
