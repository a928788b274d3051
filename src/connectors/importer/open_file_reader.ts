/** The reader of an importer's files, opened from plain data. */

import { sftpSourceOf } from "../remote/open_sftp_source.ts";
import { FsFileReader } from "./fs_reader.ts";
import type { FileReader, ReaderSpec } from "./importer.ts";
import { SftpFileReader } from "./sftp_reader.ts";

/**
 * Connects, and opens a reader.
 *
 * @param spec what the importer gave
 * @param warn told what a person should know
 * @param isExtra whether the work goes on without it: then a server that refuses it is not waited for
 * @returns the reader
 */
export async function openFileReader(
  spec: ReaderSpec,
  warn: (message: string) => void,
  isExtra = false,
): Promise<FileReader> {
  const { parallelism } = spec;
  if (spec.protocol === "fs") return new FsFileReader(parallelism);
  const reader = new SftpFileReader(sftpSourceOf(spec.plan, { warn, isExtra }), parallelism);
  await reader.connect();
  return reader;
}
