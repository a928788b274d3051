/**
 * The algorithms offered to servers.
 *
 * The order is by speed under Deno where security is equal: chacha20-poly1305 is twice as fast as AES-GCM
 * there. SHA-1, CBC and compression are not offered unless they are configured.
 */

import { assembleAlgorithms } from "../config/algorithm_list.ts";
import type { SshSettings } from "../config/settings.ts";
import { PlakarError } from "../../lib/errors.ts";
import { HOST_CERTIFICATE_ALGORITHMS } from "../keys/public_key.ts";

/** Lists of algorithms, most wanted first. */
export interface OfferedAlgorithms {
  /** Key exchange. */
  kex: string[];
  /** Host keys. */
  hostKey: string[];
  /** Encryption. */
  cipher: string[];
  /** Integrity. */
  mac: string[];
  /** Compression. */
  compression: string[];
}

/** The lists that can be configured by name. */
export type AlgorithmKind = "kex" | "hostKey" | "cipher" | "mac";

/** Offered if nothing is configured. */
export const DEFAULT_ALGORITHMS: Readonly<Record<AlgorithmKind, readonly string[]>> = {
  kex: [
    "curve25519-sha256",
    "curve25519-sha256@libssh.org",
    "ecdh-sha2-nistp256",
    "ecdh-sha2-nistp384",
    "diffie-hellman-group-exchange-sha256",
    "diffie-hellman-group16-sha512",
    "diffie-hellman-group18-sha512",
    "diffie-hellman-group14-sha256",
  ],
  hostKey: [
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "rsa-sha2-512",
    "rsa-sha2-256",
  ],
  cipher: [
    "chacha20-poly1305@openssh.com",
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "aes128-ctr",
    "aes192-ctr",
    "aes256-ctr",
  ],
  mac: [
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    "hmac-sha2-256",
    "hmac-sha2-512",
  ],
};

/** Offered only if configured. */
const LEGACY: Readonly<Record<AlgorithmKind, readonly string[]>> = {
  kex: [
    "diffie-hellman-group15-sha512",
    "diffie-hellman-group17-sha512",
    "diffie-hellman-group-exchange-sha1",
    "diffie-hellman-group14-sha1",
    "diffie-hellman-group1-sha1",
  ],
  hostKey: ["ssh-rsa"],
  cipher: ["aes128-cbc", "aes192-cbc", "aes256-cbc"],
  mac: ["hmac-sha1-etm@openssh.com", "hmac-sha1"],
};

/**
 * The algorithms for a host.
 *
 * @param settings what is configured
 * @param known host key algorithms to prefer because of what is known of the host; they come first unless
 * `HostKeyAlgorithms` has an order of its own
 * @returns the lists
 * @throws {PlakarError} `unsupported` if none of a configured list exists here
 */
export function chooseAlgorithms(settings: SshSettings, known: readonly string[]): OfferedAlgorithms {
  const { hostKeyAlgorithms } = settings;
  const hostKey = choose("HostKeyAlgorithms", hostKeyAlgorithms, "hostKey", HOST_CERTIFICATE_ALGORITHMS);
  const isOrdered = hostKeyAlgorithms !== undefined && !/^[+-]/.test(hostKeyAlgorithms);
  return {
    kex: choose("KexAlgorithms", settings.kexAlgorithms, "kex"),
    hostKey: isOrdered ? hostKey : [
      ...known.filter((name) => hostKey.includes(name)),
      ...hostKey.filter((name) => !known.includes(name)),
    ],
    cipher: choose("Ciphers", settings.ciphers, "cipher"),
    mac: choose("MACs", settings.macs, "mac"),
    compression: settings.compression ? ["zlib@openssh.com", "none"] : ["none"],
  };
}

function choose(
  directive: string,
  configured: string | undefined,
  list: AlgorithmKind,
  before: readonly string[] = [],
): string[] {
  const defaults = [...before, ...DEFAULT_ALGORITHMS[list]];
  const wanted = assembleAlgorithms(configured, defaults);
  const available = wanted.filter((name) => defaults.includes(name) || LEGACY[list].includes(name));
  if (available.length > 0) return available;
  throw new PlakarError(
    "unsupported",
    `Cannot use ${directive} "${configured}": none of these is built in, only ${
      DEFAULT_ALGORITHMS[list].join(",")
    }`,
    { hint: "Use transport=openssh, which has all that ssh has" },
  );
}

/**
 * What is safe against the Terrapin attack (CVE-2023-48795) with a server that has no strict key exchange.
 *
 * @param algorithms what is offered otherwise
 * @returns the same without chacha20-poly1305, CBC and encrypt-then-MAC; no cipher is left if that is all there was
 */
export function withoutTerrapin(algorithms: OfferedAlgorithms): OfferedAlgorithms {
  const cipher = algorithms.cipher.filter((name) => !isTerrapinCipher(name));
  const mac = algorithms.mac.filter((name) => !name.includes("-etm@"));
  if (mac.length > 0) return { ...algorithms, cipher, mac };
  // AES-GCM uses no MAC: its list does not matter.
  return { ...algorithms, cipher: cipher.filter((name) => name.includes("-gcm@")) };
}

/**
 * Whether what was agreed is open to the Terrapin attack without strict key exchange.
 *
 * @param agreed cipher and MAC of one direction
 * @returns true if it is
 */
export function isOpenToTerrapin(agreed: { cipher: string; mac: string }): boolean {
  return agreed.cipher.startsWith("chacha20-") ||
    (agreed.mac.includes("-etm@") && !agreed.cipher.includes("gcm"));
}

function isTerrapinCipher(name: string): boolean {
  return name.startsWith("chacha20-") || name.endsWith("-cbc");
}
