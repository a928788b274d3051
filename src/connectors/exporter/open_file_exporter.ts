/** The exporter of files for another thread, opened from plain data. */

import { sftpSourceOf } from "../remote/open_sftp_source.ts";
import type { FileExporterSpec } from "./exporter.ts";
import { FileExporter } from "./file_exporter.ts";
import { localTarget } from "./fs.ts";
import { sftpTarget } from "./sftp.ts";

/**
 * Opens an exporter of its own connection, which is made when the first file is written.
 *
 * @param spec what the exporter gave
 * @param warn told what a person should know
 * @param signal once it is aborted, a server that says nothing is not waited for long
 * @returns the exporter
 */
export function openFileExporter(
  spec: FileExporterSpec,
  warn: (message: string) => void,
  signal?: AbortSignal,
): FileExporter {
  if (spec.protocol === "fs") return new FileExporter(localTarget(spec));
  return new FileExporter(sftpTarget(sftpSourceOf(spec.plan, warn, signal), spec));
}
