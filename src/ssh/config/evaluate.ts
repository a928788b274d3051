/**
 * Reads ssh_config for one host: which directives apply, and their values.
 *
 * The first value of a directive wins, except for those that may be repeated. If a file says `Match final`,
 * everything is read a second time with the host name that the first reading came to.
 */

import { PlakarError } from "../../lib/errors.ts";
import type { SshEnvironment } from "../environment.ts";
import { directiveName, DIRECTIVES, directiveValue } from "./directives.ts";
import { findFiles } from "./include.ts";
import { type ConfigLine, malformed, parseConfigLines } from "./lines.ts";
import { hostMatches, matchApplies } from "./match.ts";
import { expandTilde, expandTokens, tokensOf } from "./tokens.ts";

/** The values of directives, by name in lower case. */
export type ConfigValues = ReadonlyMap<string, readonly string[]>;

/** Which files are read. */
export interface ConfigFiles {
  /** The person's file; its absence is no error unless it was named. */
  user?: string;
  /** Whether `user` was named by the person. */
  isNamed: boolean;
  /** The system's file. */
  system?: string;
}

const MAX_DEPTH = 16;

/**
 * Evaluates ssh_config for a host.
 *
 * @param originalHost the host as the person typed it
 * @param given directives from elsewhere, which win over the files
 * @param files the files
 * @param environment the machine
 * @returns the values
 */
export async function evaluateConfig(
  originalHost: string,
  given: readonly ConfigLine[],
  files: ConfigFiles,
  environment: SshEnvironment,
): Promise<ConfigValues> {
  const evaluation = new Evaluation(originalHost, files, environment);
  for (const line of given) evaluation.apply(line);
  await evaluation.readFiles();
  if (evaluation.wantsFinal) await evaluation.readFinally();
  return evaluation.values;
}

class Evaluation {
  readonly values = new Map<string, string[]>();
  wantsFinal = false;
  #isFinal = false;
  readonly #originalHost: string;
  readonly #files: ConfigFiles;
  readonly #environment: SshEnvironment;

  constructor(originalHost: string, files: ConfigFiles, environment: SshEnvironment) {
    this.#originalHost = originalHost;
    this.#files = files;
    this.#environment = environment;
  }

  async readFiles(): Promise<void> {
    const { user, system, isNamed } = this.#files;
    if (user !== undefined) {
      await this.#readFile(user, { isUser: true, isActive: true, depth: 0, mustExist: isNamed });
    }
    if (system !== undefined) {
      await this.#readFile(system, { isUser: false, isActive: true, depth: 0, mustExist: false });
    }
  }

  async readFinally(): Promise<void> {
    this.values.set("hostname", [this.#host().toLowerCase()]);
    this.#isFinal = true;
    await this.readFiles();
  }

  /** Takes a directive's value, if it is known and not set yet. */
  apply(line: ConfigLine): void {
    const name = directiveName(line.keyword);
    const directive = DIRECTIVES[name];
    if (!directive) return;
    const value = directiveValue(line, directive);
    // The two ways of reaching a host exclude each other, and the first one counts.
    if (name === "proxyjump" && this.values.has("proxycommand")) return;
    if (name === "proxycommand" && this.values.has("proxyjump")) return;
    const known = this.values.get(name);
    if (!known) this.values.set(name, [...value]);
    else if (directive.repeated && !known.includes(value[0])) known.push(value[0]);
  }

  async #readFile(
    path: string,
    from: { isUser: boolean; isActive: boolean; depth: number; mustExist: boolean },
  ): Promise<void> {
    let bytes: Uint8Array | undefined;
    try {
      bytes = await this.#environment.readFile(path);
    } catch (cause) {
      throw new PlakarError("config", `Cannot read the SSH configuration "${path}"`, { cause });
    }
    if (!bytes) {
      if (from.mustExist) {
        throw new PlakarError("config", `Cannot read the SSH configuration "${path}": no such file`);
      }
      return;
    }
    if (from.isUser && !(from.depth === 0 && this.#files.isNamed)) await this.#checkOwner(path);
    let isActive = from.isActive;
    for (const line of parseConfigLines(new TextDecoder().decode(bytes), path)) {
      if (line.keyword === "host") isActive = from.isActive && hostMatches(line, this.#originalHost);
      else if (line.keyword === "match") {
        const result = await matchApplies(line, this.#subject(), from.isActive, this.#environment);
        isActive = from.isActive && result.applies;
        this.wantsFinal ||= result.wantsFinal;
      } else if (line.keyword === "include") await this.#include(line, { ...from, isActive });
      else if (isActive) this.apply(line);
      else this.#check(line);
    }
  }

  /** A line that does not apply is still refused if it is malformed. */
  #check(line: ConfigLine): void {
    const directive = DIRECTIVES[directiveName(line.keyword)];
    if (directive) directiveValue(line, directive);
  }

  async #include(
    line: ConfigLine,
    from: { isUser: boolean; isActive: boolean; depth: number },
  ): Promise<void> {
    if (line.args.length === 0 || line.args.includes("")) {
      throw malformed(line.file, line.line, '"include" needs a file');
    }
    if (from.depth >= MAX_DEPTH) throw malformed(line.file, line.line, "too many files include each other");
    const directory = from.isUser ? `${this.#environment.home}/.ssh` : this.#environment.systemDirectory;
    for (const pattern of line.args) {
      const path = from.isUser ? expandTilde(pattern, this.#environment) : pattern;
      const absolute = path.startsWith("/") ? path : `${directory}/${path}`;
      for (const file of await findFiles(absolute, this.#environment)) {
        await this.#readFile(file, { ...from, depth: from.depth + 1, mustExist: false });
      }
    }
  }

  async #checkOwner(path: string): Promise<void> {
    const facts = await this.#environment.facts(path);
    if (!facts || facts.mode === undefined || this.#environment.userId === undefined) return;
    const isOurs = facts.uid === 0 || facts.uid === this.#environment.userId;
    if (isOurs && (facts.mode & 0o022) === 0) return;
    throw new PlakarError("config", `Cannot trust the SSH configuration "${path}": others may write to it`, {
      hint: `Make it yours alone: chmod 600 "${path}"`,
    });
  }

  #host(): string {
    const [name] = this.values.get("hostname") ?? [];
    if (name === undefined) return this.#originalHost;
    return this.#isFinal ? name : expandTokens(name, { h: this.#originalHost }, "HostName");
  }

  #subject() {
    const user = this.values.get("user")?.[0] ?? this.#environment.userName;
    const host = this.#host();
    const tokens = tokensOf({
      originalHost: this.#originalHost,
      host,
      port: Number(this.values.get("port")?.[0] ?? 22),
      user,
      hostKeyAlias: this.values.get("hostkeyalias")?.[0] ?? this.#originalHost,
      proxyJump: this.values.get("proxyjump")?.[0] ?? "",
    }, this.#environment);
    return { originalHost: this.#originalHost, host, user, isFinal: this.#isFinal, tokens };
  }
}
