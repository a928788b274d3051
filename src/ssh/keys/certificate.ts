/** OpenSSH certificates (PROTOCOL.certkeys): the key they are about, who vouches for it, for whom and how long. */

import { shownLine } from "../transport/shown.ts";
import { WireReader, WireWriter } from "../wire.ts";
import { isCertificateType, plainKeyType, type PublicKey, publicKeyOf } from "./public_key.ts";

/** What a certificate says. */
export interface Certificate {
  /** The key it certifies. */
  key: PublicKey;
  /** Whether it is for a host, and not for a user. */
  isForHost: boolean;
  /** What its issuer calls it, fit to be shown. */
  id: string;
  /** The names it is for; empty for any. */
  principals: string[];
  /** Seconds since 1970 from which it is valid. */
  validAfter: bigint;
  /** Seconds since 1970 from which it is not valid any more. */
  validBefore: bigint;
  /** Whether it has options that must be understood. */
  isRestricted: boolean;
  /** The key of its issuer. */
  authority: PublicKey;
  /** The issuer's signature: algorithm and signature. */
  signature: Uint8Array;
  /** What the issuer signed. */
  signed: Uint8Array;
}

/** How many fields the key has between the nonce and the serial number, by type. */
const KEY_FIELDS: Readonly<Record<string, number>> = {
  "ssh-ed25519": 1,
  "ssh-rsa": 2,
  "ecdsa-sha2-nistp256": 2,
  "ecdsa-sha2-nistp384": 2,
  "ecdsa-sha2-nistp521": 2,
  "sk-ssh-ed25519@openssh.com": 2,
  "sk-ecdsa-sha2-nistp256@openssh.com": 3,
};

/**
 * Reads a certificate.
 *
 * @param certificate the certificate as SSH carries it
 * @returns what it says, or `undefined` if it is not a certificate or cannot be read
 */
export function readCertificate(certificate: PublicKey): Certificate | undefined {
  const type = plainKeyType(certificate.type);
  const fields = KEY_FIELDS[type];
  if (!isCertificateType(certificate.type) || fields === undefined) return undefined;
  try {
    const reader = new WireReader(certificate.blob);
    reader.string();
    reader.string();
    const key = new WireWriter().string(type);
    for (let i = 0; i < fields; i++) key.string(reader.string());
    reader.uint64();
    const isForHost = reader.uint32() === 2;
    const id = shownLine(reader.string());
    const principals = textsIn(reader.string());
    const [validAfter, validBefore] = [reader.uint64(), reader.uint64()];
    const isRestricted = reader.string().length > 0;
    reader.string();
    reader.string();
    const authority = publicKeyOf(reader.string().slice());
    const signed = certificate.blob.subarray(0, certificate.blob.length - reader.remaining);
    const signature = reader.string();
    if (!authority || isCertificateType(authority.type) || reader.remaining > 0) return undefined;
    return {
      key: { type, blob: key.bytes() },
      isForHost,
      id,
      principals,
      validAfter,
      validBefore,
      isRestricted,
      authority,
      signature,
      signed,
    };
  } catch {
    return undefined;
  }
}

function textsIn(list: Uint8Array): string[] {
  const reader = new WireReader(list);
  const texts: string[] = [];
  while (reader.remaining > 0) texts.push(reader.text());
  return texts;
}

/**
 * The key that a host proves to have: of a certificate, the one it certifies.
 *
 * @param key what a host showed
 * @returns the plain key, or `undefined` if it is a certificate that cannot be read
 */
export function plainKeyOf(key: PublicKey): PublicKey | undefined {
  return isCertificateType(key.type) ? readCertificate(key)?.key : key;
}
