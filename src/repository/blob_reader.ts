/** Reading blobs: found in the index, read from their packfiles, decoded and verified. */

import type { Storage } from "../connectors/storage/storage.ts";
import { resourceName, ResourceType } from "../kloset/resource.ts";
import { WRAPPER_HEADER_SIZE } from "../kloset/wrapper.ts";
import { equal, toHex } from "../lib/bytes.ts";
import { isPlakarError, messageOf, PlakarError } from "../lib/errors.ts";
import { EventLoopTurns } from "../lib/event_loop.ts";
import type { BlobIndex, BlobLocation } from "./blob_index.ts";
import { PackfileReader } from "./packfile_reader.ts";
import type { RepositoryCodec } from "./repository_codec.ts";

/** Blob types whose id is not the MAC of their content. */
const NAMED_AT_RANDOM: readonly number[] = [
  ResourceType.snapshot,
  ResourceType.signature,
  ResourceType.random,
];

/** The most that a blob other than a chunk may decode to: the object of a file of some terabytes. */
const MAX_METADATA_SIZE = 1024 ** 3;

/** Reads the blobs of a repository. */
export class BlobReader {
  /** The repository's byte transforms. */
  readonly codec: RepositoryCodec;
  readonly #storage: Storage;
  readonly #index: BlobIndex;
  readonly #packfiles: PackfileReader;
  readonly #turns = new EventLoopTurns();

  /**
   * Makes a reader that has read nothing yet.
   *
   * @param storage where the packfiles are
   * @param codec the repository's byte transforms
   * @param index where every blob is
   */
  constructor(storage: Storage, codec: RepositoryCodec, index: BlobIndex) {
    this.codec = codec;
    this.#storage = storage;
    this.#index = index;
    this.#packfiles = new PackfileReader(storage, (id) => index.extent(id));
  }

  /** Bytes of packfiles read so far. */
  get bytesRead(): number {
    return this.#packfiles.bytesRead;
  }

  /**
   * Reads and verifies a blob, from the first of its places where it is intact.
   *
   * @param type the blob's resource type
   * @param mac the blob's MAC
   * @param maxLength how long it may be
   * @returns its plain bytes, not to be changed
   * @throws {PlakarError} `corrupt` if it is not what its MAC says, `unreadable` if it could not be read
   */
  async read(
    type: ResourceType,
    mac: Uint8Array,
    maxLength: number = MAX_METADATA_SIZE,
  ): Promise<Uint8Array> {
    const first = this.#index.get(type, mac);
    if (!first) {
      const name = `${resourceName(type)} ${toHex(mac)}`;
      throw new PlakarError("corrupt", `Cannot read ${name}: no packfile of the repository holds it`, {
        hint: 'Run "plakar check" to see what is affected',
      });
    }
    try {
      return await this.#readAt(type, mac, first, maxLength);
    } catch (failure) {
      for (const other of this.#index.all(type, mac).slice(1)) {
        // The failure to report is that of the first place.
        const plain = await this.#readAt(type, mac, other, maxLength).catch(() => undefined);
        if (plain) return plain;
      }
      const code = isPlakarError(failure, "corrupt") ? "corrupt" : "unreadable";
      const what = `${resourceName(type)} ${toHex(mac)} in packfile ${first.packfile} at ${first.offset}`;
      throw new PlakarError(code, `Cannot read ${what}: ${messageOf(failure)}`, { cause: failure });
    }
  }

  /** Headers are mostly read one from each packfile: what is around them is nothing to fetch with them. */
  #encoded<T>(
    type: ResourceType,
    { packfile, offset, length }: BlobLocation,
    use: (encoded: Uint8Array) => T,
  ): Promise<T> {
    if (type !== ResourceType.snapshot) return this.#packfiles.read(packfile, offset, length, use);
    return this.#storage.get("packfile", packfile, { offset: WRAPPER_HEADER_SIZE + offset, length }).then(
      use,
    );
  }

  async #readAt(
    type: ResourceType,
    mac: Uint8Array,
    at: BlobLocation,
    maxLength: number,
  ): Promise<Uint8Array> {
    const plain = await this.#encoded(type, at, (encoded) => {
      const decoded = this.codec.decode(encoded, maxLength);
      return decoded.buffer === encoded.buffer ? decoded.slice() : decoded;
    });
    if (!NAMED_AT_RANDOM.includes(type) && !equal(this.codec.mac.mac(plain), mac)) {
      throw new PlakarError("corrupt", "its content does not match its MAC");
    }
    // What is at hand is read without waiting for anything: nothing else would get its turn.
    const turn = this.#turns.after(plain.length);
    if (turn) await turn;
    return plain;
  }
}
