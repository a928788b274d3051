/** The importers of locations. */

import type { ConnectEnvironment } from "../connect_environment.ts";
import type { Location } from "../location.ts";
import { FsImporter } from "./fs.ts";
import type { Importer } from "./importer.ts";

/**
 * Opens the importer of a location; over SSH this connects, which may ask a person.
 *
 * @param location what is to be backed up
 * @param environment the machine, and the person in front of it
 * @returns the importer
 */
export async function openImporter(location: Location, environment: ConnectEnvironment): Promise<Importer> {
  if (location.protocol === "fs") return await FsImporter.open(location, environment.hostname);
  // SSH is loaded only by who connects: starting stays fast.
  const { openSftpSource } = await import("../remote/open_sftp_source.ts");
  const { SftpImporter } = await import("./sftp.ts");
  return await SftpImporter.open(await openSftpSource(location, environment.ssh, environment.io), location);
}

/**
 * Opens the importer of another directory of the same host, over the same connection.
 *
 * @param first the importer of the first directory; the new one is disposed of before it
 * @param location what is to be backed up, which differs from the first one's location in the path alone
 * @param environment the machine
 * @returns the importer
 */
export async function openImporterBeside(
  first: Importer,
  location: Location,
  environment: ConnectEnvironment,
): Promise<Importer> {
  if (location.protocol === "fs") return await openImporter(location, environment);
  const { SftpImporter } = await import("./sftp.ts");
  return first instanceof SftpImporter
    ? await first.beside(location)
    : await openImporter(location, environment);
}
