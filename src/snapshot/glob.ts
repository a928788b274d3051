/**
 * Glob patterns over slash paths, as git's wildmatch has them.
 *
 * `*` and `?` do not match a slash; two stars between slashes, or at an end next to one, match any number of
 * directories; `[a-z]`, `[!a]` and `[[:alpha:]]` match one byte; a backslash takes the next character as it is.
 */

const CLASSES: Readonly<Record<string, RegExp>> = {
  alnum: /[0-9A-Za-z]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  // deno-lint-ignore no-control-regex
  cntrl: /[\x00-\x1f\x7f]/,
  digit: /[0-9]/,
  graph: /[\x21-\x7e]/,
  lower: /[a-z]/,
  print: /[\x20-\x7e]/,
  punct: /[\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e]/,
  space: /[ \t\n\v\f\r]/,
  upper: /[A-Z]/,
  xdigit: /[0-9A-Fa-f]/,
};

/**
 * A pattern as a function.
 *
 * @param pattern the pattern, of bytes
 * @returns whether a text of bytes matches as a whole; never, if the pattern is not well formed
 */
export function compileGlob(pattern: string): (text: string) => boolean {
  const source = translate(pattern);
  if (source === undefined) return () => false;
  const expression = new RegExp(`^(?:${source})$`, "s");
  return (text) => expression.test(text);
}

/** The pattern as a regular expression, `undefined` if it is not well formed. */
function translate(pattern: string): string | undefined {
  let source = "";
  for (let i = 0; i < pattern.length;) {
    const character = pattern[i];
    if (character === "*") {
      let end = i;
      while (pattern[end] === "*") end++;
      const opens = i === 0 || pattern[i - 1] === "/";
      const closes = end === pattern.length || pattern[end] === "/";
      if (end - i >= 2 && opens && closes) {
        if (end === pattern.length) source += ".*";
        else {
          source += "(?:.*/)?";
          end++;
        }
      } else source += "[^/]*";
      i = end;
    } else if (character === "?") {
      source += "[^/]";
      i++;
    } else if (character === "[") {
      const bracket = translateBracket(pattern, i + 1);
      if (!bracket) return undefined;
      source += bracket.source;
      i = bracket.end;
    } else if (character === "\\") {
      if (i + 1 === pattern.length) return undefined;
      source += literal(pattern[i + 1]);
      i += 2;
    } else {
      source += literal(character);
      i++;
    }
  }
  return source;
}

/** What stands in brackets: a set of bytes, the slash never among them. */
function translateBracket(pattern: string, start: number): { source: string; end: number } | undefined {
  let i = start;
  const isNegated = pattern[i] === "!" || pattern[i] === "^";
  if (isNegated) i++;
  const set = new Set<number>();
  let previous: number | undefined;
  for (let isFirst = true;; isFirst = false) {
    if (i >= pattern.length) return undefined;
    let character = pattern[i];
    if (character === "]" && !isFirst) break;
    const isRange = character === "-" && previous !== undefined && i + 1 < pattern.length &&
      pattern[i + 1] !== "]";
    if (isRange) {
      i++;
      if (pattern[i] === "\\") i++;
      if (i >= pattern.length) return undefined;
      const last = pattern.charCodeAt(i++);
      for (let code = previous ?? 0; code <= last; code++) set.add(code);
      previous = undefined;
      continue;
    }
    if (character === "[" && pattern[i + 1] === ":") {
      const end = pattern.indexOf("]", i + 2);
      if (end < 0) return undefined;
      if (end - 1 >= i + 2 && pattern[end - 1] === ":") {
        const members = CLASSES[pattern.slice(i + 2, end - 1)];
        if (!members) return undefined;
        for (let code = 0; code < 256; code++) if (members.test(String.fromCharCode(code))) set.add(code);
        previous = undefined;
        i = end + 1;
        continue;
      }
    }
    if (character === "\\") {
      character = pattern[++i];
      if (character === undefined) return undefined;
    }
    previous = character.charCodeAt(0);
    set.add(previous);
    i++;
  }
  const members: string[] = [];
  for (let code = 0; code < 256; code++) {
    if (set.has(code) !== isNegated && code !== 0x2f) {
      members.push(`\\x${code.toString(16).padStart(2, "0")}`);
    }
  }
  return { source: `[${members.join("")}]`, end: i + 1 };
}

function literal(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
}
