/** The directives of ssh_config that have an effect here, and what their values look like. */

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
  /** A port: 1 to 65535. */
  | "port"
  /** A time. */
  | "time"
  /** One or more words. */
  | "words"
  /** The rest of the line. */
  | "command";

/** One directive. */
export interface Directive {
  /** How its value is read. */
  kind: DirectiveKind;
  /** Whether every occurrence counts, and not only the first. */
  repeated?: boolean;
}

/** The directives by keyword in lower case. All others are ignored. */
export const DIRECTIVES: Readonly<Record<string, Directive>> = {
  addressfamily: { kind: ["any", "inet", "inet6"] },
  batchmode: { kind: "flag" },
  bindaddress: { kind: "word" },
  casignaturealgorithms: { kind: "word" },
  certificatefile: { kind: "word", repeated: true },
  checkhostip: { kind: "flag" },
  ciphers: { kind: "word" },
  compression: { kind: "flag" },
  connectionattempts: { kind: "number" },
  connecttimeout: { kind: "time" },
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
  loglevel: { kind: "word" },
  macs: { kind: "word" },
  nohostauthenticationforlocalhost: { kind: "flag" },
  numberofpasswordprompts: { kind: "number" },
  passwordauthentication: { kind: "flag" },
  port: { kind: "port" },
  preferredauthentications: { kind: "word" },
  proxycommand: { kind: "command" },
  proxyjump: { kind: "command" },
  pubkeyacceptedalgorithms: { kind: "word" },
  pubkeyauthentication: { kind: ["yes", "true", "no", "false", "unbound", "host-bound"] },
  rekeylimit: { kind: "words" },
  revokedhostkeys: { kind: "word" },
  serveralivecountmax: { kind: "number" },
  serveraliveinterval: { kind: "time" },
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
  if (kind === "command") {
    if (line.rest === "") throw fail("needs a value");
    return [line.rest];
  }
  const [first] = line.args;
  if (first === undefined || (first === "" && kind !== "words")) throw fail("needs a value");
  if (kind === "words") return line.args;
  if (line.args.length > 1) throw fail(`takes one value, and "${line.args[1]}" follows it`);
  const lower = first.toLowerCase();
  if (kind === "flag" && !["yes", "true", "no", "false"].includes(lower)) {
    throw fail(`is "${first}", not "yes" or "no"`);
  }
  if (kind === "number" && !/^\d{1,9}$/.test(first)) throw fail(`is "${first}", not a number`);
  if (kind === "port" && !(/^\d{1,5}$/.test(first) && Number(first) > 0 && Number(first) < 65536)) {
    throw fail(`is "${first}", not a port`);
  }
  if (kind === "time" && parseTime(first) === undefined && lower !== "none") {
    throw fail(`is "${first}", not a time`);
  }
  if (typeof kind === "object" && !kind.includes(lower)) {
    throw fail(`is "${first}", not one of ${kind.map((word) => `"${word}"`).join(", ")}`);
  }
  return [first];
}
