/** Headers of snapshots. */

import { ZERO_MAC } from "../lib/bytes.ts";
import type { Classification } from "./classification.ts";
import { readClassifications, writeClassifications } from "./classification.ts";
import type { KeyValue } from "./key_value.ts";
import { readKeyValues, writeKeyValues } from "./key_value.ts";
import { MsgpackReader, ZERO_TIME } from "./msgpack_reader.ts";
import { MsgpackWriter } from "./msgpack_writer.ts";
import type { Source } from "./source.ts";
import { readSource, writeSource } from "./source.ts";
import { VERSION_1_0_0 } from "./version.ts";

/** Who signed a snapshot; nobody if the identifier is zero. */
export interface Identity {
  /** The UUID of the identity, 16 bytes. */
  identifier: Uint8Array;
  /** Its Ed25519 key. */
  publicKey: Uint8Array | undefined;
}

/**
 * The identity of nobody.
 *
 * @returns an identity for a snapshot that is not signed
 */
export function emptyIdentity(): Identity {
  return { identifier: new Uint8Array(16), publicKey: undefined };
}

/** The header of a snapshot. */
export interface Header {
  /** The version of its format. */
  version: number;
  /** The identifier of the snapshot, 32 random bytes, under which this header is stored. */
  identifier: Uint8Array;
  /** When the backup began, in nanoseconds since 1970. */
  timestamp: bigint;
  /** How long it took, in nanoseconds. */
  duration: bigint;
  /** Who signed it. */
  identity: Identity;
  /** The name that was given, by default `default`. */
  name: string;
  /** The category that was given. */
  category: string;
  /** The environment that was given. */
  environment: string;
  /** The perimeter that was given. */
  perimeter: string;
  /** The job that was given. */
  job: string;
  /** Always 1. */
  replicas: number;
  /** The dataset that was given. */
  dataset: string;
  /** The classes of data that were given. */
  dataClasses: string[];
  /** What analyzers think. */
  classifications: Classification[];
  /** The tags that were given. */
  tags: string[];
  /** Where and by what the snapshot was taken. */
  context: KeyValue[];
  /** What it was taken of. One in practice; nobody reads a second. */
  sources: [Source, ...Source[]];
}

const FIELDS = [
  "version",
  "identifier",
  "timestamp",
  "duration",
  "identity",
  "name",
  "category",
  "environment",
  "perimeter",
  "job",
  "replicas",
  "dataset",
  "data_classes",
  "classifications",
  "tags",
  "context",
  "sources",
] as const;
const IDENTITY_FIELDS = ["identifier", "public_key"] as const;

/**
 * Encodes a header byte for byte as plakar does.
 *
 * @param header what to encode
 * @returns the plain blob
 */
export function encodeHeader(header: Header): Uint8Array {
  const writer = new MsgpackWriter();
  writer.mapHeader(FIELDS.length);
  writer.key("version");
  writer.uint32(header.version);
  writer.key("identifier");
  writer.bin(header.identifier);
  writer.key("timestamp");
  writer.time(header.timestamp);
  writer.key("duration");
  writer.int64(header.duration);
  writer.key("identity");
  writer.mapHeader(IDENTITY_FIELDS.length);
  writer.key("identifier");
  writer.bin(header.identity.identifier);
  writer.key("public_key");
  writer.bin(header.identity.publicKey);
  for (const field of ["name", "category", "environment", "perimeter", "job"] as const) {
    writer.key(field);
    writer.text(header[field]);
  }
  writer.key("replicas");
  writer.uint32(header.replicas);
  writer.key("dataset");
  writer.text(header.dataset);
  writer.key("data_classes");
  writeTexts(writer, header.dataClasses);
  writer.key("classifications");
  writeClassifications(writer, header.classifications);
  writer.key("tags");
  writeTexts(writer, header.tags);
  writer.key("context");
  writeKeyValues(writer, header.context);
  writer.key("sources");
  writer.arrayHeader(header.sources.length);
  for (const source of header.sources) writeSource(writer, source);
  return writer.take();
}

function writeTexts(writer: MsgpackWriter, texts: readonly string[]): void {
  writer.arrayHeader(texts.length);
  for (const text of texts) writer.text(text);
}

/**
 * Decodes a header, also one of plakar 1.0, which has no dataset and no data classes.
 *
 * @param bytes the plain blob, of which ids are views
 * @returns the header
 * @throws {PlakarError} `corrupt` if it is none, or if it has no source
 */
export function decodeHeader(bytes: Uint8Array): Header {
  const reader = new MsgpackReader(bytes, "snapshot header");
  const sources: Source[] = [];
  const header: Omit<Header, "sources"> = {
    version: VERSION_1_0_0,
    identifier: ZERO_MAC,
    timestamp: ZERO_TIME,
    duration: 0n,
    identity: emptyIdentity(),
    name: "",
    category: "",
    environment: "",
    perimeter: "",
    job: "",
    replicas: 0,
    dataset: "",
    dataClasses: [],
    classifications: [],
    tags: [],
    context: [],
  };
  reader.readMap(FIELDS, (field) => {
    switch (field) {
      case "version":
        header.version = reader.uint32();
        break;
      case "identifier":
        header.identifier = reader.mac();
        break;
      case "timestamp":
        header.timestamp = reader.time();
        break;
      case "duration":
        header.duration = reader.int64();
        break;
      case "identity":
        readIdentity(reader, header.identity);
        break;
      case "name":
      case "category":
      case "environment":
      case "perimeter":
      case "job":
      case "dataset":
        header[field] = reader.text();
        break;
      case "replicas":
        header.replicas = reader.uint32();
        break;
      case "data_classes":
        header.dataClasses = readTexts(reader);
        break;
      case "classifications":
        header.classifications = readClassifications(reader);
        break;
      case "tags":
        header.tags = readTexts(reader);
        break;
      case "context":
        header.context = readKeyValues(reader);
        break;
      default:
        sources.length = 0;
        reader.readArray(() => sources.push(readSource(reader)));
    }
  });
  const [source, ...others] = sources;
  if (source === undefined) throw reader.error("it has no source");
  return { ...header, sources: [source, ...others] };
}

function readTexts(reader: MsgpackReader): string[] {
  const texts: string[] = [];
  reader.readArray(() => texts.push(reader.text()));
  return texts;
}

function readIdentity(reader: MsgpackReader, identity: Identity): void {
  reader.readMap(IDENTITY_FIELDS, (field) => {
    if (field === "identifier") identity.identifier = reader.uuid();
    else identity.publicKey = reader.bin();
  });
}
