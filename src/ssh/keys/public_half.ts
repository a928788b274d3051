/** The public half of a private key file, which is readable even if the private half is encrypted. */

import { Buffer } from "node:buffer";
import { WireReader } from "../wire.ts";
import { isPuttyKey, puttyPublicHalf } from "./putty_key.ts";
import { parsePublicKeyFile, type PublicKey, publicKeyOf } from "./public_key.ts";

/**
 * The public half of a key file.
 *
 * @param text the file's text: a private key of OpenSSH or PuTTY, or a public key
 * @returns the public key, or `undefined` if the file does not show it
 */
export function publicHalfOf(text: string): PublicKey | undefined {
  const trimmed = text.trim();
  if (trimmed.startsWith("-----BEGIN OPENSSH PRIVATE KEY-----")) return fromOpenssh(trimmed);
  if (isPuttyKey(trimmed)) return puttyPublicHalf(trimmed);
  return trimmed.startsWith("-----") ? undefined : parsePublicKeyFile(trimmed);
}

/** PROTOCOL.key: a magic word, cipher, key derivation and its options, the number of keys, the public keys. */
function fromOpenssh(text: string): PublicKey | undefined {
  const bytes = new Uint8Array(Buffer.from(text.replaceAll(/-----[^-]*-----/g, ""), "base64"));
  const magic = "openssh-key-v1\0";
  try {
    const reader = new WireReader(bytes);
    if (new TextDecoder().decode(reader.take(magic.length)) !== magic) return undefined;
    for (let i = 0; i < 3; i++) reader.string();
    return reader.uint32() === 1 ? publicKeyOf(reader.string().slice()) : undefined;
  } catch {
    return undefined;
  }
}
