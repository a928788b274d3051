/** All known_hosts files of a connection, and what they say of a host's key. */

import { PlakarError } from "../../lib/errors.ts";
import { equal } from "../../lib/bytes.ts";
import type { SshEnvironment } from "../environment.ts";
import { type PublicKey, signatureAlgorithmsOf } from "../keys/public_key.ts";
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
   * Reads files; those that are missing are empty.
   *
   * @param paths the files
   * @param environment the machine
   * @returns their contents
   */
  static async load(paths: readonly string[], environment: SshEnvironment): Promise<KnownHosts> {
    const entries: KnownHostsEntry[] = [];
    for (const path of new Set(paths)) {
      try {
        const bytes = await environment.readFile(path);
        if (bytes) entries.push(...parseKnownHosts(new TextDecoder().decode(bytes), path));
      } catch (cause) {
        throw new PlakarError("config", `Cannot read the known hosts file "${path}"`, { cause });
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
    const entries = this.#about(name);
    const same = (entry: KnownHostsEntry) => equal(entry.key.blob, key.blob);
    const revoked = entries.find((entry) => entry.marker === "revoked" && same(entry));
    if (revoked) return { status: "revoked", entry: revoked };
    const plain = entries.filter((entry) => entry.marker === "none");
    const known = plain.find(same);
    if (known) return { status: "known", entry: known };
    // The entry of the same type is the one to look at, if there is one.
    const other = plain.find((entry) => entry.key.type === key.type) ?? plain.at(-1);
    return other ? { status: "changed", entry: other } : { status: "unknown" };
  }

  /**
   * The signature algorithms of the keys that are known of a host.
   *
   * @param names the host's names
   * @returns algorithms, in the order of the lines
   */
  algorithmsFor(names: string[]): string[] {
    const plain = names.flatMap((name) => this.#about(name)).filter((entry) => entry.marker === "none");
    return [...new Set(plain.flatMap((entry) => signatureAlgorithmsOf(entry.key.type)))];
  }

  /**
   * The certificate authorities that are trusted for a host.
   *
   * @param name the host, as known_hosts names it
   * @returns their lines
   */
  authoritiesFor(name: string): KnownHostsEntry[] {
    return this.#about(name).filter((entry) => entry.marker === "cert-authority");
  }

  #about(name: string): KnownHostsEntry[] {
    return this.#entries.filter((entry) => isAbout(entry, name));
  }
}
