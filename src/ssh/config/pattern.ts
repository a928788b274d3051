/** The patterns of ssh_config and known_hosts: `*`, `?`, lists with commas, negation with `!`. */

/**
 * Whether text matches one pattern, case included.
 *
 * @param text the text
 * @param pattern `*` stands for any characters, `?` for one
 * @returns true if all of the text matches
 */
export function matchesPattern(text: string, pattern: string): boolean {
  // Greedy with one point to come back to: no pattern takes more than quadratic time.
  let [t, p, star, mark] = [0, 0, -1, 0];
  while (t < text.length) {
    if (pattern[p] === "*") {
      star = p++;
      mark = t;
    } else if (p < pattern.length && (pattern[p] === "?" || pattern[p] === text[t])) {
      t++;
      p++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++mark;
    } else return false;
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}

/**
 * Whether text matches a list of patterns.
 *
 * @param text the text
 * @param patterns the patterns, any of them negated
 * @returns `yes` if one matches, `no` if a negated one does, `none` if neither
 */
export function matchesPatterns(text: string, patterns: string[]): "yes" | "no" | "none" {
  let result: "yes" | "none" = "none";
  for (const pattern of patterns) {
    if (pattern.startsWith("!")) {
      if (matchesPattern(text, pattern.slice(1))) return "no";
    } else if (pattern !== "" && matchesPattern(text, pattern)) result = "yes";
  }
  return result;
}
