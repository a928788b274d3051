/** Summaries: the totals of a directory and of everything below it. */

import { MsgpackReader } from "./msgpack_reader.ts";
import { MsgpackWriter } from "./msgpack_writer.ts";

/** Totals over some files. Of times, sizes and entropies 0 also means that there is none. */
export interface SummaryCounters {
  /** Directories. */
  directories: number;
  /** Regular files, and what is none of the following. */
  files: number;
  /** Symbolic links. */
  symlinks: number;
  /** Devices. */
  devices: number;
  /** Named pipes. */
  pipes: number;
  /** Sockets. */
  sockets: number;
  /** All of these together. */
  children: number;
  /** Files that run as their owner. */
  setuid: number;
  /** Files that run as their group. */
  setgid: number;
  /** Files with the sticky bit. */
  sticky: number;
  /** Files with content. */
  objects: number;
  /** Chunks of all contents. */
  chunks: number;
  /** Smallest size in bytes. */
  minSize: number;
  /** Largest size in bytes. */
  maxSize: number;
  /** Mean size in bytes; only of a directory itself. */
  avgSize: number;
  /** All sizes together. */
  size: number;
  /** Oldest modification, in seconds since 1970. */
  minModTime: number;
  /** Newest modification, in seconds since 1970. */
  maxModTime: number;
  /** Smallest entropy. */
  minEntropy: number;
  /** Largest entropy. */
  maxEntropy: number;
  /** All entropies together; only of a directory itself. */
  sumEntropy: number;
  /** Mean entropy; only of a directory itself. */
  avgEntropy: number;
  /** Files of an entropy of 7 and more. */
  hiEntropy: number;
  /** Files of an entropy of 2 and less. */
  loEntropy: number;
  /** Files of type `audio/…`. */
  mimeAudio: number;
  /** Files of type `video/…`. */
  mimeVideo: number;
  /** Files of type `image/…`. */
  mimeImage: number;
  /** Files of type `text/…`. */
  mimeText: number;
  /** Files of type `application/…`. */
  mimeApplication: number;
  /** Files of other types. */
  mimeOther: number;
  /** Errors. */
  errors: number;
}

/** The totals of a directory. */
export interface Summary {
  /** Over what is directly in it. */
  directory: SummaryCounters;
  /** Over what is in the directories in it, and the errors directly in it. */
  below: SummaryCounters;
}

type Kind = "uint64" | "int64" | "float64";
type Field = readonly [key: string, counter: keyof SummaryCounters, kind: Kind];

const DIRECTORY_FIELDS: readonly Field[] = [
  ["directories", "directories", "uint64"],
  ["files", "files", "uint64"],
  ["symlinks", "symlinks", "uint64"],
  ["devices", "devices", "uint64"],
  ["pipes", "pipes", "uint64"],
  ["sockets", "sockets", "uint64"],
  ["children", "children", "uint64"],
  ["setuid", "setuid", "uint64"],
  ["setgid", "setgid", "uint64"],
  ["sticky", "sticky", "uint64"],
  ["objects", "objects", "uint64"],
  ["chunks", "chunks", "uint64"],
  ["min_size", "minSize", "uint64"],
  ["max_size", "maxSize", "uint64"],
  ["avg_size", "avgSize", "uint64"],
  ["size", "size", "uint64"],
  ["min_mod_time", "minModTime", "int64"],
  ["max_mod_time", "maxModTime", "int64"],
  ["min_entropy", "minEntropy", "float64"],
  ["max_entropy", "maxEntropy", "float64"],
  ["sum_entropy", "sumEntropy", "float64"],
  ["avg_entropy", "avgEntropy", "float64"],
  ["hi_entropy", "hiEntropy", "uint64"],
  ["lo_entropy", "loEntropy", "uint64"],
  ["MIME_audio", "mimeAudio", "uint64"],
  ["MIME_video", "mimeVideo", "uint64"],
  ["MIME_image", "mimeImage", "uint64"],
  ["MIME_text", "mimeText", "uint64"],
  ["MIME_application", "mimeApplication", "uint64"],
  ["MIME_other", "mimeOther", "uint64"],
  ["errors", "errors", "uint64"],
];
const ONLY_DIRECTORY: ReadonlySet<string> = new Set(["avg_size", "sum_entropy", "avg_entropy"]);
const BELOW_FIELDS: readonly Field[] = DIRECTORY_FIELDS.filter(([key]) => !ONLY_DIRECTORY.has(key));
const DIRECTORY_KEYS: readonly string[] = DIRECTORY_FIELDS.map(([key]) => key);
const BELOW_KEYS: readonly string[] = BELOW_FIELDS.map(([key]) => key);
const FIELD_OF: ReadonlyMap<string, Field> = new Map(DIRECTORY_FIELDS.map((field) => [field[0], field]));

