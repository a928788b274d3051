/** Storing one chunk of a content: it is named by its MAC, and encoded and packed unless somebody has stored it. */

import type { Chunk } from "../kloset/object.ts";
import { ResourceType } from "../kloset/resource.ts";
import type { KnownBlobs } from "../repository/known_blobs.ts";
import type { Packer } from "../repository/packer.ts";
import type { RepositoryCodec } from "../repository/repository_codec.ts";

/** Where chunks go. */
export interface ChunkContext {
  /** The repository's transforms. */
  codec: RepositoryCodec;
  /** What is stored already: adding a blob tells whether it has to be stored. */
  known: Pick<KnownBlobs, "add" | "addObject">;
  /** Where new blobs go. */
  packer: Packer;
}

/** A chunk that is stored. */
export interface StoredChunk extends Chunk {
  /** Whether nobody had stored it before. */
  isNew: boolean;
}

/**
 * Stores a chunk.
 *
 * @param context where it goes
 * @param data its bytes, which may be reused as soon as this returns
 * @param entropy their entropy
 * @returns the chunk, when the storage wants more
 */
export async function storeChunk(
  { codec, known, packer }: ChunkContext,
  data: Uint8Array,
  entropy: number,
): Promise<StoredChunk> {
  const contentMac = codec.mac.mac(data);
  const { length } = data;
  const isNew = known.add(ResourceType.chunk, contentMac);
  if (isNew) await packer.put(ResourceType.chunk, contentMac, data);
  return { contentMac, length, entropy, isNew };
}
