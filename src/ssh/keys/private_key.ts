/**
 * Private keys: reading the files that OpenSSH, OpenSSL and PuTTY write, and signing.
 *
 * A key is kept as a JSON Web Key: plain data that can be handed to a worker, and the one form in which an
 * elliptic-curve scalar with a leading zero byte is not misread.
 */

import { Buffer } from "node:buffer";
import { createPrivateKey, type JsonWebKey, sign } from "node:crypto";
import { messageOf, PlakarError } from "../../lib/errors.ts";
import type { Ssh2, Ssh2Key } from "../transport/ssh2.ts";
import { WireReader, WireWriter } from "../wire.ts";
import { ecPrivateScalar } from "./der.ts";
import { CURVES, numberText, publicJwkOf } from "./public_jwk.ts";
import { plainKeyType } from "./public_key.ts";
import { isPuttyKey, parsePuttyKey } from "./putty_key.ts";

/** A decrypted private key: plain data. */
export interface PrivateKey {
  /** The SSH key type. */
  readonly type: string;
  /** The public blob. */
  readonly blob: Uint8Array;
  /** The key. */
  readonly jwk: JsonWebKey;
}

/** What reading a private key came to. */
export type PrivateKeyResult =
  | { key: PrivateKey }
  /** It is encrypted, and no passphrase or a wrong one was given. */
  | { locked: true }
  /** It is not a private key this program can use, and why. */
  | { problem: string };

/**
 * Reads a private key.
 *
 * @param text the file's text
 * @param passphrase what it may be encrypted with
 * @param ssh2 the library, which knows the format of OpenSSH
 * @returns the key, or what is in the way
 */
export async function parsePrivateKey(
  text: string,
  passphrase: string | undefined,
  ssh2: Ssh2,
): Promise<PrivateKeyResult> {
  const trimmed = text.trim();
  if (isPuttyKey(trimmed)) return await parsePuttyKey(trimmed, passphrase);
  if (/^-----BEGIN (RSA |EC |ENCRYPTED )?PRIVATE KEY-----/.test(trimmed)) {
    return parsePem(trimmed, passphrase);
  }
  if (/^-----BEGIN DSA PRIVATE KEY-----/.test(trimmed)) {
    return { problem: "DSA keys are refused by current servers" };
  }
  if (!trimmed.startsWith("-----BEGIN OPENSSH PRIVATE KEY-----")) {
    return { problem: "it is not a private key in a known format" };
  }
  const parsed = ssh2.utils.parseKey(trimmed, passphrase);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key instanceof Error) {
    // A chacha20 key is given up by ssh2 before the passphrase counts, and others are of no cipher it knows.
    if (/Invalid key length|Unsupported cipher/.test(key.message)) {
      return { problem: "its cipher is not built in (ssh-keygen -p -Z aes256-ctr -f KEY writes it anew)" };
    }
    if (/passphrase|decrypt|encrypted|integrity|MAC|authenticate/i.test(key.message)) return { locked: true };
    if (
      /Unsupported OpenSSH private key type: sk-|sk-(ssh|ecdsa)/.test(key.message) || isSecurityKey(trimmed)
    ) {
      return { problem: "its private half is in a hardware token (ssh-add it, or use transport=openssh)" };
    }
    return { problem: key.message };
  }
  return fromSsh2(key);
}

/** Whether the public half, which is never encrypted, is that of a hardware token. */
function isSecurityKey(text: string): boolean {
  const body = text.replaceAll(/-----[^-]*-----/g, "");
  return Buffer.from(body, "base64").includes("sk-");
}

function fromSsh2(key: Ssh2Key): PrivateKeyResult {
  const pem = key.getPrivatePEM();
  if (pem === null) return { problem: "it holds only a public key" };
  if (key.type === "ssh-dss") return { problem: "DSA keys are refused by current servers" };
  const blob = new Uint8Array(key.getPublicSSH());
  const curve = CURVES[key.type];
  try {
    if (!curve) {
      return { key: { type: key.type, blob, jwk: createPrivateKey(pem).export({ format: "jwk" }) } };
    }
    const scalar = ecPrivateScalar(Buffer.from(pem.replaceAll(/-----[^-]*-----/g, ""), "base64"));
    if (!scalar) return { problem: "its private number cannot be read" };
    const jwk = { ...publicJwkOf({ type: key.type, blob }), d: numberText(scalar, curve.bytes) };
    return { key: { type: key.type, blob, jwk } };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

function parsePem(text: string, passphrase: string | undefined): PrivateKeyResult {
  const encrypted = /BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(text);
  if (encrypted && passphrase === undefined) return { locked: true };
  try {
    const key = createPrivateKey({ key: text, passphrase: encrypted ? passphrase : undefined });
    const jwk = key.export({ format: "jwk" });
    const blob = publicBlobOf(jwk);
    if (!blob) return { problem: `keys of the type "${key.asymmetricKeyType}" are not used by SSH` };
    return { key: { type: new WireReader(blob).text(), blob, jwk } };
  } catch (error) {
    return encrypted ? { locked: true } : { problem: messageOf(error) };
  }
}

function publicBlobOf(jwk: JsonWebKey): Uint8Array | undefined {
  const decode = (part: unknown) =>
    new Uint8Array(Buffer.from(typeof part === "string" ? part : "", "base64url"));
  if (jwk.kty === "RSA") {
    return new WireWriter().string("ssh-rsa").mpint(decode(jwk.e)).mpint(decode(jwk.n)).bytes();
  }
  if (jwk.kty === "OKP" && jwk.crv === "Ed25519") {
    return new WireWriter().string("ssh-ed25519").string(decode(jwk.x)).bytes();
  }
  for (const [type, { curve, name }] of Object.entries(CURVES)) {
    if (jwk.kty !== "EC" || jwk.crv !== curve || type.startsWith("sk-")) continue;
    const point = new WireWriter().byte(4).raw(decode(jwk.x)).raw(decode(jwk.y)).bytes();
    return new WireWriter().string(type).string(name).string(point).bytes();
  }
}

/**
 * Signs as SSH does.
 *
 * @param key the private key
 * @param algorithm the signature algorithm, a certificate's included
 * @param data what to sign
 * @returns the signature blob: algorithm and signature
 */
export function signWith(key: PrivateKey, algorithm: string, data: Uint8Array): Uint8Array {
  const plain = plainKeyType(algorithm);
  const privateKey = createPrivateKey({ key: key.jwk, format: "jwk" });
  const curve = CURVES[plain];
  if (curve) {
    const raw = new Uint8Array(sign(curve.hash, data, { key: privateKey, dsaEncoding: "ieee-p1363" }));
    const [r, s] = [raw.subarray(0, curve.bytes), raw.subarray(curve.bytes)];
    return new WireWriter().string(plain).string(new WireWriter().mpint(r).mpint(s).bytes()).bytes();
  }
  const hash = plain === "rsa-sha2-512" ? "sha512" : plain === "rsa-sha2-256" ? "sha256" : null;
  if (hash === null && plain !== "ssh-ed25519") {
    throw new PlakarError("unsupported", `Cannot sign with the algorithm "${algorithm}": it is not known`);
  }
  return new WireWriter().string(plain).string(new Uint8Array(sign(hash, data, privateKey))).bytes();
}
