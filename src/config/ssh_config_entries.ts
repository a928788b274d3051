/** Entries for the hosts that an ssh_config names. */

import { findFiles } from "../ssh/config/include.ts";
import { malformed, parseConfigLines } from "../ssh/config/lines.ts";
import { expandTilde } from "../ssh/config/tokens.ts";
import type { SshEnvironment } from "../ssh/environment.ts";
import type { ImportedEntries } from "./import_entries.ts";

const MAX_DEPTH = 16;

/**
 * One entry for each host that is named and not a pattern, in the order of the file. Its location is the host's
 * alias, so that everything else goes on coming from ssh_config.
 *
 * @param text the text of an ssh_config
 * @param path where it is from
 * @param environment the machine, for `Include`
 * @returns the entries
 * @throws {PlakarError} `config` if it cannot be understood
 */
export async function sshConfigEntries(
  text: string,
  path: string,
  environment: SshEnvironment,
): Promise<ImportedEntries> {
  const entries: ImportedEntries = {};
  await collect(text, path, environment, entries, 0);
  return entries;
}

async function collect(
  text: string,
  path: string,
  environment: SshEnvironment,
  entries: ImportedEntries,
  depth: number,
): Promise<void> {
  for (const line of parseConfigLines(text, path)) {
    if (line.keyword === "host") {
      for (const host of line.args) {
        // Patterns and what is excluded from them name no host; a colon would begin a path in @name:path.
        if (!/^[!-]|[*?:@\s]/.test(host)) entries[host] = { location: `sftp://${host}` };
      }
    } else if (line.keyword === "include") {
      if (depth >= MAX_DEPTH) throw malformed(path, line.line, "too many files include each other");
      for (const pattern of line.args) {
        const expanded = expandTilde(pattern, environment);
        const absolute = expanded.startsWith("/") ? expanded : `${environment.home}/.ssh/${expanded}`;
        for (const file of await findFiles(absolute, environment)) {
          const bytes = await environment.readFile(file);
          if (bytes) await collect(new TextDecoder().decode(bytes), file, environment, entries, depth + 1);
        }
      }
    }
  }
}
