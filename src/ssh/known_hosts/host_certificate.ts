/** Decides whether a host's certificate is to be trusted, as OpenSSH decides. */

import { assembleAlgorithms } from "../config/algorithm_list.ts";
import type { Certificate } from "../keys/certificate.ts";
import { fingerprintOf } from "../keys/public_key.ts";
import { isSignedBy, signatureAlgorithmIn } from "../keys/verify_signature.ts";
import { shownLine } from "../transport/shown.ts";
import type { KnownHostsEntry } from "./entry.ts";
import type { KnownHosts } from "./known_hosts.ts";

/** With what an authority may have signed if `CASignatureAlgorithms` is not configured. */
const DEFAULT_AUTHORITY_ALGORITHMS = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "sk-ssh-ed25519@openssh.com",
  "sk-ecdsa-sha2-nistp256@openssh.com",
  "rsa-sha2-512",
  "rsa-sha2-256",
];

/** What the decision depends on. */
export interface CertificatePolicy {
  /** The names that known_hosts is searched for, any of them counts. */
  names: readonly string[];
  /** The name that the certificate must be for: the host, or `HostKeyAlias`. */
  principal: string;
  /** What is known. */
  knownHosts: KnownHosts;
  /** `CASignatureAlgorithms`. */
  authorityAlgorithms?: string;
}

/** What a certificate is worth. */
export type CertificateVerdict =
  /** It is trusted, because of this line. */
  | { status: "trusted"; entry: KnownHostsEntry }
  /** It does not count, and why: the host's plain key decides. */
  | { status: "ignored"; reason: string }
  /** It is not what its authority signed. */
  | { status: "forged" }
  /** Its key or its authority is revoked by this line. */
  | { status: "revoked"; entry: KnownHostsEntry };

/**
 * Decides over a host's certificate.
 *
 * @param certificate the certificate
 * @param policy what the decision depends on
 * @param now seconds since 1970
 * @returns what it is worth
 */
export function judgeCertificate(
  certificate: Certificate,
  policy: CertificatePolicy,
  now: number,
): CertificateVerdict {
  const { key, authority, signature, signed } = certificate;
  const { names, knownHosts } = policy;
  const ignored = (reason: string): CertificateVerdict => ({ status: "ignored", reason });
  for (const name of names) {
    const entry = knownHosts.revocation(name, key) ?? knownHosts.revocation(name, authority);
    if (entry) return { status: "revoked", entry };
  }
  const algorithm = signatureAlgorithmIn(signature);
  const allowed = assembleAlgorithms(policy.authorityAlgorithms, DEFAULT_AUTHORITY_ALGORITHMS);
  if (!allowed.includes(algorithm)) {
    return ignored(`its authority signed with ${shownLine(algorithm)}, which is not allowed`);
  }
  if (!isSignedBy(authority, signature, signed)) return { status: "forged" };
  const entry = names.map((name) => knownHosts.authority(name, authority)).find((found) =>
    found !== undefined
  );
  if (!entry) return ignored(`its authority ${fingerprintOf(authority.blob)} is not trusted for it`);
  const problem = problemOf(certificate, policy.principal, BigInt(now));
  return problem === undefined ? { status: "trusted", entry } : ignored(problem);
}

function problemOf(certificate: Certificate, principal: string, now: bigint): string | undefined {
  const { isForHost, principals, validAfter, validBefore, isRestricted } = certificate;
  if (!isForHost) return "it is one for users";
  if (now < validAfter) return "it is not valid yet";
  if (now >= validBefore) return "it has expired";
  if (principals.length > 0 && !principals.includes(principal)) {
    const others = principals.map((name) => `"${shownLine(name)}"`).join(", ");
    return `it is for ${others}, and not for "${principal}"`;
  }
  if (isRestricted) return "it has critical options";
}
