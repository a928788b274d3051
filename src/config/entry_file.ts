/**
 * One file of named entries: `sources.yml`, `destinations.yml` or `stores.yml`.
 *
 * The text is kept as a document, so that comments, order and keys that mean nothing here survive a change.
 * All values are text, as plakar has them.
 */

import { Document, isAlias, isMap, isScalar, type Scalar, YAMLMap } from "@std/yaml";
import { PlakarError } from "../lib/errors.ts";
import { parseYaml, textScalar, YAML_FORMAT, YAML_SCHEMA } from "./yaml_text.ts";

/** The kinds of named entries. */
export type EntryKind = "source" | "destination" | "store";

/** An entry: its options by key. */
export type Entry = Readonly<Record<string, string>>;

const VERSION = "v1.0.0";
// In files from before the version key, the default store was marked by an option of its own.
const DEFAULT_MARK = ".isDefault";

/** The entries of one file. */
export class EntryFile {
  readonly #kind: EntryKind;
  readonly #document: Document;
  readonly #entries: YAMLMap;

  private constructor(kind: EntryKind, document: Document, entries: YAMLMap) {
    this.#kind = kind;
    this.#document = document;
    this.#entries = entries;
  }

  /**
   * A file without entries.
   *
   * @param kind what it holds
   * @returns the file
   */
  static empty(kind: EntryKind): EntryFile {
    const entries = new YAMLMap();
    const document = new Document(new YAMLMap(), YAML_SCHEMA);
    document.set("version", VERSION);
    document.set(`${kind}s`, entries);
    return new EntryFile(kind, document, entries);
  }

  /**
   * Reads a file of any version.
   *
   * @param kind what it holds
   * @param text its text
   * @param path its name, for messages
   * @returns the file
   * @throws {PlakarError} `config` if it cannot be understood, `version` if it is newer than this program
   */
  static parse(kind: EntryKind, text: string, path: string): EntryFile {
    const document = parseYaml(text, path);
    if (document.contents === null) return EntryFile.empty(kind);
    const refuse = (state: string) =>
      new PlakarError("config", `Cannot read configuration "${path}": ${state}`);
    const top = document.contents;
    if (!isMap(top)) throw refuse("it is not a map");
    const version = top.get("version", true);
    if (isScalar(version)) {
      if (version.value !== VERSION) {
        throw new PlakarError(
          "version",
          `Cannot read configuration "${path}": its version is ${version.value}`,
          {
            hint: `this program knows ${VERSION}`,
          },
        );
      }
      const key = `${kind}s`;
      const there = top.get(key, true);
      if (there === undefined || isEmptyScalar(there)) top.set(key, new YAMLMap());
      const entries = top.get(key, true);
      if (!isMap(entries)) throw refuse(`${kind}s is not a map`);
      return new EntryFile(kind, document, entries).#checked(refuse);
    }
    return EntryFile.#fromHeaderless(kind, document, top).#checked(refuse);
  }

