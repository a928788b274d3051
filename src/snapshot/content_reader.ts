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
  if (object.chunks.length === 1) {
    const [chunk] = object.chunks;
    // Verified when it is read, it is the whole.
    assertIsContent(chunk.contentMac, object);
    if (chunk.length > 0) yield await snapshot.chunk(chunk);
    return;
  }
  const chunks = snapshot.read(object);
  const mac = snapshot.repository.codec.mac.stream();
  let upcoming = chunks.next();
  try {
    for (;;) {
      const current = await upcoming;
      if (current.done) break;
      upcoming = chunks.next();
      // Whoever stops early must not leave a failure behind that nobody waits for.
      upcoming.catch(() => {});
      mac.update(current.value);
      yield current.value;
    }
  } finally {
    await chunks.return(undefined);
  }
  assertIsContent(mac.digest(), object);
}

function assertIsContent(mac: Uint8Array, { contentMac }: KlosetObject): void {
  if (equal(mac, contentMac)) return;
  throw new PlakarError(
    "corrupt",
    `The content does not match its MAC ${toHex(contentMac)}, though every chunk does`,
  );
}
