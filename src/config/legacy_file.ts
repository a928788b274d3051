/** `plakar.yml`, the one configuration file of plakar 1.0.1, taken over into the files of today. */

import { isMap, isScalar, YAMLMap } from "@std/yaml";
import { EntryFile, type EntryKind } from "./entry_file.ts";
import { parseYaml } from "./yaml_text.ts";

/**
 * The entries of a `plakar.yml`: repositories become stores, and a remote both a source and a destination.
 *
 * @param kind what is wanted of it
 * @param text the file's text
 * @param path its name, for messages
 * @returns the entries
 * @throws {PlakarError} `config` if it cannot be understood
 */
export function fromLegacy(kind: EntryKind, text: string, path: string): EntryFile {
  const document = parseYaml(text, path);
  const top = isMap(document.contents) ? document.contents : new YAMLMap();
  const section = top.get(kind === "store" ? "repositories" : "remotes", true);
  const entries = isMap(section) ? section : new YAMLMap();
  // What a headerless file of today holds at its top is what a section of the old file holds.
  document.contents = entries;
  const file = EntryFile.parse(kind, document.toString(), path);
  const name = top.get("default-repo", true);
  if (kind === "store" && isScalar(name) && typeof name.value === "string" && name.value !== "") {
    file.default = name.value;
  }
  return file;
}
