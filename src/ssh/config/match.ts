/** The conditions of `Host` and `Match`. */

import { PlakarError } from "../../lib/errors.ts";
import type { SshEnvironment } from "../environment.ts";
import { type ConfigLine, malformed } from "./lines.ts";
import { matchesPatterns } from "./pattern.ts";
import { expandTokens, type Tokens } from "./tokens.ts";

/** Conditions that hold for nothing here. */
const NEVER: readonly string[] = ["localnetwork", "tagged", "sessiontype", "command", "version"];

/** What conditions are compared with. */
export interface MatchSubject {
  /** The host as the person typed it. */
  originalHost: string;
  /** The host as far as it is known: `HostName` with its tokens replaced, or the original. */
  host: string;
  /** The user as far as it is known. */
  user: string;
  /** Whether this is the second reading, which `final` and `canonical` wait for. */
  isFinal: boolean;
  /** All tokens, for `exec`. */
  tokens: Tokens;
}

/**
 * Whether a `Host` line applies.
 *
 * @param line the line
 * @param originalHost the host as the person typed it
 * @returns true if a pattern matches and no negated one does
 */
export function hostMatches(line: ConfigLine, originalHost: string): boolean {
  if (line.args.length === 0 || line.args.includes("")) {
    throw malformed(line.file, line.line, '"host" needs a pattern');
  }
  return matchesPatterns(originalHost, line.args) === "yes";
}

/** What a `Match` line came to. */
export interface MatchResult {
  /** Whether it applies. */
  applies: boolean;
  /** Whether it asks for a second reading. */
  wantsFinal: boolean;
}

/**
 * Whether a `Match` line applies.
 *
 * @param line the line
 * @param subject what it is compared with; made only when needed
 * @param isReached whether the line counts at all; if not, no command is run
 * @param environment the machine
 * @returns whether it applies
 */
export async function matchApplies(
  line: ConfigLine,
  subject: MatchSubject,
  isReached: boolean,
  environment: SshEnvironment,
): Promise<MatchResult> {
  const words = splitCriteria(line);
  const fail = (state: string) => malformed(line.file, line.line, state);
  let applies = isReached;
  let wantsFinal = false;
  let criteria = 0;
  for (let at = 0; at < words.length; at++) {
    const negated = words[at].startsWith("!");
    const name = (negated ? words[at].slice(1) : words[at]).toLowerCase();
    if (name === "all") {
      // OpenSSH means to allow only "final" or "canonical" before it, and allows any one condition.
      const isAlone = at === words.length - 1 && criteria <= 1;
      if (!isAlone) throw fail('"all" of "match" goes with no other condition');
      return { applies: applies && !negated, wantsFinal };
    }
    criteria++;
    let holds: boolean;
    if (name === "final" || name === "canonical") {
      if (name === "final") wantsFinal = true;
      holds = subject.isFinal;
    } else {
      const argument = words[++at];
      if (argument === undefined || argument === "") throw fail(`"${name}" of "match" needs a value`);
      const value = comparedValue(name, subject, environment);
      if (value !== undefined) holds = listMatches(name, value, argument);
      else if (name === "exec") {
        // As in OpenSSH, the command is run only if everything before it holds.
        if (!applies) continue;
        holds = await runs(
          expandTokens(argument, subject.tokens, "the command of Match exec"),
          line,
          environment,
        );
      } else if (NEVER.includes(name)) {
        holds = false;
      } else throw fail(`"${name}" is no condition of "match"`);
    }
    if (holds === negated) applies = false;
  }
  if (criteria === 0) throw fail('"match" needs a condition');
  return { applies, wantsFinal };
}

function comparedValue(name: string, subject: MatchSubject, environment: SshEnvironment): string | undefined {
  if (name === "host") return subject.host;
  if (name === "originalhost") return subject.originalHost;
  if (name === "user") return subject.user;
  if (name === "localuser") return environment.userName;
}

function listMatches(name: string, value: string, argument: string): boolean {
  const isHost = name === "host" || name === "originalhost";
  const patterns = (isHost ? argument.toLowerCase() : argument).split(",");
  return matchesPatterns(isHost ? value.toLowerCase() : value, patterns) === "yes";
}

/** Conditions are words or pairs, and a pair may be written with `=`. */
function splitCriteria(line: ConfigLine): string[] {
  const words: string[] = [];
  let valueFollows = false;
  for (const word of line.args) {
    const pair: RegExpExecArray | null = valueFollows ? null : /^(!?[A-Za-z]+)=(.*)$/s.exec(word);
    words.push(...(pair ? pair.slice(1) : [word]));
    valueFollows = !valueFollows && !pair && !/^!?(all|final|canonical)$/i.test(word);
  }
  return words;
}

async function runs(command: string, line: ConfigLine, environment: SshEnvironment): Promise<boolean> {
  const result = await environment.shell(command);
  if (result) return result.code === 0;
  throw new PlakarError(
    "unsupported",
    `Cannot run "${command}" of ${line.file}:${line.line}: it is not permitted`,
    {
      hint:
        "This program may run no command but ssh: use transport=openssh, or a configuration without Match exec",
    },
  );
}
