/** What of a repository is kept on this machine: what its states say, and the headers of its snapshots. */

import type { RepositoryCodec } from "./repository_codec.ts";
import { type CacheSettings, SegmentCache } from "./segment_cache.ts";

/** The caches of one repository. */
export class RepositoryCache {
  /** Plain states by their ids. */
  readonly states: SegmentCache;
  /** Plain headers by the identifiers of their snapshots. */
  readonly headers: SegmentCache;

  /**
   * Nothing is read yet.
   *
   * @param codec the repository's transforms
   * @param settings where the files are, and what is worth keeping
   */
  constructor(codec: RepositoryCodec, settings: CacheSettings) {
    this.states = new SegmentCache("states", codec, settings);
    this.headers = new SegmentCache("headers", codec, settings);
  }
}
