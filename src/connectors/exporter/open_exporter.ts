/** The exporter of a location. */

import type { ConnectEnvironment } from "../connect_environment.ts";
import type { Location } from "../location.ts";
import type { Exporter, ExporterOptions } from "./exporter.ts";
import { openFsExporter } from "./fs.ts";

/**
 * Opens the exporter of a location; over SSH this connects, which may ask a person.
 *
 * @param location where to restore to
 * @param environment the machine, and the person in front of it
 * @param options what is to be restored of metadata
 * @returns the exporter
 */
export async function openExporter(
  location: Location,
  environment: ConnectEnvironment,
  options: ExporterOptions = {},
): Promise<Exporter> {
  if (location.protocol === "fs") return await openFsExporter(location, options);
  const { openSftpSource } = await import("../remote/open_sftp_source.ts");
  const { openSftpExporter } = await import("./sftp.ts");
  const source = await openSftpSource(location, environment.ssh, environment.io);
  return await openSftpExporter(source, location, options);
}
