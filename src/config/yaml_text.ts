/** YAML as plakar writes and reads it: maps of text, four blanks deep, quoted where Go's reader needs it. */

import { Document, parseDocument, Scalar, visit } from "@std/yaml";
import { PlakarError } from "../lib/errors.ts";

/** How documents are written: nothing is folded, and quotes are single where both would do. */
export const YAML_FORMAT = { indent: 4, lineWidth: 0, singleQuote: true, minContentWidth: 0 } as const;

// Plain words that YAML 1.1 or 1.2 takes for something else than text, and words Go quotes for that reason.
const NOT_TEXT =
  /^(|~|null|true|false|yes|no|on|off|y|n|[-+]?(\d[\d_]*\.?[\d_]*|\.\d+)([eE][-+]?\d+)?|[-+]?\.(inf|nan)|0[xob][\da-f_]+|\d+(:\d+)+(\.\d*)?|\d{4}-\d{1,2}-\d{1,2}.*|<<|=)$/i;

/**
 * A scalar that every reader takes for this text.
 *
 * @param text the text
 * @returns the scalar
 * @internal
 */
export function textScalar(text: string): Scalar<string> {
  const scalar = new Scalar(text);
  if (/\n/.test(text) && !/^\s|[^\P{C}\n]/u.test(text)) scalar.type = "BLOCK_LITERAL";
  else if (NOT_TEXT.test(text) || /[^\P{C}]/u.test(text)) scalar.type = "QUOTE_DOUBLE";
  return scalar;
}

/**
 * Maps of text as YAML, keys sorted, as plakar writes them.
 *
 * @param value text, or maps of such
 * @returns a YAML document
 */
export function toYaml(value: YamlText): string {
  const document = new Document(value, { schema: "failsafe", sortMapEntries: true });
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
  const document = parseDocument(text.replace(/^\uFEFF/, ""), {
    schema: "failsafe",
  });
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
