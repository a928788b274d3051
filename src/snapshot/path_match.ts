/**
 * Shell patterns as Go's `path.Match` has them, which is what plakar's `locate` takes: `*` and `?` do not match
 * a slash, `[a-z]` and `[^a-z]` match one character, and a backslash takes the next one as it is.
 */

import { type ByteString, toBytes } from "../lib/byte_string.ts";

/**
 * A pattern as a function. Names are matched as text; bytes that are not UTF-8 are one unknown character each.
 *
 * @param pattern the pattern
 * @returns whether a name matches as a whole, `undefined` if the pattern is not well formed
 */
export function compilePathMatch(pattern: ByteString): ((name: ByteString) => boolean) | undefined {
  const source = translate([...textOf(pattern)]);
  if (source === undefined) return undefined;
  const expression = new RegExp(`^${source}$`, "su");
  return (name) => expression.test(textOf(name));
}

/** The pattern as a regular expression, `undefined` if it is not well formed. */
function translate(pattern: readonly string[]): string | undefined {
  let source = "";
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i];
    if (character === "*") source += "[^/]*";
    else if (character === "?") source += "[^/]";
    else if (character === "[") {
      const set = translateSet(pattern, i + 1);
      if (!set) return undefined;
      source += set.source;
      i = set.end;
    } else if (character === "\\") {
      if (++i === pattern.length) return undefined;
      source += literal(pattern[i]);
    } else source += literal(character);
  }
  return source;
}

/** What stands in brackets; `end` is where the closing one is. */
function translateSet(
  pattern: readonly string[],
  start: number,
): { source: string; end: number } | undefined {
  let i = start;
  const isNegated = pattern[i] === "^";
  if (isNegated) i++;
  const take = (): string | undefined => {
    if (pattern[i] === "-" || pattern[i] === "]") return undefined;
    if (pattern[i] === "\\") i++;
    return pattern[i++];
  };
  const ranges: string[] = [];
  while (pattern[i] !== "]" || ranges.length === 0) {
    const low = take();
    if (low === undefined) return undefined;
    let high: string | undefined = low;
    if (pattern[i] === "-") {
      i++;
      high = take();
      if (high === undefined) return undefined;
    }
    // A range that runs backwards is well formed, and matches nothing.
    ranges.push(codeOf(low) <= codeOf(high) ? `${literal(low)}-${literal(high)}` : "");
  }
  return { source: `[${isNegated ? "^" : ""}${ranges.join("")}]`, end: i };
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}

function literal(character: string): string {
  return `\\u{${codeOf(character).toString(16)}}`;
}

function textOf(name: ByteString): string {
  // deno-lint-ignore no-control-regex
  if (/^[\x00-\x7f]*$/.test(name)) return name;
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(toBytes(name));
}