/**
 * Totals over nothing.
 *
 * @returns counters that are all 0
 */
export function noCounters(): SummaryCounters {
  return {
    directories: 0,
    files: 0,
    symlinks: 0,
    devices: 0,
    pipes: 0,
    sockets: 0,
    children: 0,
    setuid: 0,
    setgid: 0,
    sticky: 0,
    objects: 0,
    chunks: 0,
    minSize: 0,
    maxSize: 0,
    avgSize: 0,
    size: 0,
    minModTime: 0,
    maxModTime: 0,
    minEntropy: 0,
    maxEntropy: 0,
    sumEntropy: 0,
    avgEntropy: 0,
    hiEntropy: 0,
    loEntropy: 0,
    mimeAudio: 0,
    mimeVideo: 0,
    mimeImage: 0,
    mimeText: 0,
    mimeApplication: 0,
    mimeOther: 0,
    errors: 0,
  };
}

/**
 * Writes a summary byte for byte as plakar does.
 *
 * @param writer where to
 * @param summary what to write
 */
export function writeSummary(writer: MsgpackWriter, summary: Summary): void {
  const directory = DIRECTORY_FIELDS.filter(([, counter]) => summary.directory[counter] !== 0);
  const below = BELOW_FIELDS.filter(([, counter]) => counter === "errors" || summary.below[counter] !== 0);
  writer.mapHeader(directory.length === 0 ? 1 : 2);
  if (directory.length > 0) {
    writer.key("directory");
    writeCounters(writer, summary.directory, directory);
  }
  writer.key("below");
  writeCounters(writer, summary.below, below);
}

function writeCounters(writer: MsgpackWriter, counters: SummaryCounters, fields: readonly Field[]): void {
  writer.mapHeader(fields.length);
  for (const [key, counter, kind] of fields) {
    writer.key(key);
    writer[kind](counters[counter]);
  }
}

/**
 * Reads a summary.
 *
 * @param reader where from
 * @returns the summary
 * @throws {PlakarError} `corrupt` if it is none
 */
export function readSummary(reader: MsgpackReader): Summary {
  const summary = { directory: noCounters(), below: noCounters() };
  reader.readMap(["directory", "below"], (part) => {
    const counters = part === "directory" ? summary.directory : summary.below;
    reader.readMap(part === "directory" ? DIRECTORY_KEYS : BELOW_KEYS, (key) => {
      const field = FIELD_OF.get(key);
      if (field === undefined) return reader.skip();
      const [, counter, kind] = field;
      counters[counter] = kind === "float64" ? reader.float64() : reader.integer();
    });
  });
  return summary;
}

const blobWriter = new MsgpackWriter();

/**
 * Encodes the summary of a directory.
 *
 * @param summary what to encode
 * @returns the plain blob
 */
export function encodeSummary(summary: Summary): Uint8Array {
  blobWriter.reset();
  writeSummary(blobWriter, summary);
  return blobWriter.take();
}

/**
 * Decodes the summary of a directory.
 *
 * @param bytes the plain blob
 * @returns the summary
 * @throws {PlakarError} `corrupt` if it is none
 */
export function decodeSummary(bytes: Uint8Array): Summary {
  return readSummary(new MsgpackReader(bytes, "summary"));
}

/**
 * The size of everything in a directory and below it.
 *
 * @param summary its summary
 * @returns bytes
 */
export function totalSize(summary: Summary): number {
  return summary.directory.size + summary.below.size;
}

/**
 * Totals over a directory and everything below it. Minima and maxima are over both, as plakar combines them.
 *
 * @param summary the directory's summary
 * @returns the totals; what a directory alone has is added up and means nothing
 */
export function wholeOf({ directory, below }: Summary): SummaryCounters {
  const sum = { ...directory };
  for (const key of Object.keys(sum) as (keyof SummaryCounters)[]) {
    if (key.startsWith("min")) sum[key] = Math.min(directory[key], below[key]);
    else if (key.startsWith("max")) sum[key] = Math.max(directory[key], below[key]);
    else sum[key] = directory[key] + below[key];
  }
  return sum;
}
