/**
 * Locations: where an importer reads, an exporter writes or a storage lives.
 *
 * A location is plain data, so that it can be handed to a worker, which opens its own connection from it.
 */

import type { ByteString } from "../lib/byte_string.ts";

/** A directory of the machine that runs the program. */
export interface LocalLocation {
  /** Always `fs`, the importer type plakar records. */
  protocol: "fs";
  /** The absolute path as the operating system takes it. */
  path: string;
}

/** A directory of an SSH server. */
export interface SftpLocation {
  /** Always `sftp`, the importer type plakar records. */
  protocol: "sftp";
  /** The host as the person named it: an alias of ssh_config, a name or an address without brackets. */
  host: string;
  /** The port, where the location named one. */
  port?: number;
  /** The user, where the location named one. */
  user?: string;
  /** The path, `undefined` for the login directory; a relative path is relative to it. */
  path?: ByteString;
  /** Options of the named remote and of `-o`, merged: `identity_file`, `insecure_ignore_host_key`, … */
  options: Readonly<Record<string, string>>;
}

/** Any location this program can read from or write to. */
export type Location = LocalLocation | SftpLocation;
