/** Private key files of PuTTY (.ppk), versions 2 and 3: see appendix C of PuTTY's manual. */

import { Buffer } from "node:buffer";
import { createDecipheriv, createHash, createHmac, type JsonWebKey, timingSafeEqual } from "node:crypto";
import { argon2d, argon2i, argon2id } from "hash-wasm";
import { WireReader, WireWriter } from "../wire.ts";
import type { PrivateKeyResult } from "./private_key.ts";
import { bytesText, CURVES, numberText, publicJwkOf } from "./public_jwk.ts";
import { type PublicKey, publicKeyOf } from "./public_key.ts";

const ENCRYPTION = "aes256-cbc";

/** More memory than this is taken for no passphrase, in KiB. */
const MAX_MEMORY = 1024 * 1024;

/** Its derivations of keys. */
const DERIVATIONS: Readonly<Record<string, typeof argon2id>> = {
  "Argon2d": argon2d,
  "Argon2i": argon2i,
  "Argon2id": argon2id,
};

/** What stands in a file. */
interface PuttyFile {
  version: number;
  type: string;
  publicBlob: Uint8Array;
  privateBlob: Uint8Array;
  /** All other lines: a name and a value. */
  fields: ReadonlyMap<string, string>;
}

/** What a passphrase comes to. */
interface Secrets {
  key: Uint8Array;
  iv: Uint8Array;
  macKey: Uint8Array;
}

/**
 * Whether a file is a key of PuTTY.
 *
 * @param text the file's text
 * @returns true if it is, of whatever version
 */
export function isPuttyKey(text: string): boolean {
  return text.startsWith("PuTTY-User-Key-File-");
}

/**
 * The public half of a file, which is never encrypted.
 *
 * @param text the file's text
 * @returns the public key, or `undefined` if it cannot be read
 */
export function puttyPublicHalf(text: string): PublicKey | undefined {
  const file = readFile(text);
  return file && publicKeyOf(file.publicBlob);
}

/**
 * Reads a file.
 *
 * @param text the file's text
 * @param passphrase what it may be encrypted with
 * @returns the key, or what is in the way
 */
export async function parsePuttyKey(text: string, passphrase: string | undefined): Promise<PrivateKeyResult> {
  const file = readFile(text);
  const encryption = file?.fields.get("Encryption");
  const isKnown = encryption === "none" || encryption === ENCRYPTION;
  if (!file || !isKnown || (file.version !== 2 && file.version !== 3)) {
    return { problem: "this form of PuTTY's keys is not known (puttygen -O private-openssh converts it)" };
  }
  const isEncrypted = encryption === ENCRYPTION;
  if (isEncrypted && !passphrase) return { locked: true };
  try {
    const secrets = await secretsOf(file, isEncrypted ? passphrase ?? "" : "", isEncrypted);
    const secret = isEncrypted ? decrypt(file.privateBlob, secrets) : file.privateBlob;
    if (!isAuthentic(file, secret, secrets)) {
      return isEncrypted
        ? { locked: true }
        : { problem: "it is damaged: its checksum is not that of its content" };
    }
    const key = { type: file.type, blob: file.publicBlob };
    return { key: { ...key, jwk: privateJwkOf(key, secret) } };
  } catch {
    return { problem: `PuTTY's keys of the type "${file.type}" cannot be used, or it is damaged` };
  }
}

function readFile(text: string): PuttyFile | undefined {
  const lines = text.split(/\r\n|\r|\n/);
  const head = /^PuTTY-User-Key-File-(\d): (\S+)$/.exec(lines[0] ?? "");
  if (!head) return undefined;
  const fields = new Map<string, string>();
  const blobs = new Map<string, Uint8Array>();
  for (let at = 1; at < lines.length; at++) {
    const [, name, value] = /^([A-Za-z0-9-]+): (.*)$/.exec(lines[at]) ?? [];
    if (name === undefined) continue;
    fields.set(name, value);
    if (name !== "Public-Lines" && name !== "Private-Lines") continue;
    const end = at + 1 + Number(value);
    blobs.set(name, new Uint8Array(Buffer.from(lines.slice(at + 1, end).join(""), "base64")));
    at = end - 1;
  }
  const [publicBlob, privateBlob] = [blobs.get("Public-Lines"), blobs.get("Private-Lines")];
  if (!publicBlob || !privateBlob) return undefined;
  return { version: Number(head[1]), type: head[2], publicBlob, privateBlob, fields };
}