  /** A file from before the version key: the entries are at the top. */
  static #fromHeaderless(kind: EntryKind, old: Document, entries: YAMLMap): EntryFile {
    const document = new Document(new YAMLMap(), YAML_SCHEMA);
    document.commentBefore = old.commentBefore;
    document.comment = old.comment;
    document.set("version", VERSION);
    const file = new EntryFile(kind, document, entries);
    for (const name of file.names()) {
      const options = entries.get(name);
      if (isMap(options) && options.delete(DEFAULT_MARK)) document.set("default", textScalar(name));
    }
    document.set(`${kind}s`, entries);
    return file;
  }

  #checked(refuse: (state: string) => PlakarError): this {
    for (const name of this.names()) {
      const entry = this.#entries.get(name, true);
      const options = isAlias(entry) ? entry.resolve(this.#document) : entry;
      if (options === undefined || options === null || isEmptyScalar(options)) continue;
      if (!isMap(options)) throw refuse(`${this.#kind} ${name} is not a map`);
      for (const { key, value: node } of options.items) {
        const value = isAlias(node) ? node.resolve(this.#document) : node;
        if (value !== null && !isScalar(value)) {
          throw refuse(`the value of ${key} of ${this.#kind} ${name} is not text`);
        }
      }
    }
    return this;
  }

  /** The file as it should be written. */
  toString(): string {
    return this.#document.toString(YAML_FORMAT);
  }

  /** The names of the entries, in the order of the file. */
  names(): string[] {
    return this.#entries.items.map(({ key }) => String(isScalar(key) ? key.value : key));
  }

  /**
   * The options of an entry.
   *
   * @param name the entry
   * @returns its options, or `undefined` if there is no such entry
   */
  get(name: string): Entry | undefined {
    if (!this.#entries.has(name)) return undefined;
    const node = this.#entries.get(name, true);
    const options = isAlias(node) ? node.resolve(this.#document) : node;
    if (!isMap(options)) return {};
    return Object.fromEntries(options.items.map(({ key, value }) => {
      const scalar = isAlias(value) ? value.resolve(this.#document) : value;
      return [String(isScalar(key) ? key.value : key), textOf(scalar)];
    }));
  }

  /**
   * Adds an entry, or replaces all of it.
   *
   * @param name the entry
   * @param options its options
   */
  put(name: string, options: Entry): void {
    this.#setIn(this.#entries, name, mapOf(options));
  }

  /**
   * Sets an option of an entry that exists.
   *
   * @param name the entry
   * @param key the option
   * @param value its value
   */
  set(name: string, key: string, value: string): void {
    this.#setIn(this.#ownMap(name), key, textScalar(value));
  }

  /**
   * Removes an option of an entry.
   *
   * @param name the entry
   * @param key the option
   */
  unset(name: string, key: string): void {
    this.#ownMap(name).delete(key);
  }

  /**
   * Removes an entry.
   *
   * @param name the entry
   */
  remove(name: string): void {
    this.#entries.delete(name);
    if (this.default === name) this.#document.delete("default");
  }

  /** The name of the entry that is used when none is given. */
  get default(): string | undefined {
    const name = this.#document.get("default");
    return typeof name === "string" && name !== "" ? name : undefined;
  }

  set default(name: string | undefined) {
    if (name === undefined) this.#document.delete("default");
    else if (this.#document.has("default")) this.#document.set("default", textScalar(name));
    else {
      const top = this.#document.contents;
      const after = isMap(top)
        ? top.items.findIndex(({ key }) => isScalar(key) && key.value === "version") + 1
        : 0;
      if (isMap(top)) top.items.splice(after, 0, this.#document.createPair("default", textScalar(name)));
    }
  }

  /** The options of an entry as a map of its own, which can be changed. */
  #ownMap(name: string): YAMLMap {
    const node = this.#entries.get(name, true);
    if (isMap(node)) return node;
    const map = mapOf(this.get(name) ?? {});
    this.#entries.set(name, map);
    return map;
  }

  #setIn(map: YAMLMap, key: string, value: YAMLMap | Scalar): void {
    // An empty map is written {}, and would keep what is added to it within the braces.
    if (map.items.length === 0) map.flow = false;
    const old = map.get(key, true);
    if (isScalar(old) && isScalar(value)) {
      // The node stays, and with it the comment behind it.
      old.value = value.value;
      old.type = value.type;
    } else if (map.has(key)) {
      map.set(key, value);
    } else {
      map.set(textScalar(key), value);
    }
  }
}

function mapOf(options: Entry): YAMLMap {
  const map = new YAMLMap();
  for (const [key, value] of Object.entries(options)) map.set(textScalar(key), textScalar(value));
  return map;
}

function isEmptyScalar(node: unknown): boolean {
  return isScalar(node) && textOf(node) === "";
}

/** The text of a scalar; a plain null is empty, as for Go. */
function textOf(node: unknown): string {
  if (!isScalar(node)) return "";
  const text = String(node.value ?? "");
  return (node.type === undefined || node.type === "PLAIN") && /^(~|null|Null|NULL)$/.test(text) ? "" : text;
}
