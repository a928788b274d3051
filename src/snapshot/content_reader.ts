/** Reading a file's content out of a repository: verified chunk by chunk, and as a whole at its end. */

import { type Chunk, decodeObject, type KlosetObject } from "../kloset/object.ts";
import { ResourceType } from "../kloset/resource.ts";
import { equal, toHex } from "../lib/bytes.ts";
import { PlakarError } from "../lib/errors.ts";
import type { BlobReader } from "../repository/blob_reader.ts";

/**
 * An object: what a content is made of.
 *
 * @param blobs what reads it
 * @param mac its id
 * @returns the object
 */
export async function readObject(blobs: BlobReader, mac: Uint8Array): Promise<KlosetObject> {
  return decodeObject(await blobs.read(ResourceType.object, mac));
}

/**
 * The chunks of a content, with the next one already on its way while one is used.
 *
 * @param blobs what reads them
 * @param object the content
 * @yields the bytes of each chunk, not to be changed
 * @throws {PlakarError} `corrupt` or `unreadable`, after the last chunk too if they do not add up
 */
export async function* readContent(blobs: BlobReader, object: KlosetObject): AsyncGenerator<Uint8Array> {
  if (object.chunks.length === 1) {
    const [chunk] = object.chunks;
    // Verified when it is read, it is the whole.
    assertIsContent(chunk.contentMac, object);
    if (chunk.length > 0) yield await readChunk(blobs, chunk);
    return;
  }
  const chunks = readChunks(blobs, object);
  const mac = blobs.codec.mac.stream();
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

/**
 * The chunks of an object, each verified, the whole not.
 *
 * @param blobs what reads them
 * @param object the object
 * @yields the bytes of each chunk, not to be changed
 */
export async function* readChunks(blobs: BlobReader, object: KlosetObject): AsyncGenerator<Uint8Array> {
  for (const chunk of object.chunks) if (chunk.length > 0) yield await readChunk(blobs, chunk);
}

function readChunk(blobs: BlobReader, chunk: Chunk): Promise<Uint8Array> {
  return blobs.read(ResourceType.chunk, chunk.contentMac, chunk.length);
}

function assertIsContent(mac: Uint8Array, { contentMac }: KlosetObject): void {
  if (equal(mac, contentMac)) return;
  throw new PlakarError(
    "corrupt",
    `The content does not match its MAC ${toHex(contentMac)}, though every chunk does`,
  );
}
