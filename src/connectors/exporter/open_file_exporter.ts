/** The exporter of files for another thread, opened from plain data. */

import { sftpSourceOf } from "../remote/open_sftp_source.ts";
import type { FileExporterSpec } from "./exporter.ts";
import { FileExporter } from "./file_exporter.ts";
import { localTarget } from "./fs.ts";
import { openSftpTarget } from "./sftp.ts";

/**
 * Opens an exporter of its own connection, without which the work goes on if it cannot be made.
 *
 * @param spec what the exporter gave
 * @param warn told what a person should know
 * @param signal once it is aborted, a server that says nothing is not waited for long
 * @returns the exporter
 */
export async function openFileExporter(
  spec: FileExporterSpec,
  warn: (message: string) => void,
  signal?: AbortSignal,
): Promise<FileExporter> {
  if (spec.protocol === "fs") return new FileExporter(localTarget(spec));
  const source = sftpSourceOf(spec.plan, { warn, isExtra: true, signal });
  return new FileExporter(await openSftpTarget(source, spec));
}
