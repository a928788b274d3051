/** How one repository turns plain bytes into stored bytes: its MAC, its compression, its encryption. */

import { createCompression } from "../compression/compression.ts";
import { BlobCodec } from "../crypto/blob_codec.ts";
import { EncryptedStream } from "../crypto/encrypted_stream.ts";
import { randomBytes } from "../crypto/random.ts";
import { createMac, hash, type HashName, type Mac } from "../crypto/mac.ts";
import type { Configuration } from "../kloset/configuration.ts";
import type { ResourceType } from "../kloset/resource.ts";
import { unwrap, wrapEncoded } from "../kloset/wrapper.ts";
import { PlakarError } from "../lib/errors.ts";
import type { Room } from "../lib/room.ts";

/** A source of random bytes. */
export type RandomBytes = (length: number) => Uint8Array;

function hashNameOf(name: string): HashName {
  if (name === "BLAKE3" || name === "SHA256") return name;
  throw new PlakarError("unsupported", `Cannot hash with "${name}": it is not known`);
}

/** The byte transforms of one repository. */
export class RepositoryCodec {
  /** The repository's MAC: names of blobs, and the seal of every file but CONFIG. */
  readonly mac: Mac;
  readonly #blobs: BlobCodec;

  /**
   * Makes the transforms that a CONFIG names.
   *
   * @param configuration the repository's CONFIG
   * @param masterKey the key derived from the passphrase; absent in a plaintext repository
   * @param random where subkeys and nonces come from
   */
  constructor(
    configuration: Configuration,
    masterKey: Uint8Array | undefined,
    random: RandomBytes = randomBytes,
  ) {
    const { hashing, encryption, compression } = configuration;
    const algorithm = hashNameOf(hashing.algorithm);
    this.mac = createMac(algorithm, masterKey ?? hash(algorithm, configuration.repositoryId));
    if (encryption && encryption.dataAlgorithm !== "AES256-GCM-SIV") {
      throw new PlakarError(
        "unsupported",
        `Cannot decrypt with "${encryption.dataAlgorithm}": it is not known`,
      );
    }
    const cipher = encryption && masterKey && new EncryptedStream(masterKey, {
      subkeyAlgorithm: encryption.subKeyAlgorithm,
      segmentSize: encryption.chunkSize,
      random,
    });
    this.#blobs = new BlobCodec(createCompression(compression?.algorithm), cipher);
  }

  /**
   * Compresses and encrypts.
   *
   * @param plain the plain bytes
   * @param room where the stored bytes go, an array of its own if not given
   * @returns the stored bytes
   */
  encode(plain: Uint8Array, room?: Room): Uint8Array {
    return this.#blobs.encode(plain, room);
  }

  /**
   * Decrypts and decompresses.
   *
   * @param encoded the stored bytes
   * @param maxLength how long the plain bytes may be
   * @returns the plain bytes
   * @throws {PlakarError} `corrupt` if they do not decode
   */
  decode(encoded: Uint8Array, maxLength: number): Uint8Array {
    return this.#blobs.decode(encoded, maxLength);
  }

  /**
   * Encodes and seals a whole file.
   *
   * @param type the file's resource type
   * @param plain the plain payload
   * @returns the file's bytes
   */
  seal(type: ResourceType, plain: Uint8Array): Uint8Array {
    return wrapEncoded(type, (room) => this.encode(plain, room), (data) => this.mac.mac(data));
  }

  /**
   * Verifies and decodes a whole file.
   *
   * @param type the resource type it must have
   * @param bytes the file's bytes
   * @param maxLength how long the plain payload may be
   * @returns its format version and plain payload
   */
  unseal(type: ResourceType, bytes: Uint8Array, maxLength: number): { version: number; plain: Uint8Array } {
    const { version, payload } = unwrap(bytes, type, (data) => this.mac.mac(data));
    return { version, plain: this.decode(payload, maxLength) };
  }
}
