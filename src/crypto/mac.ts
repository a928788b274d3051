/**
 * The hash and the keyed MAC of a repository.
 *
 * `BLAKE3` is keyed_hash mode with a key of 32 bytes, `SHA256` is HMAC-SHA256.
 */

import { createHash as createNodeHash, createHmac } from "node:crypto";
import { PlakarError } from "../lib/errors.ts";
import { Blake3 } from "./blake3.ts";

/** The hashes a repository can be configured with. */
export type HashName = "BLAKE3" | "SHA256";

/** A hash or MAC of bytes that come in pieces. */
export interface MacStream {
  /**
   * Takes the next bytes.
   *
   * @param data any number of bytes
   */
  update(data: Uint8Array): void;
  /**
   * The result for all bytes since the start, with which it starts again.
   *
   * @returns 32 new bytes
   */
  digest(): Uint8Array;
  /** Starts again with no bytes. */
  reset(): void;
}

/** A MAC under one key. */
export interface Mac {
  /**
   * The MAC of bytes that are all at hand.
   *
   * @param data any number of bytes
   * @returns 32 new bytes
   */
  mac(data: Uint8Array): Uint8Array;
  /**
   * A MAC of bytes that come in pieces.
   *
   * @returns a stream of its own state
   */
  stream(): MacStream;
}

/** What is needed of the hashes and HMACs of `node:crypto`. */
interface NodeHash {
  update(data: Uint8Array): unknown;
  digest(): Uint8Array;
}

/** SHA-256 or, with a key, HMAC-SHA256. */
class Sha256Stream implements MacStream {
  readonly #begin: () => NodeHash;
  #state: NodeHash;

  constructor(key?: Uint8Array) {
    this.#begin = key === undefined ? () => createNodeHash("sha256") : () => createHmac("sha256", key);
    this.#state = this.#begin();
  }

  update(data: Uint8Array): void {
    this.#state.update(data);
  }

  digest(): Uint8Array {
    const digest = new Uint8Array(this.#state.digest());
    this.reset();
    return digest;
  }

  reset(): void {
    this.#state = this.#begin();
  }
}

function open(name: HashName, key?: Uint8Array): Blake3 | Sha256Stream {
  switch (name) {
    case "BLAKE3":
      return new Blake3(key);
    case "SHA256":
      return new Sha256Stream(key);
    default:
      throw new PlakarError("unsupported", `Cannot hash with "${name}": only BLAKE3 and SHA256 are known`);
  }
}

function wholeOf(stream: Blake3 | Sha256Stream, data: Uint8Array): Uint8Array {
  if (stream instanceof Blake3) return stream.whole(data);
  stream.update(data);
  return stream.digest();
}

/**
 * The MAC of a repository.
 *
 * @param name which hash it is built on
 * @param key the secret, 32 bytes
 * @returns the MAC under this key
 * @throws {PlakarError} "unsupported" if the hash is unknown or the key is not of 32 bytes
 */
export function createMac(name: HashName, key: Uint8Array): Mac {
  if (key.length !== 32) {
    throw new PlakarError("unsupported", `Cannot use a MAC key of ${key.length} bytes: it takes 32`);
  }
  const secret = key.slice();
  const whole = open(name, secret);
  return {
    mac: (data: Uint8Array): Uint8Array => wholeOf(whole, data),
    stream: (): MacStream => open(name, secret),
  };
}

/**
 * A hash without key of bytes that come in pieces.
 *
 * @param name which hash
 * @returns a stream of its own state
 * @throws {PlakarError} "unsupported" if the hash is unknown
 */
export function createHash(name: HashName): MacStream {
  return open(name);
}

/**
 * The hash without key of bytes that are all at hand.
 *
 * @param name which hash
 * @param data any number of bytes
 * @returns 32 new bytes
 * @throws {PlakarError} "unsupported" if the hash is unknown
 */
export function hash(name: HashName, data: Uint8Array): Uint8Array {
  return wholeOf(open(name), data);
}
