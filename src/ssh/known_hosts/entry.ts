/** Lines of known_hosts files. */

import { Buffer } from "node:buffer";
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { matchesPatterns } from "../config/pattern.ts";
import { fingerprintOf, parsePublicKey, type PublicKey } from "../keys/public_key.ts";

/** What a line says of its key. */
export type Marker = "none" | "revoked" | "cert-authority";

/** One line of a known_hosts file. */
export interface KnownHostsEntry {
  /** What it says of its key. */
  marker: Marker;
  /** The hosts: patterns with commas, or a hash. */
  hosts: string;
  /** The key. */
  key: PublicKey;
  /** The file. */
  file: string;
  /** The line, from 1. */
  line: number;
}

/**
 * Reads a known_hosts file. Lines that cannot be understood are skipped, as OpenSSH does.
 *
 * @param text the file's text
 * @param file its name
 * @returns its entries
 */
export function parseKnownHosts(text: string, file: string): KnownHostsEntry[] {
  const entries: KnownHostsEntry[] = [];
  for (const [index, raw] of text.split("\n").entries()) {
    const fields = raw.trim().split(/[ \t]+/);
    if (fields[0] === "" || fields[0].startsWith("#")) continue;
    let marker: Marker = "none";
    if (fields[0].startsWith("@")) {
      const name = fields.shift();
      if (name === "@revoked") marker = "revoked";
      else if (name === "@cert-authority") marker = "cert-authority";
      else continue;
    }
    const [hosts, type, base64] = fields;
    const key = type !== undefined && base64 !== undefined ? parsePublicKey(type, base64) : undefined;
    if (key) entries.push({ marker, hosts, key, file, line: index + 1 });
  }
  return entries;
}

/**
 * Whether a line is about a host.
 *
 * @param entry the line
 * @param name the host, as {@linkcode knownHostsName} writes it
 * @returns true if it is
 */
export function isAbout(entry: KnownHostsEntry, name: string): boolean {
  const hash = /^\|1\|([^|]+)\|([^|]+)$/.exec(entry.hosts);
  if (!hash) return matchesPatterns(name, entry.hosts.toLowerCase().split(",")) === "yes";
  const expected = Buffer.from(hash[2], "base64");
  const actual = createHmac("sha1", Buffer.from(hash[1], "base64")).update(name).digest();
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/**
 * A host as known_hosts names it.
 *
 * @param host the name or address
 * @param port the port
 * @returns the name in lower case, with the port if it is not 22
 */
export function knownHostsName(host: string, port: number): string {
  const lower = host.toLowerCase();
  return port === 22 ? lower : `[${lower}]:${port}`;
}

/**
 * A line for a known_hosts file.
 *
 * @param names the host's names
 * @param key its key
 * @param isHashed whether the names are to be unreadable
 * @returns one line for each name if hashed, or one line, with line ends
 */
export function formatKnownHosts(names: string[], key: PublicKey, isHashed: boolean): string {
  const rest = `${key.type} ${Buffer.from(key.blob).toString("base64")}\n`;
  if (!isHashed) return `${names.join(",")} ${rest}`;
  return names.map((name) => {
    const salt = randomBytes(20);
    const hash = createHmac("sha1", salt).update(name).digest("base64");
    return `|1|${salt.toString("base64")}|${hash} ${rest}`;
  }).join("");
}

/**
 * Where an entry stands and what its key is, for messages.
 *
 * @param entry the line
 * @returns `file:line` and the fingerprint
 */
export function describeEntry(entry: KnownHostsEntry): string {
  return `${entry.file}:${entry.line} (${fingerprintOf(entry.key.blob)})`;
}
