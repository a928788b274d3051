/** The storage of a location. */

import { PlakarError } from "../../lib/errors.ts";
import type { Location } from "../location.ts";
import { FsStorage } from "./fs.ts";
import type { Storage } from "./storage.ts";

/**
 * Opens the storage of a location; nothing is looked at yet.
 *
 * @param location where the repository is or will be
 * @returns its storage
 * @throws {PlakarError} `unsupported` if repositories cannot be kept there
 */
export function openStorage(location: Location): Storage {
  if (location.protocol === "fs") return new FsStorage(location.path);
  throw new PlakarError("unsupported", `Cannot keep a repository at "sftp://${location.host}"`, {
    hint: "Keep it in a local directory; a server can be what is backed up, and where is restored to",
  });
}
