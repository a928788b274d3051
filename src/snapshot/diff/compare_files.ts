/** Whether two files have the same content, without reading more than that takes. */

import type { Mac } from "../../crypto/mac.ts";
import { concat, equal } from "../../lib/bytes.ts";
import type { ComparedEntry, ComparedSide } from "./compared_side.ts";

/** A file of a side. */
export interface ComparedFile {
  /** The side. */
  side: ComparedSide;
  /** The file. */
  entry: ComparedEntry;
}

/** What two files are to each other: the same, texts that differ, or other contents that differ. */
export type FileVerdict =
  | { kind: "same" }
  | { kind: "text"; texts: [Uint8Array, Uint8Array] }
  | { kind: "binary" }
  | { kind: "large" };

/** How files are compared. */
export interface FileComparison {
  /** The MAC by which the repository names contents. */
  mac: Mac;
  /** Whether texts are wanted, or only whether they differ. */
  texts: boolean;
  /** Whether a file whose size and time are the same is taken for the same. */
  trustsTimes: boolean;
  /** Stops the work. */
  signal?: AbortSignal;
}

/** Longer texts are not compared line by line. */
const MAX_TEXT = 8 * 1024 * 1024;
/** What plakar looks at to tell text from other content. */
const START = 512;

/**
 * Compares two files.
 *
 * @param files the two
 * @param comparison how
 * @returns what they are to each other; `large` where only that they differ is known
 */
export async function compareFiles(
  files: readonly [ComparedFile, ComparedFile],
  comparison: FileComparison,
): Promise<FileVerdict> {
  const { trustsTimes, texts, mac, signal } = comparison;
  if (trustsTimes && isUnchanged(files)) return { kind: "same" };
  const [one, other] = files;
  const macs = [await one.side.contentMac(one.entry), await other.side.contentMac(other.entry)];
  const sizesDiffer = one.entry.info.size !== other.entry.info.size;
  const reads: (Content | undefined)[] = [undefined, undefined];
  for (const [i, file] of files.entries()) {
    if (macs[i] || (sizesDiffer && !texts)) continue;
    const content = await readContent(file, texts ? MAX_TEXT : 0, mac, signal);
    macs[i] = content.mac;
    reads[i] = content;
  }
  if (macs[0] && macs[1] && equal(macs[0], macs[1])) return { kind: "same" };
  if (!texts) return { kind: "large" };
  const contents: Content[] = [];
  for (const [i, file] of files.entries()) {
    const limit = file.entry.info.size > MAX_TEXT ? START : MAX_TEXT;
    const content = reads[i] ?? await readContent(file, limit, undefined, signal);
    if (isBinary(content.bytes.subarray(0, START))) return { kind: "binary" };
    contents.push(content);
  }
  const [a, b] = contents;
  return a.isWhole && b.isWhole ? { kind: "text", texts: [a.bytes, b.bytes] } : { kind: "large" };
}

/** The test by which a backup knows that a file need not be read again. */
function isUnchanged([one, other]: readonly [ComparedFile, ComparedFile]): boolean {
  const [a, b] = [one.entry.info, other.entry.info];
  const step = one.side.timePrecision > other.side.timePrecision
    ? one.side.timePrecision
    : other.side.timePrecision;
  return a.size === b.size && a.mtime / step === b.mtime / step;
}

interface Content {
  /** The first bytes, all of them if `isWhole`. */
  bytes: Uint8Array;
  isWhole: boolean;
  mac: Uint8Array | undefined;
}

/** Reads a file; without a MAC to compute, no more than is kept. */
async function readContent(
  { side, entry }: ComparedFile,
  limit: number,
  mac: Mac | undefined,
  signal: AbortSignal | undefined,
): Promise<Content> {
  const stream = mac?.stream();
  const kept: Uint8Array[] = [];
  let length = 0;
  const enough = new AbortController();
  const stop = signal ? AbortSignal.any([signal, enough.signal]) : enough.signal;
  try {
    await side.read(entry, (piece) => {
      stream?.update(piece);
      if (length <= limit) kept.push(piece.slice());
      length += piece.length;
      if (!stream && length > limit) enough.abort();
    }, stop);
  } catch (error) {
    signal?.throwIfAborted();
    if (!enough.signal.aborted) throw error;
  }
  return { bytes: concat(...kept), isWhole: length <= limit, mac: stream?.digest() };
}

/** Whether plakar would say so: a control character that texts have no use for. */
function isBinary(start: Uint8Array): boolean {
  return start.some((byte) =>
    byte === 0x7f || (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0c && byte !== 0x0d)
  );
}
