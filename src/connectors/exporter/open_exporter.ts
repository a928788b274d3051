/** The exporter of a location. */

import type { ConnectEnvironment } from "../connect_environment.ts";
import type { Location } from "../location.ts";
import type { Exporter } from "./exporter.ts";
import { openFsExporter } from "./fs.ts";

/**
 * Opens the exporter of a location; over SSH this connects, which may ask a person.
 *
 * @param location where to restore to
 * @param environment the machine, and the person in front of it
 * @returns the exporter
 */
export async function openExporter(location: Location, environment: ConnectEnvironment): Promise<Exporter> {
  if (location.protocol === "fs") return await openFsExporter(location);
  const { openSftpSource } = await import("../remote/open_sftp_source.ts");
  const { openSftpExporter } = await import("./sftp.ts");
  return await openSftpExporter(await openSftpSource(location, environment.ssh, environment.io), location);
}