async function secretsOf(file: PuttyFile, passphrase: string, isEncrypted: boolean): Promise<Secrets> {
  if (file.version === 2) {
    const sha1 = (...parts: (string | Uint8Array)[]) =>
      parts.reduce((hash, part) => hash.update(part), createHash("sha1")).digest();
    const halves = [0, 1].map((count) => sha1(Uint8Array.of(0, 0, 0, count), passphrase));
    return {
      key: Buffer.concat(halves).subarray(0, 32),
      iv: new Uint8Array(16),
      macKey: sha1("putty-private-key-file-mac-key", passphrase),
    };
  }
  const none = new Uint8Array();
  if (!isEncrypted) return { key: none, iv: none, macKey: none };
  const derive = DERIVATIONS[file.fields.get("Key-Derivation") ?? ""];
  const memorySize = Number(file.fields.get("Argon2-Memory"));
  if (!derive || !(memorySize <= MAX_MEMORY)) throw new Error("the derivation is not known");
  const derived = await derive({
    password: passphrase,
    salt: new Uint8Array(Buffer.from(file.fields.get("Argon2-Salt") ?? "", "hex")),
    memorySize,
    iterations: Number(file.fields.get("Argon2-Passes")),
    parallelism: Number(file.fields.get("Argon2-Parallelism")),
    hashLength: 80,
    outputType: "binary",
  });
  return { key: derived.subarray(0, 32), iv: derived.subarray(32, 48), macKey: derived.subarray(48) };
}

function decrypt(blob: Uint8Array, { key, iv }: Secrets): Uint8Array {
  const decipher = createDecipheriv("aes-256-cbc", key, iv);
  decipher.setAutoPadding(false);
  return new Uint8Array(Buffer.concat([decipher.update(blob), decipher.final()]));
}

function isAuthentic(file: PuttyFile, secret: Uint8Array, { macKey }: Secrets): boolean {
  const { fields, version, type, publicBlob } = file;
  const said = Buffer.from(fields.get("Private-MAC") ?? "", "hex");
  const covered = new WireWriter().string(type).string(fields.get("Encryption") ?? "")
    .string(fields.get("Comment") ?? "").string(publicBlob).string(secret).bytes();
  const mac = createHmac(version === 2 ? "sha1" : "sha256", macKey).update(covered).digest();
  return said.length === mac.length && timingSafeEqual(said, mac);
}

/** The public numbers and the secret ones; what follows them is padding. */
function privateJwkOf(key: PublicKey, secret: Uint8Array): JsonWebKey {
  const reader = new WireReader(secret);
  const publicJwk = publicJwkOf(key);
  if (key.type === "ssh-ed25519") {
    const seed = new Uint8Array(32);
    seed.set(reader.string());
    return { ...publicJwk, d: bytesText(seed) };
  }
  if (key.type !== "ssh-rsa") {
    return { ...publicJwk, d: numberText(reader.string(), CURVES[key.type]?.bytes) };
  }
  const [d, p, q, qi] = [reader.string(), reader.string(), reader.string(), reader.string()];
  const remainder = (prime: Uint8Array) => {
    const hex = (bigIntOf(d) % (bigIntOf(prime) - 1n)).toString(16);
    return numberText(new Uint8Array(Buffer.from(hex.padStart(hex.length + hex.length % 2, "0"), "hex")));
  };
  return {
    ...publicJwk,
    d: numberText(d),
    p: numberText(p),
    q: numberText(q),
    dp: remainder(p),
    dq: remainder(q),
    qi: numberText(qi),
  };
}

function bigIntOf(number: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(number).toString("hex") || "0"}`);
}
