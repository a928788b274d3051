/** The ways in which messages of SSH are encrypted and checked. */

/** A way, as options of a location ask for it. */
export interface Protection {
  /** For the names of tests. */
  readonly name: string;
  /** Allow this way and no other. */
  readonly options: Readonly<Record<string, string>>;
}

function protection(cipher: string, mac?: string): Protection {
  if (mac === undefined) return { name: cipher, options: { Ciphers: cipher } };
  return { name: `${cipher} with ${mac}`, options: { Ciphers: cipher, MACs: mac } };
}

/** One of every kind. */
export const KINDS_OF_PROTECTION: readonly Protection[] = [
  protection("chacha20-poly1305@openssh.com"),
  protection("aes128-gcm@openssh.com"),
  protection("aes128-ctr", "hmac-sha2-256-etm@openssh.com"),
  protection("aes192-ctr", "hmac-sha2-512"),
];

/** Every cipher that is offered, with MACs of both kinds where a cipher needs one. */
export const PROTECTIONS: readonly Protection[] = [
  ...KINDS_OF_PROTECTION,
  protection("aes256-gcm@openssh.com"),
  protection("aes256-ctr", "hmac-sha2-512-etm@openssh.com"),
  protection("aes256-ctr", "hmac-sha2-256"),
];
