/** What a repository does to every blob, index, state and lock: compress, then encrypt. */

import type { Compression } from "../compression/compression.ts";
import { newRoom, type Room } from "../lib/room.ts";
import type { EncryptedStream } from "./encrypted_stream.ts";

/** The most a compressed form can be longer than a plain one: headers, and a word for each block. */
const COMPRESSION_SLACK = 1024;

/** Room for what is decrypted and not decompressed yet is used again, up to so much: most chunks fit. */
const KEPT_ROOM = 4 * 1024 * 1024;

/** Encodes and decodes everything of one repository. */
export class BlobCodec {
  readonly #compression: Compression;
  readonly #cipher: EncryptedStream | undefined;
  #decrypted: Uint8Array = new Uint8Array();

  /**
   * Encodes one way.
   *
   * @param compression how it compresses
   * @param cipher how it encrypts, none in a plaintext repository
   */
  constructor(compression: Compression, cipher: EncryptedStream | undefined) {
    this.#compression = compression;
    this.#cipher = cipher;
  }

  /**
   * Compresses and encrypts.
   *
   * @param plain any number of bytes
   * @param room where what is stored goes, an array of its own if not given
   * @returns what is stored
   */
  encode(plain: Uint8Array, room: Room = newRoom): Uint8Array {
    const compressed = this.#compression.compress(plain);
    if (this.#cipher) return this.#cipher.encrypt(compressed, room);
    const stored = room(compressed.length);
    stored.set(compressed);
    return stored;
  }

  /**
   * Decrypts and decompresses.
   *
   * @param encoded what was stored
   * @param maxLength the most plain bytes the caller expects
   * @returns the plain bytes; the given array itself where nothing is done to it
   * @throws {PlakarError} "corrupt" if it cannot be decoded or is longer than expected
   */
  decode(encoded: Uint8Array, maxLength: number): Uint8Array {
    if (this.#cipher === undefined) return this.#compression.decompress(encoded, maxLength);
    const compressed = this.#cipher.decrypt(
      encoded,
      maxLength + Math.ceil(maxLength / 16) + COMPRESSION_SLACK,
      (length) => this.#roomFor(length),
    );
    const plain = this.#compression.decompress(compressed, maxLength);
    return plain.buffer === this.#decrypted.buffer ? plain.slice() : plain;
  }

  #roomFor(length: number): Uint8Array {
    if (length > KEPT_ROOM) return newRoom(length);
    if (length > this.#decrypted.length) this.#decrypted = newRoom(Math.min(2 * length, KEPT_ROOM));
    return this.#decrypted.subarray(0, length);
  }
}
