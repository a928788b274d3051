/** The exporter of files for another thread, opened from plain data. */

import { connectWithPlan } from "../../ssh/mod.ts";
import { SshSftpSource } from "../remote/sftp_source.ts";
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
  const { plan } = spec;
  const connect = (signal: AbortSignal) => connectWithPlan(plan, { warn, signal });
  // The exporter reached the server before anybody could ask for another.
  const source = new SshSftpSource(plan, { connect, wasReached: true, warn, signal });
  return new FileExporter(sftpTarget(source, spec));
}
