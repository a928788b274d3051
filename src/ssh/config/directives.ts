/** The directives of ssh_config that have an effect here, and what their values look like. */

import { parseJump } from "../jump.ts";
import { type ConfigLine, malformed } from "./lines.ts";
import { parseTime } from "./time.ts";

/** How a directive's value is read. */
export type DirectiveKind =
  /** `yes` or `no`. */
  | "flag"
  /** One word. */
  | "word"
  /** One word of a fixed set. */
  | readonly string[]
  /** A whole number from 0. */
  | "number"
  /** A whole number from 1. */
  | "count"
  /** A port: 1 to 65535. */
  | "port"
  /** A time. */
  | "time"
  /** One or more words. */
  | "words"
  /** After how many bytes, and perhaps after what time. */
  | "limit"
  /** Hosts with commas, or `none`. */
  | "jumps"
  /** The rest of the line. */
  | "command";

/** One directive. */
export interface Directive {
  /** How its value is read. */
  kind: DirectiveKind;
  /** Whether every occurrence counts, and not only the first. */
  repeated?: boolean;
}

/** The directives by keyword in lower case. Of all others, see `other_directives.ts`. */
export const DIRECTIVES: Readonly<Record<string, Directive>> = {
  addressfamily: { kind: ["any", "inet", "inet6"] },
  batchmode: { kind: "flag" },
  bindaddress: { kind: "word" },
  casignaturealgorithms: { kind: "word" },
  certificatefile: { kind: "word", repeated: true },
  checkhostip: { kind: "flag" },
  ciphers: { kind: "word" },
  compression: { kind: ["yes", "no"] },
  connectionattempts: { kind: "count" },
  connecttimeout: { kind: "time" },
  forkafterauthentication: { kind: "flag" },
  globalknownhostsfile: { kind: "words" },
  hashknownhosts: { kind: "flag" },
  hostkeyalgorithms: { kind: "word" },
  hostkeyalias: { kind: "word" },
  hostname: { kind: "word" },
  identitiesonly: { kind: "flag" },
  identityagent: { kind: "word" },
  identityfile: { kind: "word", repeated: true },
  kbdinteractiveauthentication: { kind: "flag" },
  kexalgorithms: { kind: "word" },
  loglevel: { kind: ["quiet", "fatal", "error", "info", "verbose", "debug", "debug1", "debug2", "debug3"] },
  macs: { kind: "word" },
  nohostauthenticationforlocalhost: { kind: "flag" },
  numberofpasswordprompts: { kind: "number" },
  passwordauthentication: { kind: "flag" },
  port: { kind: "port" },
  preferredauthentications: { kind: "word" },
  proxycommand: { kind: "command" },
  proxyjump: { kind: "jumps" },
  pubkeyacceptedalgorithms: { kind: "word" },
  pubkeyauthentication: { kind: ["yes", "true", "no", "false", "unbound", "host-bound"] },
  refuseconnection: { kind: "word" },
  rekeylimit: { kind: "limit" },
  revokedhostkeys: { kind: "word" },
  serveralivecountmax: { kind: "number" },
  serveraliveinterval: { kind: "time" },
  stdinnull: { kind: "flag" },
  stricthostkeychecking: { kind: ["yes", "true", "no", "false", "off", "ask", "accept-new"] },
  tcpkeepalive: { kind: "flag" },
  user: { kind: "word" },
  userknownhostsfile: { kind: "words" },
};

/** Older names that OpenSSH still takes. */
const SYNONYMS: Readonly<Record<string, string>> = {
  challengeresponseauthentication: "kbdinteractiveauthentication",
  dsaauthentication: "pubkeyauthentication",
  globalknownhostsfile2: "globalknownhostsfile",
  hostbasedkeytypes: "hostbasedacceptedalgorithms",
  identityfile2: "identityfile",
  keepalive: "tcpkeepalive",
  pubkeyacceptedkeytypes: "pubkeyacceptedalgorithms",
  skeyauthentication: "kbdinteractiveauthentication",
  tisauthentication: "kbdinteractiveauthentication",
  userknownhostsfile2: "userknownhostsfile",
};

/**
 * The name under which a directive is known here.
 *
 * @param keyword a keyword in any case
 * @returns the name in lower case
 */
export function directiveName(keyword: string): string {
  const lower = keyword.toLowerCase();
  return SYNONYMS[lower] ?? lower;
}

/**
 * Checks a line's value.
 *
 * @param line the line
 * @param directive its directive
 * @returns the value: one word, or several, or a command
 * @throws {PlakarError} `config` if it cannot be understood
 */
export function directiveValue(line: ConfigLine, directive: Directive): string[] {
  const { kind } = directive;
  const fail = (state: string) => malformed(line.file, line.line, `"${line.keyword}" ${state}`);
  if (kind === "command" || kind === "jumps") {
    const value = kind === "jumps" ? line.rest.replace(/\s*#.*/, "") : line.rest;
    if (value === "") throw fail("needs a value");
    if (kind === "jumps" && !isJumps(value)) throw fail(`is "${value}", not [user@]host[:port]`);
    return [value];
  }
  const [first] = line.args;
  if (first === undefined || line.args.includes("")) throw fail("needs a value");
  if (kind === "words") {
    const isNone = line.args.some((word) => word.toLowerCase() === "none");
    if (isNone && line.args.length > 1) throw fail('is "none", and other words');
    return line.args;
  }
  if (kind === "limit") {
    if (!isLimit(line.args)) throw fail(`is "${line.args.join(" ")}", not a number of bytes and a time`);
    return line.args;
  }
  if (line.args.length > 1) throw fail(`takes one value, and "${line.args[1]}" follows it`);
  const problem = problemWith(first, kind);
  if (problem !== undefined) throw fail(`is "${first}", not ${problem}`);
  return [first];
}

/** What a word should have been, if it is not. */
function problemWith(word: string, kind: DirectiveKind): string | undefined {
  const lower = word.toLowerCase();
  const isNumber = /^\d{1,9}$/.test(word);
  switch (kind) {
    case "flag":
      return ["yes", "true", "no", "false"].includes(lower) ? undefined : '"yes" or "no"';
    case "number":
      return isNumber ? undefined : "a number";
    case "count":
      return isNumber && Number(word) > 0 ? undefined : "a number from 1";
    case "port":
      return isNumber && Number(word) > 0 && Number(word) < 65536 ? undefined : "a port";
    case "time":
      return parseTime(word) !== undefined || lower === "none" ? undefined : "a time";
  }
  if (typeof kind === "string" || kind.includes(lower)) return undefined;
  return `one of ${kind.map((each) => `"${each}"`).join(", ")}`;
}

function isJumps(text: string): boolean {
  if (text.toLowerCase() === "none") return true;
  try {
    for (const hop of text.split(",")) parseJump(hop);
    return true;
  } catch {
    return false;
  }
}

function isLimit([bytes, time, ...more]: string[]): boolean {
  const [, digits, unit] = /^(\d{1,12})([KMG]?)$/i.exec(bytes) ?? [];
  const isEnough = digits !== undefined && (unit !== "" || Number(digits) === 0 || Number(digits) >= 16);
  const isTime = time === undefined || time.toLowerCase() === "none" || parseTime(time) !== undefined;
  return (isEnough || bytes.toLowerCase() === "default") && isTime && more.length === 0;
}
