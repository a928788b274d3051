/** How the key of an encrypted repository is derived from its passphrase, as `CONFIG` records it. */

import { PlakarError } from "../lib/errors.ts";
import type { MsgpackReader } from "./msgpack_reader.ts";
import type { MsgpackWriter } from "./msgpack_writer.ts";

/** Argon2id, the only one that is created. */
export interface Argon2idParameters {
  /** Which derivation this is. */
  kdf: "ARGON2ID";
  /** The salt. */
  salt: Uint8Array;
  /** How long a salt is made, in bytes. */
  saltSize: number;
  /** Passes over the memory. */
  time: number;
  /** Memory in KiB. */
  memory: number;
  /** Lanes. */
  threads: number;
  /** Bytes of the key. */
  keyLength: number;
}

/** Scrypt. */
export interface ScryptParameters {
  /** Which derivation this is. */
  kdf: "SCRYPT";
  /** The salt. */
  salt: Uint8Array;
  /** How long a salt is made, in bytes. */
  saltSize: number;
  /** Cost, a power of two. */
  n: number;
  /** Block size. */
  r: number;
  /** Parallelism. */
  p: number;
  /** Bytes of the key. */
  keyLength: number;
}

/** PBKDF2 with HMAC. */
export interface Pbkdf2Parameters {
  /** Which derivation this is. */
  kdf: "PBKDF2";
  /** The salt. */
  salt: Uint8Array;
  /** How long a salt is made, in bytes. */
  saltSize: number;
  /** Iterations. */
  iterations: number;
  /** Bytes of the key. */
  keyLength: number;
  /** The hash: `SHA256` or `BLAKE3`. */
  hashing: string;
}

/** The derivation of a key. */
export type KdfParameters = Argon2idParameters | ScryptParameters | Pbkdf2Parameters;

const FIELDS = ["KDF", "Salt", "argon2id", "scrypt", "pbkdf2"] as const;
const ARGON2ID_FIELDS = ["SaltSize", "Time", "Memory", "Threads", "KeyLen"] as const;
const SCRYPT_FIELDS = ["SaltSize", "N", "R", "P", "KeyLen"] as const;
const PBKDF2_FIELDS = ["SaltSize", "Iterations", "KeyLen", "Hashing"] as const;

/**
 * Writes the parameters of a key derivation.
 *
 * @param writer where to
 * @param parameters what to write
 */
export function writeKdf(writer: MsgpackWriter, parameters: KdfParameters): void {
  writer.mapHeader(3);
  writer.key("KDF");
  writer.text(parameters.kdf);
  writer.key("Salt");
  writer.bin(parameters.salt);
  switch (parameters.kdf) {
    case "ARGON2ID":
      writer.key("argon2id");
      writer.mapHeader(ARGON2ID_FIELDS.length);
      writer.key("SaltSize");
      writer.uint32(parameters.saltSize);
      writer.key("Time");
      writer.uint32(parameters.time);
      writer.key("Memory");
      writer.uint32(parameters.memory);
      writer.key("Threads");
      writer.uint8(parameters.threads);
      writer.key("KeyLen");
      writer.uint32(parameters.keyLength);
      break;
    case "SCRYPT":
      writer.key("scrypt");
      writer.mapHeader(SCRYPT_FIELDS.length);
      writer.key("SaltSize");
      writer.uint32(parameters.saltSize);
      writer.key("N");
      writer.compactInt(parameters.n);
      writer.key("R");
      writer.compactInt(parameters.r);
      writer.key("P");
      writer.compactInt(parameters.p);
      writer.key("KeyLen");
      writer.compactInt(parameters.keyLength);
      break;
    case "PBKDF2":
      writer.key("pbkdf2");
      writer.mapHeader(PBKDF2_FIELDS.length);
      writer.key("SaltSize");
      writer.uint32(parameters.saltSize);
      writer.key("Iterations");
      writer.compactInt(parameters.iterations);
      writer.key("KeyLen");
      writer.compactInt(parameters.keyLength);
      writer.key("Hashing");
      writer.text(parameters.hashing);
  }
}

/**
 * Reads the parameters of a key derivation.
 *
 * @param reader where from
 * @returns the parameters
 * @throws {PlakarError} `corrupt` if they are none, `unsupported` for another derivation
 */
export function readKdf(reader: MsgpackReader): KdfParameters {
  let kdf = "";
  let salt: Uint8Array = new Uint8Array(0);
  const found = new Map<string, Map<string, number | string>>();
  const read = (field: string, names: readonly string[]) => {
    if (reader.isNil()) return reader.skip();
    const values = new Map<string, number | string>();
    reader.readMap(names, (name) => values.set(name, name === "Hashing" ? reader.text() : reader.integer()));
    found.set(field, values);
  };
  reader.readMap(FIELDS, (field) => {
    switch (field) {
      case "KDF":
        kdf = reader.text();
        break;
      case "Salt":
        salt = reader.bin() ?? salt;
        break;
      case "argon2id":
        read(field, ARGON2ID_FIELDS);
        break;
      case "scrypt":
        read(field, SCRYPT_FIELDS);
        break;
      default:
        read(field, PBKDF2_FIELDS);
    }
  });
  const values = found.get(kdf.toLowerCase());
  if (kdf !== "ARGON2ID" && kdf !== "SCRYPT" && kdf !== "PBKDF2") {
    throw new PlakarError("unsupported", `Cannot derive the key: unknown derivation "${kdf}"`);
  }
  if (values === undefined) throw reader.error(`no parameters for ${kdf}`);
  const number = (name: string) => Number(values.get(name) ?? 0);
  const shared = { salt, saltSize: number("SaltSize"), keyLength: number("KeyLen") };
  if (kdf === "ARGON2ID") {
    return { kdf, ...shared, time: number("Time"), memory: number("Memory"), threads: number("Threads") };
  }
  if (kdf === "SCRYPT") return { kdf, ...shared, n: number("N"), r: number("R"), p: number("P") };
  return { kdf, ...shared, iterations: number("Iterations"), hashing: String(values.get("Hashing") ?? "") };
}
