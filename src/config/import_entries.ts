/** Entries from elsewhere: YAML, JSON or INI as plakar shows them, rclone's configuration, ssh_config. */

import { isMap } from "@std/yaml";
import { isPlakarError, PlakarError } from "../lib/errors.ts";
import type { Entry } from "./entry_file.ts";
import { parseIni } from "./ini_text.ts";
import { parseYaml } from "./yaml_text.ts";

/** Entries by name. */
export type ImportedEntries = Record<string, Entry>;

/**
 * The entries in a text of YAML, JSON or INI.
 *
 * @param text the text
 * @param path where it is from, for messages
 * @returns the entries
 * @throws {PlakarError} `config` if it is none of these, or an entry has no location
 */
export function parseEntries(text: string, path: string): ImportedEntries {
  const entries = fromYaml(text, path) ?? withoutEmpty(parseIni(text, path));
  for (const [name, entry] of Object.entries(entries)) {
    if (entry.location !== undefined) continue;
    throw new PlakarError("config", `Cannot import "${name}" from "${path}": it has no location`, {
      hint: "a configuration of rclone is imported with -rclone",
    });
  }
  return entries;
}

/**
 * The remotes in a configuration of rclone, as plakar imports them.
 *
 * @param text the text
 * @param path where it is from, for messages
 * @returns the entries
 */
export function parseRcloneEntries(text: string, path: string): ImportedEntries {
  const entries: ImportedEntries = {};
  for (const [name, values] of Object.entries(withoutEmpty(parseIni(text, path)))) {
    const renamed = Object.entries(values).map(([key, value]) => [`rclone_${key}`, value]);
    entries[name] = { location: "rclone://", ...Object.fromEntries(renamed) };
  }
  return entries;
}

/** Entries of YAML, which JSON is part of; `undefined` if it is no map of maps. */
function fromYaml(text: string, path: string): ImportedEntries | undefined {
  let value: unknown;
  try {
    const document = parseYaml(text, path);
    if (!isMap(document.contents)) return undefined;
    value = document.toJS();
  } catch (error) {
    // An INI file is often not YAML; what is wrong with it is said by its own parser.
    if (isPlakarError(error, "config") && /^\s*[[;#]/.test(text)) return undefined;
    throw error;
  }
  const entries: ImportedEntries = {};
  for (const [name, options] of Object.entries(value ?? {})) {
    if (typeof options !== "object" || options === null || Array.isArray(options)) {
      throw new PlakarError("config", `Cannot import "${name}" from "${path}": it is not a map`);
    }
    entries[name] = Object.fromEntries(
      Object.entries(options).map(([key, option]) => [key, String(option ?? "")]),
    );
  }
  return entries;
}

function withoutEmpty(sections: Record<string, Record<string, string>>): ImportedEntries {
  return Object.fromEntries(Object.entries(sections).filter(([name]) => name !== ""));
}
