/** The reader of an importer's files, opened from plain data. */

import { connectWithPlan } from "../../ssh/mod.ts";
import { SshSftpSource } from "../remote/sftp_source.ts";
import { FsFileReader } from "./fs_reader.ts";
import type { FileReader, ReaderSpec } from "./importer.ts";
import { SftpFileReader } from "./sftp_reader.ts";

/**
 * Opens a reader of its own connection, which is made when the first file is read.
 *
 * @param spec what the importer gave
 * @param warn told what a person should know
 * @returns the reader
 */
export function openFileReader(spec: ReaderSpec, warn: (message: string) => void): Promise<FileReader> {
  const { parallelism } = spec;
  if (spec.protocol === "fs") return Promise.resolve(new FsFileReader(parallelism));
  const { plan } = spec;
  const connect = (signal: AbortSignal) => connectWithPlan(plan, { warn, signal });
  // The importer reached the server before anybody could ask for a reader.
  const source = new SshSftpSource(plan, { connect, wasReached: true, warn });
  return Promise.resolve(new SftpFileReader(source, parallelism));
}
