/**
 * Locations as people write them: `sftp://[user@]host[:port][/path]`, `[user@]host:path` as for scp,
 * `fs:///path`, and plain paths.
 */

import { resolve } from "@std/path";
import { type ByteString, fromBytes, fromText, toBytes } from "../lib/byte_string.ts";
import { PlakarError } from "../lib/errors.ts";
import type { Location, SftpLocation } from "./location.ts";

/** What a location is understood with. */
export interface LocationContext {
  /** What a relative local path is relative to. */
  currentDirectory: string;
  /** Options that go with the location. */
  options?: Readonly<Record<string, string>>;
}

// What plakar takes for a scheme: at least two of these characters, so that a drive letter is none.
const SCHEME = /^([A-Za-z0-9+.-]{2,}):(.*)$/s;
const SCP = /^(?:([^@/\s]+)@)?(\[[^\]/]+\]|[^@:/\s[\]]+):(.*)$/s;
// Protocols that plakar has connectors for and this program has not.
const FOREIGN =
  /^(s3|https?|ftps?|rclone|imaps?|gcs|gs|azblob|webdavs?|davs?|stdio|tar|ptar|notion|caldavs?|mysql|postgres(ql)?|sqlite|etcd|docker|oci|k8s|smb|nfs|rsync|file|null|ssh|scp)$/;

/**
 * The location that a text means.
 *
 * A percent sign and two digits after it stand for one byte in an SFTP URL, and only there. A path is relative
 * to the login directory if it is empty or begins with `/~/` or `/./`, or, as for scp, has no slash in front.
 *
 * @param text what was written
 * @param context the current directory, and options of the location
 * @returns the location
 * @throws {PlakarError} `usage` if it means none
 */
