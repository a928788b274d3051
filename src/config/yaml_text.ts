/** YAML as plakar writes and reads it: maps of text, four blanks deep, quoted where Go's reader needs it. */

import { Document, parseDocument, Scalar, type Tags, visit } from "@std/yaml";
import { PlakarError } from "../lib/errors.ts";

/** How documents are written: nothing is folded, and quotes are single where both would do. */
export const YAML_FORMAT = { indent: 4, lineWidth: 0, singleQuote: true, minContentWidth: 0 } as const;

/** How documents are made and read: all scalars are text, written by {@linkcode written}. */
export const YAML_SCHEMA = { schema: "failsafe", customTags: withText } as const;

// Plain words that YAML 1.1 or 1.2 takes for something else than text, and words Go quotes for that reason.
const NOT_TEXT =
  /^(|~|null|true|false|yes|no|on|off|y|n|[-+]?(\d[\d_]*\.?[\d_]*|\.\d+)([eE][-+]?\d+)?|[-+]?\.(inf|nan)|0[xob][\da-f_]+|\d+(:\d+)+(\.\d*)?|\d{4}-\d{1,2}-\d{1,2}.*|<<|=)$/i;

// Go's reader refuses most of these as they are, and takes the separators of lines and paragraphs for line breaks.
const UNPRINTABLE = /[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u;
const [NAMED, NAMES] = ['\0\x07\b\t\n\v\f\r\x1b"\\\x85\u2028\u2029', '0abtnvfre"\\NLP'];

/**
 * A scalar that every reader takes for this text.
 *
 * @param text the text
 * @returns the scalar
 * @internal
 */
export function textScalar(text: string): Scalar<string> {
  const scalar = new Scalar(text);
  if (/\n/.test(text) && !/ \n/.test(text)) scalar.type = "BLOCK_LITERAL";
  else if (/\n/.test(text) || NOT_TEXT.test(text)) scalar.type = "QUOTE_DOUBLE";
  return scalar;
}

function withText(tags: Tags): Tags {
  return tags.map((tag) =>
    typeof tag === "object" && tag.tag === "tag:yaml.org,2002:str" && !tag.collection
      ? { ...tag, stringify: (...args) => written(args[0]) ?? tag.stringify?.(...args) ?? "" }
      : tag
  );
}

/** Text that has to be quoted, as Go quotes it; `undefined` for other text. */
function written({ value, type }: Scalar): string | undefined {
  if (typeof value !== "string") return undefined;
  // Blanks at the beginning of a block would be more of them after it was written and read again.
  const isIndented = type?.startsWith("BLOCK_") && /^\s/.test(value);
  if (type !== "QUOTE_DOUBLE" && !isIndented && !UNPRINTABLE.test(value)) return undefined;
  return `"${Array.from(value, escaped).join("")}"`;
}

function escaped(character: string): string {
  const named = NAMED.indexOf(character);
  if (named >= 0) return `\\${NAMES[named]}`;
  if (!UNPRINTABLE.test(character)) return character;
  const digits = (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
  const [letter, length] = digits.length <= 2 ? ["x", 2] : digits.length <= 4 ? ["u", 4] : ["U", 8];
  return `\\${letter}${digits.padStart(length, "0")}`;
}

/**
 * Maps of text as YAML, keys sorted, as plakar writes them.
 *
 * @param value text, or maps of such
 * @returns a YAML document
 */
export function toYaml(value: YamlText): string {
  const document = new Document(value, { ...YAML_SCHEMA, sortMapEntries: true });
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value === "string") node.type = textScalar(node.value).type;
    },
  });
  return document.toString(YAML_FORMAT);
}

/** Text, or maps of such. */
export type YamlText = string | { readonly [key: string]: YamlText };

/**
 * Parses YAML, every scalar as text.
 *
 * @param text the text
 * @param path where it is from, for messages
 * @returns the document
 * @throws {PlakarError} `config`, with the line
 * @internal
 */
export function parseYaml(text: string, path: string): Document {
  const document = parseDocument(text.replace(/^\uFEFF/, ""), YAML_SCHEMA);
  const [error] = document.errors;
  if (error) {
    const line = error.linePos?.[0].line;
    const [problem] = error.message.split(/ at line |\n/);
    throw new PlakarError(
      "config",
      `Cannot read configuration "${path}"${line ? ` line ${line}` : ""}: ${problem}`,
      {
        cause: error,
      },
    );
  }
  return document;
}
