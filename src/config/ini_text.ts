/** INI as plakar prints and imports it. */

import { PlakarError } from "../lib/errors.ts";

/** Sections of keys and values. */
export type Sections = Readonly<Record<string, Readonly<Record<string, string>>>>;

/**
 * Sections as INI, keys sorted and aligned.
 *
 * @param sections the sections
 * @returns the text
 */
export function toIni(sections: Sections): string {
  const lines: string[] = [];
  for (const [name, values] of Object.entries(sections)) {
    const keys = Object.keys(values).sort();
    const width = Math.max(0, ...keys.map((key) => key.length));
    lines.push(`[${name}]`, ...keys.map((key) => `${key.padEnd(width)} = ${quoted(values[key])}`));
  }
  return lines.join("\n") + "\n";
}

function quoted(value: string): string {
  if (/\n|`/.test(value)) return `"""${value}"""`;
  return /[#;]|^\s|\s$/.test(value) ? `\`${value}\`` : value;
}

/**
 * The sections of an INI text. Comments begin with `#` or `;`.
 *
 * @param text the text
 * @param path where it is from, for messages
 * @returns the sections, and under the empty name what stands before the first
 * @throws {PlakarError} `config`, with the line
 */
export function parseIni(text: string, path: string): Record<string, Record<string, string>> {
  const sections: Record<string, Record<string, string>> = {};
  let section: Record<string, string> | undefined;
  // A value in three quotes may go over several lines.
  const joined = text.replaceAll(/"""([^]*?)"""/g, (_, value) => JSON.stringify(value));
  for (const [i, whole] of joined.replace(/^\uFEFF/, "").split(/\r?\n/).entries()) {
    const line = whole.trim();
    if (line === "" || /^[#;]/.test(line)) continue;
    const header = /^\[(.+)\]$/.exec(line);
    if (header) {
      section = sections[header[1].trim()] ??= {};
      continue;
    }
    const pair = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(line);
    if (!pair) {
      throw new PlakarError("config", `Cannot read "${path}" line ${i + 1}: "${line}" is not KEY = VALUE`);
    }
    section ??= sections[""] ??= {};
    section[pair[1]] = unquoted(pair[2]);
  }
  return sections;
}

function unquoted(value: string): string {
  const quote = /^(["'`])(.*)\1\s*(?:[#;].*)?$/.exec(value);
  if (!quote) return value.replace(/\s+[#;].*$/, "");
  try {
    return quote[1] === '"' ? String(JSON.parse(`"${quote[2]}"`)) : quote[2];
  } catch {
    return quote[2];
  }
}
