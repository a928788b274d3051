/** The files that a pattern of `Include` names. */

import type { SshEnvironment } from "../environment.ts";

/**
 * Finds files by a shell pattern.
 *
 * @param pattern an absolute path, in which `*`, `?` and `[…]` do not match `/` or a leading dot
 * @param environment the machine
 * @returns the paths, sorted
 */
export async function findFiles(pattern: string, environment: SshEnvironment): Promise<string[]> {
  let found = [""];
  for (const segment of pattern.split("/").slice(1)) {
    const next: string[] = [];
    for (const directory of found) {
      if (!/[*?[]/.test(segment)) next.push(`${directory}/${segment.replaceAll(/\\(.)/g, "$1")}`);
      else {
        const expression = shellPattern(segment);
        for (const name of await environment.list(directory || "/")) {
          if (expression.test(name) && (!name.startsWith(".") || segment.startsWith("."))) {
            next.push(`${directory}/${name}`);
          }
        }
      }
    }
    found = next;
  }
  return found.sort();
}

function shellPattern(segment: string): RegExp {
  const source = segment.replaceAll(
    /\\(.)|\*|\?|\[([!^]?)(\]?[^\]]*)\]|[.+^${}()|[\]\\]/g,
    (text: string, escaped?: string, negated?: string, set?: string) => {
      if (escaped !== undefined) return escaped.replace(/[.*+?^${}()|[\]\\]/, "\\$&");
      if (text === "*") return "[^/]*";
      if (text === "?") return "[^/]";
      if (set !== undefined) return `[${negated ? "^" : ""}${set.replaceAll(/[\\\]^]/g, "\\$&")}]`;
      return `\\${text}`;
    },
  );
  return new RegExp(`^${source}$`, "s");
}
