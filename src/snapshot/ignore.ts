/**
 * Which paths stay out of a backup: patterns with the meaning they have in a `.gitignore` in the directory that
 * is backed up.
 *
 * The last pattern that matches decides. `!` takes back in, a trailing slash means directories only, a pattern
 * with another slash counts from the directory that is backed up, one without matches a name at any depth. One
 * difference from git: a pattern that begins with a slash may also count from the root of the file system, if it
 * begins as the path of the directory that is backed up does: `/home/me/cache` for `/home/me`.
 */

import { basename, isWithin } from "../lib/byte_path.ts";
import type { ByteString } from "../lib/byte_string.ts";
import { compileGlob } from "./glob.ts";

/** Patterns from one place. */
export interface IgnoreSource {
  /** Where they are from: a file's name, or the option they were given with. */
  origin: string;
  /** Whether the origin is a file, whose lines are counted. */
  isFile: boolean;
  /** The patterns, a line each. */
  lines: readonly ByteString[];
}

/** One pattern. */
export interface IgnoreRule {
  /** The pattern as written, with its `!`. */
  readonly pattern: ByteString;
  /** Where it is from: `FILE:LINE`, or the option. */
  readonly origin: string;
  /** Whether it takes back in. */
  readonly isNegated: boolean;
}

interface CompiledRule extends IgnoreRule {
  readonly glob: string;
  readonly directoriesOnly: boolean;
  readonly scope: "name" | "source" | "anywhere";
  readonly matches: (text: string) => boolean;
}

/** Patterns in the order in which they count, the last that matches first. */
export class IgnoreRules {
  readonly #rules: readonly CompiledRule[];
  readonly #root: ByteString;

  /**
   * Rules of these patterns.
   *
   * @param sources the patterns, later ones deciding over earlier ones
   * @param root the directory that is backed up, absolute and clean
   */
  constructor(sources: readonly IgnoreSource[], root: ByteString) {
    this.#root = root;
    this.#rules = sources.flatMap(({ origin, isFile, lines }) =>
      lines.flatMap((line, i) => compileRule(line, isFile ? `${origin}:${i + 1}` : origin, root) ?? [])
    ).reverse();
  }

  /**
   * The rule that decides about a path. That no directory above it is left out is for the caller to know.
   *
   * @param path the path in the snapshot, absolute and clean
   * @param isDirectory whether it is a directory
   * @returns the last rule that matches, which may be one that takes back in
   */
  decidingRule(path: ByteString, isDirectory: boolean): IgnoreRule | undefined {
    const name = basename(path);
    const fromSource = isWithin(path, this.#root) ? relative(path, this.#root) : undefined;
    const fromRoot = path.slice(1);
    return this.#rules.find((rule) => {
      if (rule.directoriesOnly && !isDirectory) return false;
      if (rule.scope === "name") return rule.matches(name);
      if (fromSource !== undefined && rule.matches(fromSource)) return true;
      return rule.scope === "anywhere" && rule.matches(fromRoot);
    });
  }

  /**
   * Whether a path stays out. The directory that is backed up never does.
   *
   * @param path the path in the snapshot, absolute and clean
   * @param isDirectory whether it is a directory
   * @returns the rule that leaves it out, or `undefined` if it is kept
   */
  excludedBy(path: ByteString, isDirectory: boolean): IgnoreRule | undefined {
    if (path === this.#root) return undefined;
    const rule = this.decidingRule(path, isDirectory);
    return rule?.isNegated ? undefined : rule;
  }

  /**
   * Rules that were likely written to take something back in from below a directory, which stays out as a
   * whole: those that name the way to it; and where a rule leaves everything out, those behind it that match
   * kinds of names at any depth.
   *
   * @param directory a directory that stays out, absolute and clean
   * @param rule the rule that leaves it out, as {@linkcode IgnoreRules.excludedBy} gave it
   * @returns rules that take back in and cannot
   */
  defeatedBelow(directory: ByteString, rule: IgnoreRule): IgnoreRule[] {
    const position = this.#rules.findIndex((other) => other === rule);
    const places = [directory.slice(1)];
    if (isWithin(directory, this.#root)) places.push(relative(directory, this.#root));
    return this.#rules.filter(({ isNegated, scope, glob }, i) => {
      if (!isNegated) return false;
      const isMeantForAll = leavesAllOut(rule) && i < position;
      if (scope === "name") return isMeantForAll && /[*?[]/.test(glob);
      return places.some((place) => isBelow(glob, place, isMeantForAll));
    });
  }

  /** Whether there is any pattern at all. */
  get isEmpty(): boolean {
    return this.#rules.length === 0;
  }
}

/**
 * Whether a rule matches every name: `*`, `/*`, `**`.
 *
 * @param rule the rule
 * @returns true if it does
 */
export function leavesAllOut({ pattern }: IgnoreRule): boolean {
  return /^[*/]+$/.test(pattern);
}

/**
 * The lines of a file of patterns.
 *
 * @param text the file's bytes
 * @returns its lines, of which some may be comments or empty
 */
export function ignoreLines(text: ByteString): ByteString[] {
  // A byte order mark, as bytes.
  return text.replace(/^\xef\xbb\xbf/, "").split("\n").map((line) => line.replace(/\r$/, "") as ByteString);
}

/** A rule, or `undefined` for a comment or an empty line. */
function compileRule(line: ByteString, origin: string, root: ByteString): CompiledRule | undefined {
  if (line.startsWith("#")) return undefined;
  const pattern = withoutTrailingBlanks(line);
  if (pattern === "") return undefined;
  const isNegated = pattern.startsWith("!");
  let glob = isNegated ? pattern.slice(1) : pattern;
  const directoriesOnly = glob.endsWith("/");
  if (directoriesOnly) glob = glob.slice(0, -1);
  const isAbsolute = glob.startsWith("/") && root !== "/" && glob.split("/")[1] === root.split("/")[1];
  const scope = !glob.includes("/") ? "name" : isAbsolute ? "anywhere" : "source";
  glob = glob.replace(/^\//, "");
  const matches = compileGlob(glob);
  return { pattern: pattern as ByteString, origin, isNegated, glob, directoriesOnly, scope, matches };
}

/** The line without blanks at its end, unless the first of them is escaped. */
function withoutTrailingBlanks(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === " ") end--;
  const backslashes = /\\*$/.exec(line.slice(0, end))?.[0].length ?? 0;
  return end < line.length && backslashes % 2 === 1 ? line.slice(0, end + 1) : line.slice(0, end);
}

/** Whether a pattern names a directory step by step, and something below it; two stars are any steps or none. */
function isBelow(glob: string, directory: string, takesStars: boolean): boolean {
  const steps = glob.split("/");
  const names = directory.split("/");
  const stars = steps.indexOf("**");
  if (stars >= 0 && stars < names.length) {
    return takesStars && steps.slice(0, stars).every((step, i) => compileGlob(step)(names[i]));
  }
  return steps.length > names.length && names.every((name, i) => compileGlob(steps[i])(name));
}

function relative(path: ByteString, root: ByteString): string {
  return path.slice(root === "/" ? 1 : root.length + 1);
}
