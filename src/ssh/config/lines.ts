/** The text of ssh_config: lines, keywords and arguments, with OpenSSH's quoting. */

import { PlakarError } from "../../lib/errors.ts";

/** One directive as it stands in a file. */
export interface ConfigLine {
  /** The keyword in lower case. */
  keyword: string;
  /** The arguments, unquoted. */
  args: string[];
  /** Everything after the keyword, for directives that take a command. */
  rest: string;
  /** The file it stands in, or what else gave it. */
  file: string;
  /** Its line, from 1. */
  line: number;
}

/**
 * Splits a configuration file.
 *
 * @param text the file's text
 * @param file its name, for errors
 * @returns its directives
 * @throws {PlakarError} `config` if quotes do not match
 */
export function parseConfigLines(text: string, file: string): ConfigLine[] {
  const lines: ConfigLine[] = [];
  // Editors of some systems begin a file with a byte order mark.
  for (const [index, raw] of text.replace(/^\uFEFF/, "").split("\n").entries()) {
    const line = parseConfigLine(raw, file, index + 1);
    if (line) lines.push(line);
  }
  return lines;
}

/**
 * Splits one line.
 *
 * @param raw the line
 * @param file its file, for errors
 * @param line its number, for errors
 * @returns the directive, or `undefined` for an empty line or a comment
 */
export function parseConfigLine(raw: string, file: string, line: number): ConfigLine | undefined {
  const text = raw.replace(/[ \t\r\f]+$/, "").replace(/^[ \t]+/, "");
  if (text === "" || text.startsWith("#")) return undefined;
  const match = /^(?:"([^"]*)"|([^ \t=]+))[ \t]*=?[ \t]*(.*)$/.exec(text);
  if (!match) throw malformed(file, line, "the keyword cannot be read");
  const rest = match[3];
  const args = splitArguments(rest);
  if (!args) throw malformed(file, line, "a quote is not closed");
  return { keyword: (match[1] ?? match[2]).toLowerCase(), args, rest, file, line };
}

/**
 * The error of a line that cannot be understood.
 *
 * @param file its file
 * @param line its number
 * @param state what is wrong
 * @returns the error
 */
export function malformed(file: string, line: number, state: string): PlakarError {
  return new PlakarError("config", `Cannot understand ${file}:${line}: ${state}`);
}

/**
 * Splits text into words: single and double quotes, backslash before a quote, a backslash or, outside quotes,
 * a space; a word that begins with `#` ends the line.
 *
 * @param text the text
 * @returns the words, or `undefined` if a quote is not closed
 */
export function splitArguments(text: string): string[] | undefined {
  const words: string[] = [];
  for (let at = 0; at < text.length;) {
    if (text[at] === " " || text[at] === "\t") {
      at++;
      continue;
    }
    if (text[at] === "#") break;
    let word = "";
    let quote = "";
    for (; at < text.length; at++) {
      const c = text[at];
      const next = text[at + 1];
      if (c === "\\" && (next === "'" || next === '"' || next === "\\" || (quote === "" && next === " "))) {
        word += next;
        at++;
      } else if (quote === "" && (c === " " || c === "\t")) break;
      else if (quote === "" && (c === '"' || c === "'")) quote = c;
      else if (quote !== "" && c === quote) quote = "";
      else word += c;
    }
    if (quote !== "") return undefined;
    words.push(word);
  }
  return words;
}