export function parseLocation(text: string, context: LocationContext): Location {
  if (text === "") throw new PlakarError("usage", "Cannot use an empty location");
  const [, scheme, rest] = SCHEME.exec(text) ?? [];
  if (scheme !== undefined && rest !== undefined) {
    const protocol = scheme.toLowerCase();
    if (protocol === "fs") return local(rest.replace(/^\/\//, ""), text, context);
    if (protocol === "sftp") return parseSftpUrl(text, rest, context);
    if (rest.startsWith("//") || FOREIGN.test(protocol)) throw unsupported(text, protocol, rest);
  }
  if (!/^(\.{0,2}\/|~)/.test(text) && !/^[^:]*\//.test(text)) {
    const scp = SCP.exec(text);
    // One letter is a drive, not a host.
    if (scp && (scp[1] !== undefined || scp[2].length > 1)) return parseScp(text, scp, context);
  }
  return local(text, text, context);
}

function unsupported(text: string, protocol: string, rest: string): PlakarError {
  const suggestion = protocol === "ssh" || protocol === "scp" ? `sftp:${rest}` : undefined;
  return new PlakarError(
    "usage",
    `Cannot use location "${withoutPassword(text)}": protocol ${protocol} is not supported`,
    {
      hint: suggestion === undefined
        ? "a location is a path, sftp://[user@]host[:port]/path or @name; a path with a colon begins with ./"
        : `did you mean ${withoutPassword(suggestion)}?`,
    },
  );
}

function local(path: string, text: string, { currentDirectory }: LocationContext): Location {
  if (path === "") throw new PlakarError("usage", `Cannot use location "${text}": the path is missing`);
  if (path.includes("\0")) throw new PlakarError("usage", "Cannot use a path with a NUL byte");
  return { protocol: "fs", path: resolve(currentDirectory, path) };
}

function parseSftpUrl(text: string, rest: string, { options = {} }: LocationContext): SftpLocation {
  const refuse = (state: string, hint = "write it as sftp://[user@]host[:port][/path]") =>
    new PlakarError("usage", `Cannot use location "${withoutPassword(text)}": ${state}`, { hint });
  if (!rest.startsWith("//")) throw refuse("// is missing after sftp:");
  const slash = rest.indexOf("/", 2);
  const authority = slash < 0 ? rest.slice(2) : rest.slice(2, slash);
  const at = authority.lastIndexOf("@");
  const userInfo = at < 0 ? undefined : authority.slice(0, at);
  if (userInfo?.includes(":")) throw passwordRefused(text);
  const hostPort = authority.slice(at + 1);
  const match = /^(\[([0-9A-Fa-f:.]+(?:%(?:25)?[\w.~-]+)?)\]|[^:[\]]*)(?::(\d*))?$/.exec(hostPort);
  if (!match) throw refuse(`"${hostPort}" is not a host and a port`, "an IPv6 address stands in brackets");
  const decode = (part: string): ByteString => {
    const decoded = percentDecode(part);
    if (decoded === undefined) {
      throw refuse(`"${part}" has a % without two digits`, "write a percent sign as %25");
    }
    if (decoded.includes("\0")) throw refuse("it has a NUL byte", undefined);
    return decoded;
  };
  const host = match[2]?.replace(/%25/, "%") ?? decode(match[1]);
  const location: SftpLocation = { protocol: "sftp", host: checkedHost(host, refuse), options };
  if (match[3]) location.port = checkedPort(match[3], refuse);
  if (userInfo === "") throw refuse("the user is missing before @");
  if (userInfo !== undefined) location.user = asText(decode(userInfo));
  const path = slash < 0 ? undefined : pathInUrl(decode(rest.slice(slash)));
  if (path !== undefined) location.path = path;
  return location;
}

function parseScp(text: string, match: RegExpExecArray, { options = {} }: LocationContext): SftpLocation {
  const [, user, bracketed, path] = match;
  if (user?.includes(":")) throw passwordRefused(text);
  const refuse = (state: string) => new PlakarError("usage", `Cannot use location "${text}": ${state}`);
  const location: SftpLocation = {
    protocol: "sftp",
    host: checkedHost(bracketed.replace(/^\[(.*)\]$/, "$1"), refuse),
    options,
  };
  if (user !== undefined) location.user = user;
  const relative = path.replace(/^~\/+/, "").replace(/^~$/, "");
  if (relative !== "") location.path = fromText(relative);
  return location;
}

/** The path of a URL: `undefined` is the login directory, `/~/` and `/./` lead into it. */
function pathInUrl(path: ByteString): ByteString | undefined {
  const relative = /^\/[~.](?:\/+(.*))?$/s.exec(path);
  if (!relative) return path;
  return relative[1] ? relative[1] as ByteString : undefined;
}

function checkedHost(host: string, refuse: (state: string) => PlakarError): string {
  if (host === "") throw refuse("the host is missing");
  // A host that begins with a dash could be taken for an option by a program that is given it.
  if (host.startsWith("-") || /[\s/@\\\0]/.test(host)) throw refuse(`"${host}" is not a host name`);
  return host;
}

function checkedPort(digits: string, refuse: (state: string) => PlakarError): number {
  const port = Number(digits);
  if (!(port >= 1 && port <= 65_535)) throw refuse(`port ${digits} is not between 1 and 65535`);
  return port;
}

function passwordRefused(text: string): PlakarError {
  return new PlakarError("usage", `Cannot use location "${withoutPassword(text)}": it holds a password`, {
    hint:
      "leave the password out: it is asked for, or printed by a command set as password_cmd; better, use a key",
  });
}

/**
 * A location without the password that it may hold, fit to be shown.
 *
 * @param text a location as written
 * @returns the same with `***` in place of a password
 */
export function withoutPassword(text: string): string {
  return text.replace(
    /^([A-Za-z0-9+.-]+:\/\/)?([^/@:\s]*):([^/\s]*)@/,
    (_, scheme = "", user) => `${scheme}${user}:***@`,
  );
}

/** The bytes of a part of a URL; `undefined` if a percent sign is not followed by two digits. */
function percentDecode(part: string): ByteString | undefined {
  const bytes = toBytes(fromText(part));
  const decoded: number[] = [];
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== 0x25) {
      decoded.push(bytes[i]);
      continue;
    }
    const digits = String.fromCharCode(...bytes.subarray(i + 1, i + 3));
    if (!/^[0-9A-Fa-f]{2}$/.test(digits)) return undefined;
    decoded.push(parseInt(digits, 16));
    i += 2;
  }
  return fromBytes(Uint8Array.from(decoded));
}

function asText(bytes: ByteString): string {
  return new TextDecoder().decode(toBytes(bytes));
}
