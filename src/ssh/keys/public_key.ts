/** Public keys: the SSH blob, its type and its fingerprint. */

import { createHash } from "node:crypto";
import { Buffer } from "node:buffer";
import { WireReader } from "../wire.ts";

/** A public key or certificate as SSH carries it. */
export interface PublicKey {
  /** The key type the blob begins with: `ssh-ed25519`, `ssh-rsa-cert-v01@openssh.com`, … */
  readonly type: string;
  /** The blob. */
  readonly blob: Uint8Array;
}

/**
 * The public key in a blob.
 *
 * @param blob an SSH public key blob
 * @returns the key, or `undefined` if it does not begin with a plausible type
 */
export function publicKeyOf(blob: Uint8Array): PublicKey | undefined {
  try {
    const type = new WireReader(blob).text();
    return /^[\x21-\x7e]{1,64}$/.test(type) ? { type, blob } : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads a public key as `.pub` files, `authorized_keys` and `known_hosts` write it.
 *
 * @param type the type in text
 * @param base64 the blob in Base64
 * @returns the key, or `undefined` if it is not one or the types differ
 */
export function parsePublicKey(type: string, base64: string): PublicKey | undefined {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return undefined;
  const key = publicKeyOf(new Uint8Array(Buffer.from(base64, "base64")));
  return key?.type === type ? key : undefined;
}

/**
 * Reads the first line of a `.pub` file.
 *
 * @param text the file's text
 * @returns the key, or `undefined` if there is none
 */
export function parsePublicKeyFile(text: string): PublicKey | undefined {
  for (const line of text.split("\n")) {
    const [type, base64] = line.trim().split(/[ \t]+/);
    if (type && base64 && !type.startsWith("#")) return parsePublicKey(type, base64);
  }
}

/**
 * The fingerprint that OpenSSH shows.
 *
 * @param blob an SSH public key blob
 * @returns `SHA256:` and Base64 without padding
 */
export function fingerprintOf(blob: Uint8Array): string {
  return "SHA256:" + createHash("sha256").update(blob).digest("base64").replace(/=+$/, "");
}

/**
 * The name that OpenSSH's messages give a type.
 *
 * @param type an SSH key type
 * @returns `ED25519`, `RSA-CERT`, `ED25519-SK`, …
 */
export function shortTypeName(type: string): string {
  const suffix = isCertificateType(type) ? "-CERT" : "";
  const plain = plainKeyType(type);
  if (plain.startsWith("sk-")) return (plain.includes("ed25519") ? "ED25519-SK" : "ECDSA-SK") + suffix;
  if (plain.startsWith("ecdsa-")) return "ECDSA" + suffix;
  if (plain === "ssh-dss") return "DSA" + suffix;
  return plain.replace(/^ssh-/, "").toUpperCase() + suffix;
}

/**
 * Whether a type is that of an OpenSSH certificate.
 *
 * @param type an SSH key type or signature algorithm
 * @returns true if it is
 */
export function isCertificateType(type: string): boolean {
  return type.endsWith("-cert-v01@openssh.com");
}

/**
 * The type of the key inside a certificate.
 *
 * @param type an SSH key type
 * @returns the plain type; the same if it is not a certificate's
 */
export function plainKeyType(type: string): string {
  if (!isCertificateType(type)) return type;
  const plain = type.slice(0, -"-cert-v01@openssh.com".length);
  return plain.startsWith("sk-") ? `${plain}@openssh.com` : plain;
}

/**
 * The signature algorithms a key can be used with, strongest first. SHA-1 is not among them.
 *
 * @param type an SSH key type
 * @returns names as `HostKeyAlgorithms` and `PubkeyAcceptedAlgorithms` use them
 */
export function signatureAlgorithmsOf(type: string): string[] {
  if (type === "ssh-rsa") return ["rsa-sha2-512", "rsa-sha2-256"];
  if (type === "ssh-rsa-cert-v01@openssh.com") {
    return ["rsa-sha2-512-cert-v01@openssh.com", "rsa-sha2-256-cert-v01@openssh.com"];
  }
  return [type];
}

/** The algorithms with which a host shows a certificate, most wanted first. */
export const HOST_CERTIFICATE_ALGORITHMS: readonly string[] = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
].map((name) => `${name}-cert-v01@openssh.com`);
