/** Sources: what a snapshot was taken of, and where its trees are. */

import type { ByteString } from "../lib/byte_string.ts";
import { ZERO_MAC } from "../lib/bytes.ts";
import type { KeyValue } from "./key_value.ts";
import { readKeyValues, writeKeyValues } from "./key_value.ts";
import type { MsgpackReader } from "./msgpack_reader.ts";
import type { MsgpackWriter } from "./msgpack_writer.ts";
import type { Summary } from "./summary.ts";
import { noCounters, readSummary, writeSummary } from "./summary.ts";

/** Where a snapshot's files came from. */
export interface SourceImporter {
  /** The protocol: `sftp`. */
  type: string;
  /** The host: `host` or `host:port`. */
  origin: ByteString;
  /** The absolute path at which the backup began. */
  directory: ByteString;
}

/** The ids of the root blobs of the three trees that every snapshot has. */
export interface SourceTrees {
  /** Of paths to entries. */
  root: Uint8Array;
  /** Of extended attributes. */
  xattrs: Uint8Array;
  /** Of paths to errors. */
  errors: Uint8Array;
}

/** A further tree. */
export interface SourceIndex {
  /** `content-type`, `dirpack` or `summary`: plakar's maintenance stops at any other. */
  name: string;
  /** `btree`. */
  type: string;
  /** The id of its root blob. */
  value: Uint8Array;
}

/** What a snapshot was taken of. */
export interface Source {
  /** Where the files came from. */
  importer: SourceImporter;
  /** More about it. */
  context: KeyValue[];
  /** The trees of the snapshot. */
  root: SourceTrees;
  /** Its further trees. */
  indexes: SourceIndex[];
  /** The totals of `/`. */
  summary: Summary;
}

const FIELDS = ["importer", "context", "root", "indexes", "summary"] as const;
const IMPORTER_FIELDS = ["type", "origin", "directory"] as const;
const TREE_FIELDS = ["root", "xattrs", "errors"] as const;
const INDEX_FIELDS = ["name", "type", "value"] as const;

/**
 * Writes a source byte for byte as plakar does.
 *
 * @param writer where to
 * @param source what to write
 */
export function writeSource(writer: MsgpackWriter, source: Source): void {
  writer.mapHeader(FIELDS.length);
  writer.key("importer");
  writer.mapHeader(IMPORTER_FIELDS.length);
  writer.key("type");
  writer.text(source.importer.type);
  writer.key("origin");
  writer.str(source.importer.origin);
  writer.key("directory");
  writer.str(source.importer.directory);
  writer.key("context");
  writeKeyValues(writer, source.context);
  writer.key("root");
  writer.mapHeader(TREE_FIELDS.length);
  for (const tree of TREE_FIELDS) {
    writer.key(tree);
    writer.bin(source.root[tree]);
  }
  writer.key("indexes");
  writer.arrayHeader(source.indexes.length);
  for (const index of source.indexes) {
    writer.mapHeader(INDEX_FIELDS.length);
    writer.key("name");
    writer.text(index.name);
    writer.key("type");
    writer.text(index.type);
    writer.key("value");
    writer.bin(index.value);
  }
  writer.key("summary");
  writeSummary(writer, source.summary);
}

/**
 * Reads a source.
 *
 * @param reader where from
 * @returns the source
 * @throws {PlakarError} `corrupt` if it is none
 */
export function readSource(reader: MsgpackReader): Source {
  const source: Source = {
    importer: { type: "", origin: "" as ByteString, directory: "" as ByteString },
    context: [],
    root: { root: ZERO_MAC, xattrs: ZERO_MAC, errors: ZERO_MAC },
    indexes: [],
    summary: { directory: noCounters(), below: noCounters() },
  };
  reader.readMap(FIELDS, (field) => {
    switch (field) {
      case "importer":
        readImporter(reader, source.importer);
        break;
      case "context":
        source.context = readKeyValues(reader);
        break;
      case "root":
        reader.readMap(TREE_FIELDS, (tree) => {
          if (tree === "root") source.root.root = reader.mac();
          else if (tree === "xattrs") source.root.xattrs = reader.mac();
          else source.root.errors = reader.mac();
        });
        break;
      case "indexes":
        source.indexes = [];
        reader.readArray(() => source.indexes.push(readIndex(reader)));
        break;
      default:
        source.summary = readSummary(reader);
    }
  });
  return source;
}

function readImporter(reader: MsgpackReader, importer: SourceImporter): void {
  reader.readMap(IMPORTER_FIELDS, (field) => {
    if (field === "type") importer.type = reader.text();
    else if (field === "origin") importer.origin = reader.str();
    else importer.directory = reader.str();
  });
}

function readIndex(reader: MsgpackReader): SourceIndex {
  const index: SourceIndex = { name: "", type: "", value: ZERO_MAC };
  reader.readMap(INDEX_FIELDS, (field) => {
    if (field === "name") index.name = reader.text();
    else if (field === "type") index.type = reader.text();
    else index.value = reader.mac();
  });
  return index;
}
