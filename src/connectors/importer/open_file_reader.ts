/** The reader of an importer's files, opened from plain data. */

import { FsFileReader } from "./fs_reader.ts";
import type { FileReader, ReaderSpec } from "./importer.ts";
import { PlakarError } from "../../lib/errors.ts";

/**
 * Opens a reader of its own connection.
 *
 * @param spec what the importer gave
 * @param warn told what a person should know
 * @returns the reader
 */
export function openFileReader(spec: ReaderSpec, warn: (message: string) => void): Promise<FileReader> {
  if (spec.protocol === "fs") return Promise.resolve(new FsFileReader());
  warn("no");
  throw new PlakarError("unsupported", "sftp");
}
