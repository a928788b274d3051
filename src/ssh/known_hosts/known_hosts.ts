/** All known_hosts files of a connection, and what they say of a host's key. */

import { messageOf } from "../../lib/errors.ts";
import { equal } from "../../lib/bytes.ts";
import type { SshEnvironment } from "../environment.ts";
import {
  HOST_CERTIFICATE_ALGORITHMS,
  plainKeyType,
  type PublicKey,
  signatureAlgorithmsOf,
} from "../keys/public_key.ts";
import { isAbout, type KnownHostsEntry, parseKnownHosts } from "./entry.ts";

/** What the files say of a key of a host. */
export type HostKeyStatus =
  /** This very key is known. */
  | { status: "known"; entry: KnownHostsEntry }
  /** The host is not in the files. */
  | { status: "unknown" }
  /** The host is known, with other keys. */
  | { status: "changed"; entry: KnownHostsEntry }
  /** The key is revoked. */
  | { status: "revoked"; entry: KnownHostsEntry };

/** The contents of known_hosts files. */
export class KnownHosts {
  readonly #entries: KnownHostsEntry[];

  /**
   * Takes lines that were read.
   *
   * @param entries all lines, in the order of the files
   */
  constructor(entries: KnownHostsEntry[]) {
    this.#entries = entries;
  }

  /**
   * Reads files; those that are missing, or cannot be read, are empty, as for ssh.
   *
   * @param paths the files
   * @param environment the machine
   * @param warn told of files that cannot be read
   * @returns their contents
   */
  static async load(
    paths: readonly string[],
    environment: SshEnvironment,
    warn: (message: string) => void,
  ): Promise<KnownHosts> {
    const entries: KnownHostsEntry[] = [];
    for (const path of new Set(paths)) {
      try {
        const bytes = await environment.readFile(path);
        if (bytes) entries.push(...parseKnownHosts(new TextDecoder().decode(bytes), path));
      } catch (error) {
        warn(`Cannot read the known hosts file "${path}": ${messageOf(error)}`);
      }
    }
    return new KnownHosts(entries);
  }

  /**
   * What is known of a host's key.
   *
   * @param name the host, as known_hosts names it
   * @param key the key it showed
   * @returns the status
   */
  check(name: string, key: PublicKey): HostKeyStatus {
    const revoked = this.revocation(name, key);
    if (revoked) return { status: "revoked", entry: revoked };
    const plain = this.#about(name).filter((entry) => entry.marker === "none");
    const known = plain.find((entry) => equal(entry.key.blob, key.blob));
    if (known) return { status: "known", entry: known };
    // The entry of the same type is the one to look at, if there is one.
    const other = plain.find((entry) => entry.key.type === key.type) ?? plain.at(-1);
    return other ? { status: "changed", entry: other } : { status: "unknown" };
  }

  /**
   * The line that revokes a key for a host.
   *
   * @param name the host, as known_hosts names it
   * @param key a host's key, or that of a certificate authority
   * @returns the line, `undefined` if there is none
   */
  revocation(name: string, key: PublicKey): KnownHostsEntry | undefined {
    return this.#about(name).find((entry) => entry.marker === "revoked" && equal(entry.key.blob, key.blob));
  }

  /**
   * The line that trusts a certificate authority for a host.
   *
   * @param name the host, as known_hosts names it
   * @param authority the authority's key
   * @returns the line, `undefined` if there is none
   */
  authority(name: string, authority: PublicKey): KnownHostsEntry | undefined {
    return this.#about(name).find((entry) =>
      entry.marker === "cert-authority" && equal(entry.key.blob, authority.blob)
    );
  }

  /**
   * The host key algorithms to prefer for a host: all of certificates if an authority is trusted for it, and
   * those of the keys that are known of it.
   *
   * @param names the host's names
   * @returns algorithms, certificates before plain keys, else in the order of the lines
   */
  algorithmsFor(names: string[]): string[] {
    const entries = names.flatMap((name) => this.#about(name));
    const plain = entries.filter((entry) => entry.marker === "none")
      .flatMap((entry) => signatureAlgorithmsOf(entry.key.type));
    const hasAuthority = entries.some((entry) => entry.marker === "cert-authority");
    const certificates = HOST_CERTIFICATE_ALGORITHMS.filter((name) =>
      hasAuthority || plain.includes(plainKeyType(name))
    );
    return [...new Set([...certificates, ...plain])];
  }

  #about(name: string): KnownHostsEntry[] {
    return this.#entries.filter((entry) => isAbout(entry, name));
  }
}
