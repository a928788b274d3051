/** The verb "scan": what a backup would find, without reading or writing any content. */

import type { Importer, WalkOptions } from "../connectors/importer/importer.ts";
import type { FileInfo } from "../kloset/file_info.ts";
import { isDirectory, isRegular } from "../kloset/file_mode.ts";
import { join } from "../lib/byte_path.ts";
import type { ByteString } from "../lib/byte_string.ts";

/** Told what a scan finds, as it finds it. */
export interface ScanEvents {
  /** A path is there. */
  found(path: ByteString, info: FileInfo): void;
  /** A path could not be examined. */
  failed(path: ByteString, message: string): void;
}

/** What {@linkcode scan} works with. */
export interface ScanOptions extends WalkOptions {
  /** What is walked. */
  importer: Importer;
  /** Told what is found. */
  events: ScanEvents;
}

/** What a scan found. */
export interface ScanResult {
  /** Directories, without those above the root. */
  directories: number;
  /** Everything else. */
  files: number;
  /** The size of all regular files. */
  bytes: number;
  /** Paths that could not be examined. */
  errors: number;
  /** The size of what is in the root, each with everything below it. */
  parts: ReadonlyMap<ByteString, number>;
}

/**
 * Walks a source as a backup does.
 *
 * @param options the source, and what stays out
 * @returns the totals
 */
export async function scan({ importer, events, ...walk }: ScanOptions): Promise<ScanResult> {
  const result = { directories: 0, files: 0, bytes: 0, errors: 0 };
  const parts = new Map<ByteString, number>();
  for await (const { path, children, errors } of importer.walk(walk)) {
    for (const error of errors) {
      result.errors++;
      events.failed(error.path, error.message);
    }
    result.directories++;
    for (const { info } of children) {
      const at = join(path, info.name);
      if (!isDirectory(info.mode)) result.files++;
      const size = isRegular(info.mode) ? info.size : 0;
      result.bytes += size;
      const part = partOf(at, importer.root);
      parts.set(part, (parts.get(part) ?? 0) + size);
      events.found(at, info);
    }
  }
  for (const { path, info } of await importer.ancestors()) events.found(path, info);
  return { ...result, parts };
}

/** The path directly in the root that a path is, or is below. */
function partOf(path: ByteString, root: ByteString): ByteString {
  const end = path.indexOf("/", root === "/" ? 1 : root.length + 1);
  return (end < 0 ? path : path.slice(0, end)) as ByteString;
}
